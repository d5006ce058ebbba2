package main

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"

	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/watch"
)

// TestDocsNameEveryFlag holds docs/cli.md against the command line, in both directions.
func TestDocsNameEveryFlag(t *testing.T) {
	text := readText(t, filepath.Join("..", "..", "docs", "cli.md"))
	known := map[string]bool{}
	for _, c := range newRoot(streams{}).Commands() {
		c.InheritedFlags().VisitAll(func(f *pflag.Flag) { known["--"+f.Name] = true })
		c.Flags().VisitAll(func(f *pflag.Flag) { known["--"+f.Name] = true })
		if c.IsAvailableCommand() && c.Name() != "help" && !strings.Contains(text, "headgate "+c.Name()) {
			t.Errorf("docs/cli.md does not name the verb %s", c.Name())
		}
	}
	for flag := range known {
		if flag != "--help" && !strings.Contains(text, flag) {
			t.Errorf("docs/cli.md does not name %s", flag)
		}
	}
	for _, flag := range regexp.MustCompile(`--[a-z][a-z-]+`).FindAllString(text, -1) {
		if !known[flag] {
			t.Errorf("docs/cli.md names %s, which does not exist", flag)
		}
	}
}

// TestDocsNameEveryMetric holds docs/run.md against what is registered.
func TestDocsNameEveryMetric(t *testing.T) {
	text := readText(t, filepath.Join("..", "..", "docs", "run.md"))
	m := newMetrics()
	m.watchSource(func() watch.State { return watch.State{} })
	m.watchWorkers(func(context.Context) (int, error) { return 0, nil })
	m.watchCompanion(func() reload.Status { return reload.Status{} })
	descriptions := make(chan *prometheus.Desc, 1000)
	m.registry.Describe(descriptions)
	close(descriptions)
	name := regexp.MustCompile(`fqName: "(headgate_[a-z_]+)"`)
	found := 0
	for d := range descriptions {
		if match := name.FindStringSubmatch(d.String()); match != nil {
			found++
			if !strings.Contains(text, "`"+match[1]) {
				t.Errorf("docs/run.md does not name %s", match[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d metrics were looked at", found)
	}
}
