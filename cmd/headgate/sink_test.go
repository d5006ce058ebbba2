package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/proxies"
)

// stuckPipe returns a pipe into which nothing fits any more, and its other end.
func stuckPipe(t *testing.T) (write, read *os.File) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { read.Close(); write.Close() })
	if err := write.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = write.Write(bytes.Repeat([]byte("x"), 4096))
	}
	if err := write.SetWriteDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	return write, read
}

// TestSinkNeverWaits: what fits is written as soon as somebody reads; the rest is counted and told of.
func TestSinkNeverWaits(t *testing.T) {
	write, read := stuckPipe(t)
	lost := make(chan int64, 10)
	s := newSink(write, 100, func(lines int64) { lost <- lines })
	for i := range 1000 {
		fmt.Fprintf(s, "line %d\n", i)
	}
	if n := s.dropped.Load(); n < 900 {
		t.Fatalf("%d lines dropped", n)
	}
	got := make(chan string, 1)
	go func() {
		var all bytes.Buffer
		_, _ = all.ReadFrom(read)
		got <- all.String()
	}()
	var told int64
	for told < s.dropped.Load() {
		select {
		case n := <-lost:
			told += n
		case <-time.After(patience):
			t.Fatalf("told of %d dropped lines, want %d", told, s.dropped.Load())
		}
	}
	fmt.Fprintln(s, "the end")
	s.close()
	write.Close()
	if text := <-got; !strings.Contains(text, "line 0\n") || !strings.HasSuffix(text, "the end\n") || strings.Count(text, "\n") != 1000-int(told)+1 {
		t.Errorf("%d lines arrived, %d were dropped: %.200q", strings.Count(text, "\n"), told, strings.TrimLeft(text, "x"))
	}
	if n, err := s.Write([]byte("too late\n")); n != 9 || err != nil {
		t.Errorf("after the end: %d, %v", n, err)
	}
}

// TestPassLines: lines stay whole, and the last one need not end.
func TestPassLines(t *testing.T) {
	var got []string
	passLines(writerFunc(func(p []byte) (int, error) { got = append(got, string(p)); return len(p), nil }), &pieces{"a\nb", "c\n", "d"})
	if want := "a\n|bc\n|d"; strings.Join(got, "|") != want {
		t.Errorf("%q, want %q", got, want)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// pieces is a reader that gives one piece at a time.
type pieces []string

func (p *pieces) Read(into []byte) (int, error) {
	if len(*p) == 0 {
		return 0, os.ErrClosed
	}
	n := copy(into, (*p)[0])
	*p = (*p)[1:]
	return n, nil
}

// TestRunWithLogsThatNobodyReads: changes and requests go on.
func TestRunWithLogsThatNobodyReads(t *testing.T) {
	nginx := proxies.Nginx(t)[0].Path
	w := newWorld(t)
	out, _ := stuckPipe(t)
	log, readLog := stuckPipe(t)
	w.write(w.manifests("shop.example", "one"))
	ctx, cancel := context.WithCancel(t.Context())
	exit := make(chan int, 1)
	go func() {
		args := w.args("--source", "files", "-f", w.input, "--proxy-bin", nginx, "--log-level", "debug")
		exit <- execute(ctx, args, streams{in: strings.NewReader(""), out: out, err: log})
	}()
	w.awaitAnswer("shop.example", "200 one")
	for range 3000 { // each makes a line of the access log: more than fits into a pipe
		if got := w.get("shop.example"); got != "200 one" {
			t.Fatalf("answer %q", got)
		}
	}
	for i := range 4 {
		host := fmt.Sprintf("shop%d.example", i)
		w.write(w.manifests(host, "two"))
		w.awaitAnswer(host, "200 two")
	}
	if got := w.page("/healthz"); got != "200 ok\n" {
		t.Errorf("/healthz answers %q", got)
	}
	var heard buffer
	go func() {
		_, _ = (&bytes.Buffer{}).ReadFrom(readerFunc(func(p []byte) (int, error) { n, err := readLog.Read(p); heard.Write(p[:n]); return n, err }))
	}()
	w.await("the log", heard.String, "configuration serving")
	cancel()
	select {
	case code := <-exit:
		if code != exitFine {
			t.Errorf("exit code %d", code)
		}
	case <-time.After(patience):
		t.Fatal("headgate does not end")
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
