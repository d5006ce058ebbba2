package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// nameServer is a DNS server on a loopback address.
type nameServer struct {
	connection net.PacketConn

	mu    sync.Mutex
	zone  map[string][]string
	code  dnsmessage.RCode
	asked map[string]bool
}

func startNameServer(t *testing.T) *nameServer {
	t.Helper()
	connection, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &nameServer{connection: connection, zone: map[string][]string{}, asked: map[string]bool{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.serve()
	}()
	t.Cleanup(func() { connection.Close(); <-done })
	return s
}

// resolver asks the server, whatever this machine's own is.
func (s *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", s.connection.LocalAddr().String())
	}}
}

// set changes what the server says about a name; without addresses the name does not exist.
func (s *nameServer) set(name string, addresses ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code = dnsmessage.RCodeSuccess
	s.zone[name] = addresses
}

// fail makes the server unable to answer.
func (s *nameServer) fail() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code = dnsmessage.RCodeServerFailure
}

func (s *nameServer) serve() {
	buffer := make([]byte, 1500)
	for {
		n, client, err := s.connection.ReadFrom(buffer)
		if err != nil {
			return
		}
		var query dnsmessage.Message
		if query.Unpack(buffer[:n]) != nil || len(query.Questions) != 1 {
			continue
		}
		answer := s.answer(query)
		if packed, err := answer.Pack(); err == nil {
			_, _ = s.connection.WriteTo(packed, client)
		}
	}
}

func (s *nameServer) answer(query dnsmessage.Message) dnsmessage.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	question := query.Questions[0]
	name := strings.TrimSuffix(question.Name.String(), ".")
	s.asked[name] = true
	answer := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: query.ID, Response: true, Authoritative: true, RecursionAvailable: true, RCode: s.code},
		Questions: query.Questions,
	}
	if s.code != dnsmessage.RCodeSuccess {
		return answer
	}
	if len(s.zone[name]) == 0 {
		answer.RCode = dnsmessage.RCodeNameError
	}
	for _, text := range s.zone[name] {
		ip := net.ParseIP(text)
		header := dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: dnsmessage.ClassINET}
		switch four := ip.To4(); {
		case question.Type == dnsmessage.TypeA && four != nil:
			answer.Answers = append(answer.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: [4]byte(four)}})
		case question.Type == dnsmessage.TypeAAAA && four == nil:
			answer.Answers = append(answer.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: [16]byte(ip)}})
		}
	}
	return answer
}

// fixed is a Source that a test changes by hand.
type fixed struct {
	mu      sync.Mutex
	objects []manifest.Object
	changed func()
}

func (f *fixed) set(targets ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.objects = nil
	for i, target := range targets {
		ref := diag.Ref{Kind: "Service", Namespace: "default", Name: fmt.Sprintf("s%d", i)}
		f.objects = append(f.objects, &manifest.Service{
			Meta: manifest.NewMeta(ref, "", time.Time{}, nil), Type: manifest.ServiceExternalName, ExternalName: target,
		})
	}
	if f.changed != nil {
		f.changed()
	}
}

func (f *fixed) Watch(ctx context.Context, changed func()) error {
	f.mu.Lock()
	f.changed = changed
	f.mu.Unlock()
	changed()
	<-ctx.Done()
	return nil
}

func (f *fixed) Snapshot() (*manifest.Snapshot, diag.List) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return manifest.NewSnapshot(f.objects)
}

func (f *fixed) State() State { return State{Synced: true, Connected: true} }

func resolvedIn(d delivery) map[string]string {
	found := map[string]string{}
	for _, name := range d.snapshot.Resolved {
		found[name.Name] = strings.Join(name.Addresses, " ")
	}
	return found
}

func (f *follower) awaitResolved(want map[string]string) {
	f.t.Helper()
	f.await(fmt.Sprintf("answers %v", want), func(d delivery) bool { return cmp.Equal(resolvedIn(d), want) })
}

