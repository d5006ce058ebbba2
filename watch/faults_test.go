package watch

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/headgate/headgate/hack/testcluster"
)

// short are limits for tests: whatever is given up is given up soon.
var short = limits{
	answer: 300 * time.Millisecond, watch: time.Second, grace: 300 * time.Millisecond, steady: 50 * time.Millisecond, retryAfter: time.Second,
}

// gateway stands in front of an API server and misbehaves when it is told to.
type gateway struct {
	*httptest.Server
	pass http.Handler

	mu sync.Mutex
	// fault answers a request instead of the API server; it returns when the client or the fault has gone. It may leave the request to
	// the API server by returning false.
	fault func(w http.ResponseWriter, r *http.Request, over <-chan struct{}) bool
	over  chan struct{}
}

// newGateway passes everything on to the cluster, or answers nothing at all if that is nil.
func newGateway(t *testing.T, cluster *testcluster.Cluster) *gateway {
	t.Helper()
	g := &gateway{over: make(chan struct{})}
	if cluster != nil {
		target, err := url.Parse(cluster.Config.Host)
		if err != nil {
			t.Fatal(err)
		}
		transport, err := rest.TransportFor(cluster.Config)
		if err != nil {
			t.Fatal(err)
		}
		g.pass = &httputil.ReverseProxy{
			Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
			Transport: transport, FlushInterval: -1, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		}
	}
	g.Server = httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(func() {
		g.misbehave(nil)
		g.Close()
	})
	return g
}

// misbehave has all requests from now on answered by a fault, and cuts those that are open. Nil ends it.
func (g *gateway) misbehave(fault func(http.ResponseWriter, *http.Request, <-chan struct{}) bool) {
	g.mu.Lock()
	close(g.over)
	g.fault, g.over = fault, make(chan struct{})
	g.mu.Unlock()
	g.CloseClientConnections()
}

func (g *gateway) serve(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	fault, over := g.fault, g.over
	g.mu.Unlock()
	if fault == nil || !fault(w, r, over) {
		g.pass.ServeHTTP(w, r)
	}
}

func isWatch(r *http.Request) bool { return r.URL.Query().Get("watch") == "true" }

func hang(_ http.ResponseWriter, r *http.Request, over <-chan struct{}) bool {
	select {
	case <-r.Context().Done():
	case <-over:
	}
	return true
}

func hangUp(http.ResponseWriter, *http.Request, <-chan struct{}) bool { panic(http.ErrAbortHandler) }

func refuse(status int, header ...string) func(http.ResponseWriter, *http.Request, <-chan struct{}) bool {
	return func(w http.ResponseWriter, _ *http.Request, _ <-chan struct{}) bool {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		http.Error(w, "injected", status)
		return true
	}
}

