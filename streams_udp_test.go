package headgate_test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/translate"
)

// datagramPod answers each datagram with as many as its first byte says: its name, the port that it was asked from, and the datagram.
func datagramPod(t *testing.T, name string) pod {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buffer := make([]byte, 64<<10)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			for range int(buffer[0] - '0') {
				_, _ = conn.WriteTo(fmt.Appendf(nil, "%s %d %s", name, from.(*net.UDPAddr).Port, buffer[:n]), from)
			}
		}
	}()
	return pod{name, conn.LocalAddr().(*net.UDPAddr).Port}
}

// questioner is a UDP client with one port of its own.
type questioner struct{ net.Conn }

func newQuestioner(t *testing.T, port int) questioner {
	t.Helper()
	conn, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return questioner{conn}
}

// ask sends a datagram and returns the answers that come, each as pod, port and text.
func (q questioner) ask(text string) []string { return q.askFor(patience, text) }

// askFor waits for answers for so long.
func (q questioner) askFor(wait time.Duration, text string) []string {
	_ = q.SetDeadline(time.Now().Add(wait))
	if _, err := q.Write([]byte(text)); err != nil {
		return []string{err.Error()}
	}
	var answers []string
	buffer := make([]byte, 64<<10)
	for len(answers) < int(text[0]-'0') {
		n, err := q.Read(buffer)
		if err != nil {
			break
		}
		answers = append(answers, string(buffer[:n]))
	}
	return answers
}

// session is the pod and the port that a single answer came from.
func (q questioner) session(t *testing.T, text string) string {
	t.Helper()
	answers := q.ask(text)
	if len(answers) != int(text[0]-'0') {
		t.Fatalf("%s: got %q", text, answers)
	}
	fields := strings.Fields(answers[0])
	return fields[0] + " " + fields[1]
}

// sessionAfter is the session of a question after a silence.
func (q questioner) sessionAfter(t *testing.T, silence time.Duration) string {
	t.Helper()
	time.Sleep(silence)
	return q.session(t, "1 again")
}

// TestOneAnswerEndsASession is how DNS is served: each question is a session of its own and goes to the next endpoint.
func TestOneAnswerEndsASession(t *testing.T) {
	forEachNginxEdge(t, func(t *testing.T, e *edge) {
		a, b := datagramPod(t, "a"), datagramPod(t, "b")
		port := ports.Free(t)
		e.apply(t, service("dns", "UDP", a.port, b.port), configMap("udp", fmt.Sprint(port), "shop/dns:1000"))
		seen := map[string]int{}
		q := newQuestioner(t, port)
		for range 20 {
			seen[q.session(t, "1")[:1]]++
		}
		if seen["a"] < 8 || seen["b"] < 8 {
			t.Errorf("the endpoints answered %v of 20 questions", seen)
		}
	})
}

// TestManyAnswersKeepASession is how games and VPNs are served: a client stays with its endpoint until it is silent for long.
func TestManyAnswersKeepASession(t *testing.T) {
	forEachNginxEdge(t, func(t *testing.T, e *edge) {
		a, b := datagramPod(t, "a"), datagramPod(t, "b")
		port := ports.Free(t)
		e.apply(t, service("game", "UDP", a.port, b.port), configMap("udp", fmt.Sprint(port), "shop/game:1000"),
			configMap("config", "proxy-stream-responses", "1000000"))
		q := newQuestioner(t, port)
		first := q.session(t, "1 first")
		for i := range 10 {
			if got := q.session(t, fmt.Sprintf("2 move %d", i)); got != first {
				t.Fatalf("the session moved from %s to %s", first, got)
			}
		}
		if other := newQuestioner(t, port).session(t, "1"); other == first {
			t.Errorf("another client shares the session %s", first)
		}
		e.apply(t, service("game", "UDP", a.port, b.port), configMap("udp", fmt.Sprint(port), "shop/game:1000"),
			configMap("config", "proxy-stream-responses", "1000000", "proxy-stream-timeout", "1s"))
		first = q.session(t, "1 anew")
		// nginx that was kept from running looks at what came before it looks at the clock: a session may then go on.
		for silence := 2 * time.Second; q.sessionAfter(t, silence) == first; silence *= 2 {
			if silence > patience {
				t.Fatalf("the session %s outlived proxy-stream-timeout", first)
			}
		}
	})
}

// TestLargeDatagrams go through whole, and the port closes when its entry leaves.
func TestLargeDatagrams(t *testing.T) {
	forEachNginxEdge(t, func(t *testing.T, e *edge) {
		a := datagramPod(t, "a")
		port := ports.Free(t)
		e.apply(t, service("dns", "UDP", a.port), configMap("udp", fmt.Sprint(port), "shop/dns:main"))
		large := "1" + strings.Repeat("x", 8000)
		if got := newQuestioner(t, port).ask(large); len(got) != 1 || !strings.HasSuffix(got[0], large) {
			t.Errorf("got %d answers", len(got))
		}
		e.apply(t, service("dns", "UDP", a.port))
		eventually(t, "the port is closed", func() bool { return len(newQuestioner(t, port).askFor(3*time.Second, "1")) == 0 })
	})
}

func TestHAProxyRefusesUDP(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		e := newHAProxyEdge(t, binary)
		objects, _ := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(
			configMap("udp", "53", "shop/dns:1000") + "\n---\n" + service("dns", "UDP", 5353))}}, manifest.LoadOptions{})
		snap, _ := manifest.NewSnapshot(objects)
		cfg, _ := translate.Run(snap, e.settings)
		result, err := e.target.Render(cfg)
		if err != nil {
			t.Fatal(err)
		}
		told := slices.ContainsFunc(result.Diagnostics, func(d diag.Diagnostic) bool {
			return d.Code == diag.UDPUnsupported.Code && d.Key == "53" && strings.Contains(d.Hint, "--proxy nginx")
		})
		if !told {
			t.Errorf("%s: said %v", binary, result.Diagnostics)
		}
	}
}
