package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/headgate/headgate/hack/rig"
)

// movingHost is the host whose only pod is swapped for another one again and again.
const movingHost = "moving.example"

// swap moves the host to the other pod.
func (b *bench) swap(s rig.Source) (pod string) {
	pod = podOne
	if b.swaps++; b.swaps%2 == 0 {
		pod = podTwo
	}
	s.Put("moving-endpoints", slice("moving", pod))
	return pod
}

// moving puts the host that moves; its endpoints are put apart, as they are objects of their own.
func (b *bench) moving(s rig.Source) {
	b.swap(s)
	s.Put("moving", `apiVersion: v1
kind: Service
metadata: {name: moving, namespace: figures}
spec: {ports: [{port: 80, targetPort: 9000}]}
`+ingress("moving", movingHost, "moving", "/"))
}

// movedTo asks whether a pod answers for the host.
func (g *gate) movedTo(pod string) func() bool {
	return func() bool {
		status, from := g.answer(movingHost, "/")
		return status == http.StatusOK && from == pod
	}
}

// endpoints measures what clients notice of endpoints that change, each change awaited, and how soon they are served by the new pod.
func (b *bench) endpoints() {
	s := b.newSource()
	b.moving(s)
	backend := b.startBackend()
	g := b.start(s, 0)
	before := g.methods()
	l := startTraffic(g, backend, movingHost)
	var moved reaction
	for range 2 * b.settings.changes {
		pod := b.swap(s)
		moved.watch(g, g.movedTo(pod))
	}
	l.end()
	note := func(what, format string, args ...any) { b.note("endpoints", 0, what, format, args...) }
	note(fmt.Sprintf("%d changes, one after the other", 2*b.settings.changes), "%s", g.methods().since(before))
	note("first answer of the new pod, under load", "%s", moved.first.beyondQuiet())
	note("the new pod alone, under load", "%s", moved.steady.beyondQuiet())
	lost, races := l.tell(note)
	b.judge("endpoints", lost, races)
}

// burst measures how changes that do not wait for one another are put together.
func (b *bench) burst() {
	s := b.newSource()
	b.moving(s)
	backend := b.startBackend()
	g := b.start(s, 0)
	before := g.methods()
	l := startTraffic(g, backend, movingHost)
	start := time.Now()
	var pod string
	for range 2 * b.settings.changes {
		pod = b.swap(s)
		time.Sleep(20 * time.Millisecond)
	}
	took := time.Since(start)
	g.await(time.Now(), g.movedTo(pod))
	time.Sleep(time.Second)
	l.end()
	note := func(what, format string, args ...any) { b.note("burst", 0, what, format, args...) }
	note(fmt.Sprintf("%d endpoint changes in %.1f s", 2*b.settings.changes, took.Seconds()), "%s", g.methods().since(before))
	lost, races := l.tell(note)
	b.judge("burst", lost, races)
}
