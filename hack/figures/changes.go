package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/headgate/headgate/hack/rig"
)

// steadyHost is the host that the load asks; nothing about it changes.
const steadyHost = "steady.example"

// stepsPerHost is how many changes one host lives through: it comes, gets another path, gets another name, and goes.
const stepsPerHost = 4

// change makes the change number i.
func change(s rig.Source, i int) {
	name := fmt.Sprintf("change-%d", i/stepsPerHost)
	switch i % stepsPerHost {
	case 0:
		s.Put(name, ingress(name, name+".example", "steady", "/"))
	case 1:
		s.Put(name, ingress(name, name+".example", "steady", "/", "/more"))
	case 2:
		s.Put(name, ingress(name, "renamed-"+name+".example", "steady", "/"))
	default:
		s.Remove(name)
	}
}

// serviceChange makes the change number i to Services: a host with a Service of its own comes, and goes.
func serviceChange(s rig.Source, i int) {
	name := fmt.Sprintf("change-%d", i/2)
	if i%2 == 0 {
		s.Put(name, service(name, podOne, podTwo)+ingress(name, name+".example", name, "/"))
	} else {
		s.Remove(name)
	}
}

// changes measures what clients notice of a hundred changes to hosts and paths.
func (b *bench) changes() { b.changesOf("changes", change) }

// services measures what clients notice of a hundred changes that no proxy can take over without a reload.
func (b *bench) services() { b.changesOf("services", serviceChange) }

func (b *bench) changesOf(name string, change func(rig.Source, int)) {
	s := b.newSource()
	s.Put("steady", service("steady", podOne, podTwo)+ingress("steady", steadyHost, "steady", "/"))
	backend := b.startBackend()
	g := b.start(s, 0)
	before := g.methods()
	l := startTraffic(g, backend, steadyHost)
	for i := range b.settings.changes {
		change(s, i)
		time.Sleep(b.interval)
	}
	s.Put("last", ingress("last", "last.example", "steady", "/"))
	last := time.Now()
	g.await(last, func() bool { status, _ := g.answer("last.example", "/"); return status == http.StatusOK })
	time.Sleep(time.Second)
	l.end()
	note := func(what, format string, args ...any) { b.note(name, 0, what, format, args...) }
	note(fmt.Sprintf("%d changes, one every %s", b.settings.changes+1, b.interval), "%s", g.methods().since(before))
	lost, races := l.tell(note)
	b.judge(name, lost, races)
}

// judge marks the report if something was lost that may not be. That nginx before 1.27.4 races is known, and HAProxy does at times.
func (b *bench) judge(name string, lost, races int) {
	if lost > 0 || races > 0 && b.proxy == "nginx" && b.atLeast(1, 27, 4) {
		b.report.failed = true
		b.note(name, 0, "VERDICT", "%d lost, %d raced: that may not be", lost, races)
	}
}

// atLeast compares the proxy's version.
func (b *bench) atLeast(wanted ...int) bool {
	for i, part := range strings.Split(b.binary.Version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || i >= len(wanted) || n != wanted[i] {
			return err == nil && (i >= len(wanted) || n > wanted[i])
		}
	}
	return true
}
