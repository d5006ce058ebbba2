package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// load is the steady traffic of many clients to one host.
type load struct {
	gate    *gate
	backend *backend
	stop    chan struct{}
	running sync.WaitGroup
	groups  []*group
	sockets []*socket
	// downloaded tells how the download went.
	downloaded string
}

// group is some clients of one kind.
type group struct {
	name    string
	clients []*client
}

// startLoad sends requests to a host until the load is ended.
func startLoad(g *gate, backend *backend, host string) *load {
	l := &load{gate: g, backend: backend, stop: make(chan struct{})}
	l.groups = []*group{
		newGroup(4, "kept, busy", client{address: g.http, host: host, style: kept}),
		newGroup(16, "kept, 20 ms pauses", client{address: g.http, host: host, style: kept, pause: 20 * time.Millisecond}),
		newGroup(4, "new connections", client{address: g.http, host: host, style: fresh, pause: 5 * time.Millisecond}),
	}
	for _, group := range l.groups {
		for _, c := range group.clients {
			l.running.Go(func() { c.run(l.stop) })
		}
	}
	for range 5 {
		s := &socket{address: g.http, host: host}
		l.sockets = append(l.sockets, s)
		l.running.Go(func() { s.run(l.stop) })
	}
	l.running.Go(func() { l.downloaded = download(g.http, host) })
	time.Sleep(time.Second)
	return l
}

func newGroup(size int, name string, like client) *group {
	g := &group{name: name}
	for range size {
		c := like
		g.clients = append(g.clients, &c)
	}
	return g
}

// end ends the traffic.
func (l *load) end() {
	close(l.stop)
	close(l.backend.finish)
	l.running.Wait()
}

// total adds up what the clients of a group counted.
func (g *group) total() (counts map[outcome]int, requests, closed int) {
	counts = map[outcome]int{}
	for _, c := range g.clients {
		for o, n := range c.counts {
			counts[o] += n
			requests += n
		}
		closed += c.closed
	}
	return counts, requests, closed
}

// tell adds the figures of the load to the report, and returns how many requests were lost and how many raced.
func (l *load) tell(note func(what, format string, args ...any)) (lost, races int) {
	for _, g := range l.groups {
		counts, requests, closed := g.total()
		var parts []string
		for _, o := range losses {
			if counts[o] > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", counts[o], o))
			}
			lost += counts[o]
		}
		races += counts[raced]
		parts = append(parts, fmt.Sprintf("%d raced", counts[raced]), fmt.Sprintf("%d closed while idle", closed))
		note("requests, "+g.name, "%d: %s", requests, strings.Join(parts, ", "))
	}
	broken := 0
	for _, s := range l.sockets {
		if s.err != nil {
			broken++
			note("WebSocket", "cut after %d messages: %v", s.messages, s.err)
		}
	}
	note("WebSockets", "%d cut of %d", broken, len(l.sockets))
	note("download over the whole time", "%s", l.downloaded)
	if !strings.HasPrefix(l.downloaded, "whole") {
		broken++
	}
	return lost + broken, races
}

// socket is an upgraded connection on which messages go to and fro.
type socket struct {
	address, host string
	messages      int
	err           error
}

// run sends messages until it is told to stop.
func (s *socket) run(stop <-chan struct{}) {
	conn, err := net.DialTimeout("tcp", s.address, requestTimeout)
	if err != nil {
		s.err = err
		return
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", echoPath, s.host, socketKey)
	res, err := http.ReadResponse(reader, nil)
	if err != nil {
		s.err = err
		return
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSwitchingProtocols {
		s.err = fmt.Errorf("answer %d", res.StatusCode)
	}
	for ; s.err == nil; s.messages++ {
		select {
		case <-stop:
			return
		case <-time.After(100 * time.Millisecond):
			s.err = s.exchange(conn, reader)
		}
	}
}

// exchange sends a message and waits for it to come back.
func (s *socket) exchange(conn net.Conn, reader *bufio.Reader) error {
	message := fmt.Sprintf("message %d", s.messages)
	if err := conn.SetDeadline(time.Now().Add(requestTimeout)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, message); err != nil {
		return err
	}
	echo := make([]byte, len(message))
	if _, err := io.ReadFull(reader, echo); err != nil {
		return err
	}
	if string(echo) != message {
		return fmt.Errorf("%q came back for %q", echo, message)
	}
	return nil
}