func TestNames(t *testing.T) {
	server := startNameServer(t)
	server.set("a.example", "192.0.2.2", "192.0.2.1", "2001:db8::1")
	source := &fixed{}
	source.set("A.example.", "localhost", "x.localhost", "192.0.2.9", "::1", "gone.example")
	following := follow(t, NewNames(source, NamesOptions{Refresh: 10 * time.Millisecond, Resolver: server.resolver()}))

	following.awaitResolved(map[string]string{"a.example": "192.0.2.1 192.0.2.2 2001:db8::1", "gone.example": ""})
	if addresses, known := following.newest.snapshot.ResolvedName("a.example"); !known || len(addresses) != 3 {
		t.Errorf("look-up in the Snapshot: %v, %v", addresses, known)
	}
	following.awaitNothing()

	server.set("a.example", "192.0.2.7")
	following.awaitResolved(map[string]string{"a.example": "192.0.2.7", "gone.example": ""})
	source.set("a.example", "b.example")
	server.set("b.example", "192.0.2.8")
	following.awaitResolved(map[string]string{"a.example": "192.0.2.7", "b.example": "192.0.2.8"})
	server.fail()
	following.awaitNothing()
	server.set("a.example")
	following.awaitResolved(map[string]string{"a.example": "", "b.example": "192.0.2.8"})

	server.mu.Lock()
	defer server.mu.Unlock()
	for name := range server.asked {
		if !slices.ContainsFunc([]string{"a.example", "b.example", "gone.example"}, func(known string) bool { return strings.HasPrefix(name, known) }) {
			t.Errorf("DNS was asked for %q", name)
		}
	}
}

// TestNamesOfTheFirstDelivery has a name whose answer is slow and one that nobody ever answers: the first delivery waits for the one, and
// for the other no longer than a look-up may take.
func TestNamesOfTheFirstDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &fixed{}
		source.set("slow.example", "silent.example")
		names := NewNames(source, NamesOptions{Log: slog.New(slog.DiscardHandler)})
		names.lookups.lookup = func(ctx context.Context, name string) ([]netip.Addr, error) {
			if name == "slow.example" {
				time.Sleep(lookupTimeout / 2)
				return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}
		start := time.Now()
		following := follow(t, names)
		if names.State().Synced {
			t.Error("synced before the names are")
		}
		following.await("the first delivery", func(delivery) bool { return true })
		if got := resolvedIn(following.newest)["slow.example"]; got != "192.0.2.1" {
			t.Errorf("the first delivery has the answer %q", got)
		}
		if took := following.newest.at.Sub(start); took != lookupTimeout {
			t.Errorf("the first delivery took %v", took)
		}
		if !names.State().Synced {
			t.Error("not synced after the first delivery")
		}
	})
}

func TestTargetLearns(t *testing.T) {
	failing := errors.New("server misbehaving")
	missing := &net.DNSError{Err: "no such host", IsNotFound: true}
	known := target{answered: true, addresses: []string{"192.0.2.1"}}
	tests := []struct {
		name     string
		target   target
		err      error
		news     bool
		want     []string
		failures int
	}{
		{"failure keeps", known, failing, false, []string{"192.0.2.1"}, 1},
		{"failure without an answer before", target{}, failing, true, nil, 1},
		{"second failure", target{answered: true, failures: 1}, failing, false, nil, 2},
		{"missing empties", known, missing, true, nil, 0},
		{"still missing", target{answered: true}, missing, false, nil, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if news := test.target.learn(nil, test.err); news != test.news {
				t.Errorf("news is %v", news)
			}
			if diff := cmp.Diff(test.want, test.target.addresses); diff != "" || test.target.failures != test.failures {
				t.Errorf("%d failures, addresses (-want +got):\n%s", test.target.failures, diff)
			}
		})
	}
}

func TestPauseAfterFailures(t *testing.T) {
	l := &lookups{refresh: 5 * time.Second}
	for failures, want := range []time.Duration{5, 10, 20, 40, 60, 60} {
		if got := l.pauseAfter(failures); got != want*time.Second {
			t.Errorf("after %d failures %v, want %v s", failures, got, int(want))
		}
	}
}
