package reload

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"testing"

	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
)

// benchGate runs an HAProxy that does only what it is told.
func benchGate(b *testing.B, bin string, g gate) *Applier {
	b.Helper()
	dir, err := os.MkdirTemp("", "hg") // a socket's path must be short
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	log := slog.New(slog.DiscardHandler)
	child, err := NewHAProxyChild(HAProxyOptions{WorkDir: dir, Bin: bin, Stderr: io.Discard, Log: log})
	if err != nil {
		b.Fatal(err)
	}
	a, err := Open(Options{WorkDir: dir, Proxy: child, Marker: HAProxyMarker, ConfirmTimeout: patience, Log: log})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = a.Close() })
	if _, err := a.Apply(b.Context(), g.files(), "start"); err != nil {
		b.Fatal(err)
	}
	return a
}

// BenchmarkHAProxyCommands tells how many commands a process does in a second, one at a time and in batches, while clients open connections.
// It is one of the two figures behind reloadCost.
func BenchmarkHAProxyCommands(b *testing.B) {
	for _, bin := range proxies.HAProxy(b) {
		for _, clients := range []int{0, 64} {
			for name, give := range map[string]func(*haproxyRuntime, []demand) error{"batch": (*haproxyRuntime).demandAll, "single": oneByOne} {
				b.Run(fmt.Sprintf("%s/clients=%d/%s", bin, clients, name), func(b *testing.B) { benchCommands(b, bin.Path, clients, give) })
			}
		}
	}
}

func oneByOne(r *haproxyRuntime, list []demand) error {
	for _, d := range list {
		if err := r.demand(d.want, d.command); err != nil {
			return err
		}
	}
	return nil
}

func benchCommands(b *testing.B, bin string, clients int, give func(*haproxyRuntime, []demand) error) {
	g := one(ports.Free(b))
	g.extra = "    http-request return status 200\n"
	a := benchGate(b, bin, g)
	var list []demand
	for i := range 500 {
		name := fmt.Sprintf("b/s%d", i)
		list = append(list, demand{"New server registered", fmt.Sprintf("add server %s 127.9.%d.%d:80", name, i>>8, i&255)}, demand{"", "enable server " + name})
	}
	for i := range 500 {
		name := fmt.Sprintf("b/s%d", i)
		list = append(list, demand{"", "set server " + name + " state maint"}, demand{"Server deleted", "del server " + name})
	}
	s, err := a.opts.Proxy.(*HAProxyChild).driver.opts.openSession(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer s.close()
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	for range clients {
		running.Go(func() {
			for ctx.Err() == nil {
				_, _ = fetch(ctx, g.port, "/") // only the work counts
			}
		})
	}
	for b.Loop() {
		if err := give(&haproxyRuntime{s, map[string]haproxyServer{}}, list); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(list)*b.N)/b.Elapsed().Seconds(), "commands/s")
}

// BenchmarkHAProxyReload tells how long a reload takes from the files to the confirmation, by the size of the files: the other figure.
func BenchmarkHAProxyReload(b *testing.B) {
	for _, bin := range proxies.HAProxy(b) {
		for _, backends := range []int{10, 1000, 3000} {
			b.Run(fmt.Sprintf("%s/backends=%d", bin, backends), func(b *testing.B) { benchReload(b, bin.Path, backends) })
		}
	}
}

func benchReload(b *testing.B, bin string, backends int) {
	g := one(ports.Free(b))
	for i := range backends {
		g.backends = append(g.backends, pool{name: fmt.Sprintf("k%d", i), servers: manyServers(3*i, 3)})
	}
	a := benchGate(b, bin, g)
	size := 0
	for _, f := range g.files() {
		size += len(f.Data)
	}
	for n := 0; b.Loop(); n++ {
		g.extra = fmt.Sprintf("    http-response set-header x-number %d\n", n)
		if _, err := a.Apply(b.Context(), g.files(), "bench"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size)/(1<<10), "KiB")
}
