package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/headgate/headgate/hack/rig"
)

// steadyAnswers is how many right answers in a row mean that no old process answers any more.
const steadyAnswers = 30

// reaction is how long after the writing of a change the first right answer came, and the first of a steady row of them.
type reaction struct{ first, steady sample }

// watch asks until the answers are right and stay so.
func (r *reaction) watch(g *gate, right func() bool) {
	written := time.Now()
	r.first = append(r.first, g.await(written, right))
	row, since := 0, time.Duration(0)
	g.await(written, func() bool {
		if !right() {
			row = 0
			return false
		}
		if row++; row == 1 {
			since = time.Since(written)
		}
		return row == steadyAnswers
	})
	r.steady = append(r.steady, since)
}

// latency measures how soon changes show, beyond the quiet period that headgate is told to wait.
func (b *bench) latency() {
	s := b.newSource()
	s.Put("steady", service("steady", podOne)+ingress("steady", steadyHost, "steady", "/"))
	b.moving(s)
	b.startBackend()
	g := b.start(s, 0)
	held := 0
	for _, n := range b.sizes {
		grow(s, held, n)
		held = max(held, n)
		b.settle(g, s)
		b.latencyAmong(g, s, n)
	}
}

// settle waits until what was written last is in effect, and for the dust to lie.
func (b *bench) settle(g *gate, s rig.Source) {
	s.Put("settle", ingress("settle", "settle.example", "steady", "/"))
	g.await(time.Now(), func() bool { status, _ := g.answer("settle.example", "/"); return status == http.StatusOK })
	s.Remove("settle")
	g.await(time.Now(), func() bool { status, _ := g.answer("settle.example", "/"); return status == http.StatusNotFound })
	time.Sleep(3 * time.Second)
}

// latencyAmong measures among so many other Ingresses.
func (b *bench) latencyAmong(g *gate, s rig.Source, n int) {
	var added, changed, removed, moved reaction
	before := g.methods()
	for i := range b.samples {
		name := fmt.Sprintf("new-%d", i)
		host := name + ".example"
		answers := func(path string, status int) func() bool {
			return func() bool { got, _ := g.answer(host, path); return got == status }
		}
		s.Put(name, ingress(name, host, "steady", "/one"))
		added.watch(g, answers("/one", http.StatusOK))
		time.Sleep(b.interval)
		s.Put(name, ingress(name, host, "steady", "/two"))
		changed.watch(g, answers("/two", http.StatusOK))
		time.Sleep(b.interval)
		s.Remove(name)
		removed.watch(g, answers("/two", http.StatusNotFound))
		time.Sleep(b.interval)
		pod := b.swap(s)
		moved.watch(g, g.movedTo(pod))
		time.Sleep(b.interval)
	}
	for _, kind := range []struct {
		name string
		reaction
	}{{"new Ingress", added}, {"changed path", changed}, {"removed Ingress", removed}, {"endpoint swapped", moved}} {
		b.note("latency", n, kind.name+", first right answer", "%s", kind.first.beyondQuiet())
		b.note("latency", n, kind.name+", steady", "%s", kind.steady.beyondQuiet())
	}
	b.note("latency", n, fmt.Sprintf("%d changes", 4*b.samples), "%s", g.methods().since(before))
}
