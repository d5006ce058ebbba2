package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/headgate/headgate/hack/load"
)

// traffic is the steady traffic of many clients to one host.
type traffic struct {
	gate    *gate
	backend *load.Backend
	stop    chan struct{}
	running sync.WaitGroup
	groups  []*group
	sockets []*load.Socket
	// downloaded tells how the download went.
	downloaded string
}

// group is some clients of one kind.
type group struct {
	name    string
	clients []*load.Client
}

// startTraffic sends requests to a host until the load is ended.
func startTraffic(g *gate, backend *load.Backend, host string) *traffic {
	l := &traffic{gate: g, backend: backend, stop: make(chan struct{})}
	l.groups = []*group{
		newGroup(4, "kept, busy", load.Client{Address: g.http, Host: host, Style: load.Kept}),
		newGroup(16, "kept, 20 ms pauses", load.Client{Address: g.http, Host: host, Style: load.Kept, Pause: 20 * time.Millisecond}),
		newGroup(4, "new connections", load.Client{Address: g.http, Host: host, Style: load.Fresh, Pause: 5 * time.Millisecond}),
	}
	for _, group := range l.groups {
		for _, c := range group.clients {
			l.running.Go(func() { c.Run(l.stop) })
		}
	}
	for range 5 {
		s := &load.Socket{Address: g.http, Host: host}
		l.sockets = append(l.sockets, s)
		l.running.Go(func() { s.Run(l.stop) })
	}
	l.running.Go(func() { l.downloaded = load.Download(g.http, host) })
	time.Sleep(time.Second)
	return l
}

func newGroup(size int, name string, like load.Client) *group {
	g := &group{name: name}
	for range size {
		c := like
		g.clients = append(g.clients, &c)
	}
	return g
}

// end ends the traffic.
func (l *traffic) end() {
	close(l.stop)
	l.backend.Finish()
	l.running.Wait()
}

// total adds up what the clients of a group counted.
func (g *group) total() (counts map[load.Outcome]int, requests, closed int) {
	counts = map[load.Outcome]int{}
	for _, c := range g.clients {
		for o, n := range c.Counts {
			counts[o] += n
			requests += n
		}
		closed += c.Closed
	}
	return counts, requests, closed
}

// tell adds the figures of the load to the report, and returns how many requests were lost and how many raced.
func (l *traffic) tell(note func(what, format string, args ...any)) (lost, races int) {
	for _, g := range l.groups {
		counts, requests, closed := g.total()
		var parts []string
		for _, o := range load.Losses {
			if counts[o] > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", counts[o], o))
			}
			lost += counts[o]
		}
		races += counts[load.Raced]
		parts = append(parts, fmt.Sprintf("%d raced", counts[load.Raced]), fmt.Sprintf("%d closed while idle", closed))
		note("requests, "+g.name, "%d: %s", requests, strings.Join(parts, ", "))
	}
	broken := 0
	for _, s := range l.sockets {
		if s.Err != nil {
			broken++
			note("WebSocket", "cut after %d messages: %v", s.Messages, s.Err)
		}
	}
	note("WebSockets", "%d cut of %d", broken, len(l.sockets))
	note("download over the whole time", "%s", l.downloaded)
	if !strings.HasPrefix(l.downloaded, "whole") {
		broken++
	}
	return lost + broken, races
}