// begin sends the first bytes of an answer that never ends.
func begin(w http.ResponseWriter, r *http.Request, over <-chan struct{}) bool {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"kind":`) // the client gives up
	w.(http.Flusher).Flush()
	return hang(w, r, over)
}

// deafen lets watches begin, and forgets them.
func deafen(w http.ResponseWriter, r *http.Request, over <-chan struct{}) bool {
	if !isWatch(r) {
		return hang(w, r, over)
	}
	w.Header().Set("Content-Type", "application/json;stream=watch")
	w.(http.Flusher).Flush()
	return hang(w, r, over)
}

// end lets watches begin, and ends them at once.
func end(w http.ResponseWriter, r *http.Request, _ <-chan struct{}) bool {
	w.Header().Set("Content-Type", "application/json;stream=watch")
	return isWatch(r)
}

// testFaults: whatever an API server does instead of answering, it is noticed and named, what is known stays, and all is well afterwards.
func testFaults(t *testing.T, server *testcluster.Cluster) {
	for name, c := range map[string]struct {
		fault func(http.ResponseWriter, *http.Request, <-chan struct{}) bool
		says  string
	}{
		"no answer":         {hang, "no answer within 300ms"},
		"EOF":               {hangUp, "the connection ended without an answer"},
		"half an answer":    {begin, "the answer stopped in the middle"},
		"forgotten watches": {deafen, "watch"},
		"ended watches":     {end, "ended a watch as soon as it had begun"},
		"429":               {refuse(429, "Retry-After", "86400"), "429"},
		"429, no header":    {refuse(429), "get ingresses"},
		"403":               {refuse(403), "get ingresses"},
		"410":               {refuse(410), "get ingresses"},
		"500":               {refuse(500), "get ingresses"},
		"503":               {refuse(503, "Retry-After", "86400"), "503"},
	} {
		t.Run(name, func(t *testing.T) { testFault(t, server, faultCase{c.fault, c.says}) })
	}
}

type faultCase struct {
	fault func(http.ResponseWriter, *http.Request, <-chan struct{}) bool
	says  string
}

func testFault(t *testing.T, server *testcluster.Cluster, c faultCase) {
	server.Apply(ingressIn("before"))
	defer server.Delete(ingressIn("before"))
	g := newGateway(t, server)
	source, err := newLimitedCluster(ClusterOptions{Config: &rest.Config{Host: g.URL, QPS: 1000, Burst: 1000}}, short)
	if err != nil {
		t.Fatal(err)
	}
	following := follow(t, source)
	following.awaitIngresses("before")
	awaitState(t, source, func(s State) bool { return s.Connected && s.Problem == "" })

	g.misbehave(c.fault)
	awaitState(t, source, func(s State) bool { return !s.Connected && s.Synced && strings.Contains(s.Problem, c.says) })
	if s, _ := source.Snapshot(); len(s.Ingresses) != 1 {
		t.Errorf("%d Ingresses while the API server misbehaves", len(s.Ingresses))
	}

	g.misbehave(nil)
	server.Apply(ingressIn("after"))
	defer server.Delete(ingressIn("after"))
	following.awaitIngresses("after", "before")
	awaitState(t, source, func(s State) bool { return s.Connected && s.Problem == "" })
}

// TestClusterNeverAnswers: it is named what keeps a first state from being complete.
func TestClusterNeverAnswers(t *testing.T) {
	g := newGateway(t, nil)
	g.misbehave(hang)
	source, err := newLimitedCluster(ClusterOptions{Config: &rest.Config{Host: g.URL}}, short)
	if err != nil {
		t.Fatal(err)
	}
	if problem := source.State().Problem; !strings.Contains(problem, "waiting for the first list of ingresses, ingressclasses") {
		t.Errorf("before anything was asked: %q", problem)
	}
	following := follow(t, source)
	awaitState(t, source, func(s State) bool {
		return !s.Synced && !s.Connected && strings.Contains(s.Problem, "no answer within")
	})
	following.awaitNothing()
}

// TestCredentialsThatHang: a program that makes credentials knows nothing of time-outs.
func TestCredentialsThatHang(t *testing.T) {
	stuck := make(chan struct{})
	t.Cleanup(func() { close(stuck) })
	config := &rest.Config{Host: "http://127.0.0.1:1"}
	config.Wrap(func(http.RoundTripper) http.RoundTripper {
		return roundTripper(func(*http.Request) (*http.Response, error) {
			<-stuck
			return nil, errors.New("released")
		})
	})
	source, err := newLimitedCluster(ClusterOptions{Config: config}, short)
	if err != nil {
		t.Fatal(err)
	}
	follow(t, source)
	awaitState(t, source, func(s State) bool { return strings.Contains(s.Problem, "no answer within") })
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestTrouble: a trouble is said once, another one instead of it after a while, and its end only if it was said.
func TestTrouble(t *testing.T) {
	now := time.Now()
	eof, slow := errors.New("EOF"), errors.New("slow")
	var x trouble
	var said []bool
	say := func(b bool) { said = append(said, b) }
	say(x.fail(verbWatch, eof, now))                     // new
	say(x.fail(verbWatch, eof, now.Add(2*sayEvery)))     // the same
	say(x.listed())                                      // a list does not mend a watch
	say(x.fail(verbList, slow, now.Add(2*sayEvery)))     // another
	say(x.fail(verbList, eof, now.Add(2*sayEvery+1)))    // yet another, too soon
	say(x.follows())                                     // over
	say(x.fail(verbWatch, slow, now.Add(2*sayEvery+2)))  // again, too soon
	say(x.follows())                                     // nobody was told
	say(x.fail(verbWatch, slow, now.Add(3*sayEvery+10))) // again, after a while
	if want := []bool{true, false, false, true, false, true, false, false, true}; !slices.Equal(said, want) {
		t.Errorf("said %v, want %v", said, want)
	}
}

// TestPassingRefusals: going on from a version that is too old is no trouble, unless there was none.
func TestPassingRefusals(t *testing.T) {
	yes := true
	for i, c := range []struct {
		err     error
		options metav1.ListOptions
		want    bool
	}{
		{apierrors.NewResourceExpired("old"), metav1.ListOptions{ResourceVersion: "7"}, true},
		{apierrors.NewResourceExpired("old"), metav1.ListOptions{}, false},
		{apierrors.NewResourceExpired("old"), metav1.ListOptions{ResourceVersion: "0"}, false},
		{apierrors.NewBadRequest("sendInitialEvents"), metav1.ListOptions{SendInitialEvents: &yes}, true},
		{apierrors.NewBadRequest("no"), metav1.ListOptions{}, false},
		{fmt.Errorf("list: %w", io.EOF), metav1.ListOptions{ResourceVersion: "7"}, false},
	} {
		if got := isPassing(c.err, c.options); got != c.want {
			t.Errorf("%d: %v", i, got)
		}
	}
}
