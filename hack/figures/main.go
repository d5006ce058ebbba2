// Command figures measures what docs/performance.md tells: it runs the real headgate with real proxies, changes manifests or objects of a
// real API server, sends requests meanwhile, and prints a table. It works in a network namespace of its own, so that nothing of the
// machine is in its way but the machine's own load. Every measurement is bounded in time.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate/headgate/hack/netns"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/hack/rig"
)

// settings are what the flags say.
type settings struct {
	headgate string
	proxies  []string
	versions []string
	sources  []string
	figures  []string
	sizes    []int
	changes  int
	samples  int
	interval time.Duration
	idle     time.Duration
	wrk      time.Duration
	hosts    int
}

// figure is one thing to measure.
type figure struct {
	name, about string
	measure     func(*bench)
}

// figures are all that can be measured. Those about rendering have no proxy and are measured once.
var figures = []figure{
	{"render", "headgate render as a process, from manifests on disk to files on disk", (*bench).render},
	{"changes", "requests lost while hosts and paths change", (*bench).changes},
	{"services", "the same while hosts come and go with a Service of their own", (*bench).services},
	{"latency", "from a changed manifest or object to answers by it, on a quiet system", (*bench).latency},
	{"endpoints", "requests lost and reloads while endpoints change, and how soon traffic moves", (*bench).endpoints},
	{"burst", "reloads for endpoint changes that come as fast as they can be written", (*bench).burst},
	{"rest", "processor time and memory at rest, and memory after changes", (*bench).rest},
	{"throughput", "requests a second with one host and with many, side by side; needs wrk", (*bench).throughput},
}

func main() { os.Exit(netns.Main(program{os.Args[1:], os.Stdout, os.Stderr})) }

// program is what runs inside the namespace.
type program struct {
	args           []string
	stdout, stderr io.Writer
}

// Run measures, and returns the exit code: 1 if requests were lost that may not be, or something could not be measured.
func (p program) Run() int {
	s, err := parse(p.args, p.stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil && !netns.Inside() {
		err = fmt.Errorf("there is no network namespace: this needs root or user namespaces, and iproute2")
	}
	if err != nil {
		fmt.Fprintln(p.stderr, "figures:", err)
		return 2
	}
	report := &report{progress: p.stderr}
	for _, f := range figures {
		if slices.Contains(s.figures, f.name) {
			s.each(f, report)
		}
	}
	report.print(p.stdout)
	if report.failed {
		return 1
	}
	return 0
}

// each measures a figure for each proxy and each source that was asked for.
func (s *settings) each(f figure, report *report) {
	if f.name == "render" {
		report.try(f, func(r *rig.Rig) { f.measure(&bench{Rig: r, settings: s, report: report}) })
		return
	}
	for _, kind := range s.proxies {
		for _, binary := range s.binaries(kind, report) {
			for _, source := range s.sources {
				report.try(f, func(r *rig.Rig) {
					f.measure(&bench{Rig: r, settings: s, report: report, proxy: kind, binary: binary, source: source})
				})
			}
		}
	}
}

// binaries returns the wanted versions of a proxy.
func (s *settings) binaries(kind string, report *report) []proxies.Binary {
	find := map[string]func(proxies.T) []proxies.Binary{"nginx": proxies.Nginx, "haproxy": proxies.HAProxy}[kind]
	var found []proxies.Binary
	report.try(figure{name: kind}, func(r *rig.Rig) { found = find(r) })
	return slices.DeleteFunc(found, func(b proxies.Binary) bool {
		return len(s.versions) > 0 && !slices.ContainsFunc(s.versions, func(v string) bool { return strings.HasPrefix(b.Version, v+".") })
	})
}

// bench is one figure, one proxy, one source.
type bench struct {
	*rig.Rig
	*settings
	report *report
	proxy  string
	binary proxies.Binary
	source string
	// swaps is how often the host that moves was moved.
	swaps int
}

// parse reads the flags.
func parse(args []string, stderr io.Writer) (*settings, error) {
	s := &settings{proxies: []string{"nginx", "haproxy"}, sources: []string{"files", "kube"}, sizes: []int{0, 100, 1000}}
	var names []string
	var about strings.Builder
	about.WriteString("what to measure, with commas between; all if not given:")
	for _, f := range figures {
		names = append(names, f.name)
		fmt.Fprintf(&about, "\n%-11s%s", f.name, f.about)
	}
	s.figures = names
	flags := flag.NewFlagSet("figures", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.headgate, "headgate", "bin/headgate", "the binary to measure; make build makes it")
	flags.Func("figures", about.String(), oneOf(&s.figures, names))
	flags.Func("proxy", "nginx, haproxy or both, with a comma between; both if not given", oneOf(&s.proxies, s.proxies))
	flags.Func("source", "files, kube or both, with a comma between; both if not given", oneOf(&s.sources, s.sources))
	flags.Func("versions", "versions of proxies, as 1.22,3.2; all that are installed if not given", func(v string) error {
		s.versions = strings.Split(v, ",")
		return nil
	})
	flags.Func("n", "how many Ingresses exist already, with commas between; 0,100,1000 if not given", numbers(&s.sizes))
	flags.IntVar(&s.changes, "changes", 100, "changes under load; twice as many of endpoints")
	flags.IntVar(&s.samples, "samples", 20, "how often a latency is measured")
	flags.DurationVar(&s.interval, "interval", 300*time.Millisecond, "from one change under load to the next")
	flags.DurationVar(&s.idle, "idle", 20*time.Second, "how long processor time at rest is measured")
	flags.DurationVar(&s.wrk, "wrk", 3*time.Second, "how long each of the alternating runs of wrk takes")
	flags.IntVar(&s.hosts, "hosts", 10_000, "how many hosts, of five paths each, throughput is measured with")
	if err := flags.Parse(args); err != nil {
		return nil, fmt.Errorf("reading the flags: %w", err)
	}
	return s, nil
}

// oneOf takes a list of known words.
func oneOf(list *[]string, known []string) func(string) error {
	known = slices.Clone(known)
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

// numbers takes a list of numbers and sorts it.
func numbers(list *[]int) func(string) error {
	return func(v string) error {
		*list = nil
		for word := range strings.SplitSeq(v, ",") {
			n, err := strconv.Atoi(word)
			if err != nil || n < 0 {
				return fmt.Errorf("%q is not a number of Ingresses", word)
			}
			*list = append(*list, n)
		}
		slices.Sort(*list)
		return nil
	}
}
