// Command chaos runs the real headgate with real proxies under steady traffic and steady changes, does harm to them, and counts: requests
// sent, requests lost, requests answered by the wrong pod, restarts, and how long it took until a new host was served again. Wherever the
// proxy itself lives, nothing may be lost; an answer of a wrong pod may never be. It works in a network namespace of its own and is
// bounded in time.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headgate/headgate/hack/netns"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/hack/rig"
)

// The ways in which a proxy runs.
const (
	child   = "child"
	sidecar = "sidecar"
)

// setup is what a fault is tried on.
type setup struct {
	proxy, mode, source string
	binary              proxies.Binary
}

// port is a port of this setup: one proxy runs as a child and beside headgate at the same time.
func (s setup) port(base int) int {
	if s.mode == sidecar {
		return base + 100
	}
	return base
}

func (s setup) String() string {
	return fmt.Sprintf("%s %s, %s, %s", s.proxy, s.binary.Version, s.mode, s.source)
}

// settings are what the flags say.
type settings struct {
	headgate string
	proxies  []string
	modes    []string
	faults   []string
	versions []string
	seed     uint64
}

func main() { os.Exit(netns.Main(program{os.Args[1:], os.Stdout, os.Stderr})) }

// program is what runs inside the namespace.
type program struct {
	args           []string
	stdout, stderr io.Writer
}

// Run tries all faults and returns the exit code: 1 if anything was lost that may not be, or something did not recover.
func (p program) Run() int {
	s, err := parse(p.args, p.stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil && !netns.Inside() {
		err = errors.New("there is no network namespace: this needs root or user namespaces, and iproute2")
	}
	if err != nil {
		fmt.Fprintln(p.stderr, "chaos:", err)
		return 2
	}
	fmt.Fprintf(p.stderr, "chaos: -seed %d makes the same choices again\n", s.seed)
	report := &report{progress: p.stderr}
	for _, proxy := range s.proxies {
		for _, binary := range s.binaries(proxy, report) {
			var modes sync.WaitGroup
			for _, mode := range s.modes {
				modes.Go(func() { s.try(setup{proxy: proxy, binary: binary, mode: mode}, report) })
			}
			modes.Wait()
		}
	}
	report.print(p.stdout)
	if report.failed {
		return 1
	}
	return 0
}

// binaries returns the wanted versions of a proxy, or the newest.
func (s *settings) binaries(proxy string, report *report) []proxies.Binary {
	find := map[string]func(proxies.T) []proxies.Binary{"nginx": proxies.Nginx, "haproxy": proxies.HAProxy}[proxy]
	var found []proxies.Binary
	if err := rig.Attempt(func(r *rig.Rig) { found = find(r) }); err != nil {
		report.broken(proxy, err)
		return nil
	}
	if len(s.versions) == 0 {
		return found[len(found)-1:]
	}
	return slices.DeleteFunc(found, func(b proxies.Binary) bool {
		return !slices.ContainsFunc(s.versions, func(v string) bool { return strings.HasPrefix(b.Version, v+".") })
	})
}

// try does each harm that a setup can suffer.
func (s *settings) try(at setup, report *report) {
	for i := range faults {
		f := &faults[i]
		at.source = f.source()
		if !slices.Contains(s.faults, f.name) || f.fits != nil && !f.fits(at) {
			continue
		}
		var got *result
		err := rig.Attempt(func(r *rig.Rig) {
			scene := newScene(r, s.headgate, at, rand.New(rand.NewPCG(s.seed, uint64(i))))
			got = scene.suffer(f)
		})
		if err != nil {
			report.broken(f.name+", "+at.String(), err)
			continue
		}
		report.add(got)
	}
}

// parse reads the flags.
func parse(args []string, stderr io.Writer) (*settings, error) {
	s := &settings{proxies: []string{"nginx", "haproxy"}, modes: []string{child, sidecar}}
	var about strings.Builder
	about.WriteString("what harm to do, with commas between; all if not given:")
	for i := range faults {
		s.faults = append(s.faults, faults[i].name)
		fmt.Fprintf(&about, "\n%-20s%s", faults[i].name, faults[i].about)
	}
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.headgate, "headgate", "bin/headgate", "the binary to try; make build makes it")
	flags.Func("faults", about.String(), oneOf(&s.faults))
	flags.Func("proxy", "nginx, haproxy or both, with a comma between; both if not given", oneOf(&s.proxies))
	flags.Func("mode", "child, sidecar or both, with a comma between; both if not given", oneOf(&s.modes))
	flags.Func("versions", "versions of proxies, as 1.22,3.2; the newest that is installed if not given", func(v string) error {
		s.versions = strings.Split(v, ",")
		return nil
	})
	flags.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano()), "number that random choices hang on")
	if err := flags.Parse(args); err != nil {
		return nil, fmt.Errorf("reading the flags: %w", err)
	}
	return s, nil
}

// oneOf takes a list of known words.
func oneOf(list *[]string) func(string) error {
	known := slices.Clone(*list)
	return func(v string) error {
		*list = strings.Split(v, ",")
		for _, word := range *list {
			if !slices.Contains(known, word) {
				return fmt.Errorf("%q is none of %s", word, strings.Join(known, ", "))
			}
		}
		return nil
	}
}
