package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headgate/headgate/hack/load"
	"github.com/headgate/headgate/hack/rig"
)

const (
	// changeEvery is the pause between two changes of the input.
	changeEvery = 250 * time.Millisecond
	// recoveryTimeout bounds the wait for a new host after the harm.
	recoveryTimeout = 2 * time.Minute
	// settled is how long traffic goes on before and after the harm.
	settled = time.Second
)

// scene is a headgate with its proxy, steady traffic and steady changes.
type scene struct {
	*rig.Rig
	setup  setup
	random *rand.Rand
	source rig.Source
	// api stands between headgate and the API server, if there is one.
	api  *middleman
	edge *edge

	clients []*load.Client
	stop    chan struct{}
	running sync.WaitGroup
	// changing is held while the input is changed.
	changing sync.Mutex
	changes  int
	hosts    int
	// latest are the pods that changed hosts were given last; nil for a host that has gone.
	latest map[string][]string
	// removed is what was taken from the work dir.
	removed []string
}

func newScene(r *rig.Rig, headgate string, at setup, random *rand.Rand) *scene {
	s := &scene{Rig: r, setup: at, random: random, stop: make(chan struct{}), latest: map[string][]string{}}
	backend, err := load.StartBackend(at.port(backendPort))
	s.Must(err)
	s.Cleanup(backend.Close)
	folder := rig.NewFolder(r)
	s.source = folder
	if at.source == "kube" {
		objects := rig.NewObjects(r)
		s.source, s.api = objects, newMiddleman(s, objects.Cluster)
	}
	s.source.Put("ground", ground)
	for host, pods := range hosts {
		s.source.Put(host, s.site(host, pods...))
	}
	s.put("moving.example", movingPods[0])
	s.edge = startEdge(s, headgate)
	return s
}

// flags tell headgate where to read.
func (s *scene) flags() []string {
	if s.api != nil {
		return []string{"--source", "kube", "--kubeconfig", s.api.kubeconfig}
	}
	return s.source.Flags()
}

// suffer does the harm under traffic and changes, waits until all is well again, and counts.
func (s *scene) suffer(f *fault) *result {
	got := &result{fault: f, setup: s.setup, counts: map[load.Outcome]int{}}
	for host := range hosts {
		s.await("before the harm", host)
	}
	end := sync.OnceFunc(func() {
		close(s.stop)
		s.running.Wait()
	})
	s.Cleanup(end)
	s.startTraffic()
	s.running.Go(s.change)
	time.Sleep(settled)
	got.skipped = f.do(s)
	began := time.Now()
	s.proveRecovery()
	got.recovery = time.Since(began)
	time.Sleep(settled)
	end()
	s.proveRight()
	for _, c := range s.clients {
		for o, n := range c.Counts {
			got.counts[o] += n
		}
	}
	got.changes, got.headgateRestarts, got.proxyRestarts = s.changes, s.edge.headgate.restarts(), s.edge.proxyRestarts()
	return got
}

// startTraffic sends requests whose answers are known.
func (s *scene) startTraffic() {
	for host, pods := range hosts {
		right := func(body string) bool { return slices.Contains(pods, strings.TrimSpace(body)) }
		for _, like := range []load.Client{
			{Style: load.Kept, Pause: 2 * time.Millisecond}, {Style: load.Kept, Pause: 20 * time.Millisecond}, {Style: load.Fresh, Pause: 5 * time.Millisecond},
		} {
			c := like
			c.Address, c.Host, c.Right = s.edge.http, host, right
			s.clients = append(s.clients, &c)
			s.running.Go(func() { c.Run(s.stop) })
		}
	}
}

// change lets a host come and go and endpoints move, until the traffic ends.
func (s *scene) change() {
	tick := time.NewTicker(changeEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		switch s.changes++; s.changes % 4 {
		case 1:
			s.put("guest.example", "10.244.4.1")
		case 3:
			s.remove("guest.example")
		default:
			s.put("moving.example", movingPods[s.changes/2%len(movingPods)])
		}
	}
}

// proveRecovery adds a host and waits until it is served: whatever the harm was, changes have to come through again.
func (s *scene) proveRecovery() {
	s.hosts++
	host := fmt.Sprintf("proof%d.example", s.hosts)
	s.put(host, "10.244.5.1")
	when := "after the harm"
	if len(s.removed) > 0 {
		when = "after the removal of " + s.removed[len(s.removed)-1]
	}
	s.await(when, host)
}

// put gives a host pods.
func (s *scene) put(host string, pods ...string) {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.latest[host] = pods
	s.source.Put(host, s.site(host, pods...))
}

// remove takes a host away.
func (s *scene) remove(host string) {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.latest[host] = nil
	s.source.Remove(host)
}

// proveRight waits until everything that was changed is served as it was written last.
func (s *scene) proveRight() {
	for host, pods := range s.latest {
		right := func(status int, body string) bool {
			return status == http.StatusOK && slices.Contains(pods, body) || status == http.StatusNotFound && pods == nil
		}
		s.awaitAnswer("at the end", host, right)
	}
}

// await waits until a host is served.
func (s *scene) await(when, host string) {
	s.awaitAnswer(when, host, func(status int, _ string) bool { return status == http.StatusOK })
}

// awaitAnswer waits for an answer.
func (s *scene) awaitAnswer(when, host string, right func(status int, body string) bool) {
	for end := time.Now().Add(recoveryTimeout); ; time.Sleep(20 * time.Millisecond) {
		status, body := ask("http://"+s.edge.http+"/", host)
		if right(status, body) {
			return
		}
		if time.Now().After(end) {
			s.Fatalf("%s, %s is not served as it should be after %s: %d %s\n%s", when, host, recoveryTimeout, status, body, s.edge.lastWords())
		}
	}
}

// ask sends one request on a connection of its own. Without an answer the status is 0 and the body says why.
func ask(url, host string) (status int, body string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, err.Error()
	}
	req.Host, req.Close = host, true
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, strings.TrimSpace(string(text))
}

// rest waits for a random part of a time.
func (s *scene) rest(most time.Duration) { time.Sleep(time.Duration(s.random.Int64N(int64(most)))) }
