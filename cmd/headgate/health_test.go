package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/reload"
)

// TestHealth: a part that does not go on fails the check, one that has nothing to do does not.
func TestHealth(t *testing.T) {
	var status reload.Status
	var stuck pulse
	h := health{
		proxy:   func() reload.Status { return status },
		signs:   map[string]func() time.Time{"work on the input": stuck.sign},
		silence: time.Minute,
	}
	later := time.Now().Add(2 * time.Minute)
	if got := h.unhealthy(time.Now()); got != "" {
		t.Errorf("at first: %q", got)
	}
	stuck.beat()
	if got := h.unhealthy(time.Now()); got != "" {
		t.Errorf("at work: %q", got)
	}
	if got := h.unhealthy(later); !strings.Contains(got, "work on the input does not go on") {
		t.Errorf("stuck: %q", got)
	}
	stuck.rest()
	status.Fault = errors.New("the work dir is gone")
	if got := h.unhealthy(time.Now()); got != "the work dir is gone" {
		t.Errorf("a fault: %q", got)
	}
}

// TestMetricsNameWhatIsConfirmed: not what is in place and awaited.
func TestMetricsNameWhatIsConfirmed(t *testing.T) {
	m := newMetrics()
	shown := func(s reload.Status) string {
		m.status(s)
		families, err := m.registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range families {
			if f.GetName() == "headgate_config_generation_info" {
				for _, series := range f.GetMetric() {
					names = append(names, series.GetLabel()[0].GetValue())
				}
			}
		}
		return strings.Join(names, " ")
	}
	for _, test := range []struct {
		status reload.Status
		want   string
	}{
		{reload.Status{State: reload.StateSwitching, Generation: "a"}, ""},
		{reload.Status{State: reload.StateServing, Generation: "a", LastGood: "a", Ready: true}, "a"},
		{reload.Status{State: reload.StateSwitching, Generation: "b", LastGood: "a", Ready: true}, "a"},
		{reload.Status{State: reload.StateFailed, Generation: "b", LastGood: "a", Ready: true}, "a"},
		{reload.Status{State: reload.StateServing, Generation: "b", LastGood: "b", Ready: true}, "b"},
		{reload.Status{State: reload.StateFailed, Generation: "b", LastGood: "b"}, ""},
	} {
		if got := shown(test.status); got != test.want {
			t.Errorf("%+v: %q, want %q", test.status, got, test.want)
		}
	}
}

// TestKeptFiles: what a removed work dir held comes back.
func TestKeptFiles(t *testing.T) {
	var kept keptFiles
	kept.remember("key", []byte("secret"))
	dir := t.TempDir()
	if err := kept.putBack(dir); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "key"))
	if err != nil || string(data) != "secret" {
		t.Errorf("%q, %v", data, err)
	}
	if err := kept.putBack(filepath.Join(dir, "none")); err == nil {
		t.Error("no folder: no error")
	}
}
