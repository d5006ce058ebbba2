package main

import (
	"fmt"
	"time"

	"github.com/headgate/headgate/hack/rig"
)

// rest measures what a headgate takes that has nothing to do, and its memory after changes, each time with a new one. A cluster takes its
// time to fill, so its source is measured with the most Ingresses only.
func (b *bench) rest() {
	sizes := b.sizes
	if b.source == "kube" {
		sizes = sizes[len(sizes)-1:]
	}
	for _, n := range sizes {
		one := *b
		b.report.try(figure{name: "rest"}, func(r *rig.Rig) {
			one.Rig = r
			one.restAmong(n)
		})
	}
}

// restAmong starts a headgate among so many Ingresses.
func (b *bench) restAmong(n int) {
	s := b.newSource()
	grow(s, 0, n)
	s.Put("steady", service("steady", podOne)+ingress("steady", steadyHost, "steady", "/"))
	b.startBackend()
	began := time.Now()
	g := b.start(s, 0)
	b.note("rest", n, "from start to ready", "%s", ms(time.Since(began)))
	time.Sleep(5 * time.Second)
	b.note("rest", n, "memory of headgate after the start", "%s", memoryOf(g.own()))
	b.note("rest", n, "highest resident memory until then", "%d MiB", kernelNumber(g.own()[0], "status", "VmHWM:")>>10)
	b.note("rest", n, "memory of the proxy", "%s", memoryOf(g.proxied()))
	pids := append(g.proxied(), g.own()...)
	before := processorTime(pids)
	time.Sleep(b.idle)
	b.note("rest", n, fmt.Sprintf("processor time in %s, proxy included", b.idle), "%s", processorTime(pids)-before)
	before = processorTime(pids)
	const some = 30
	for i := range some {
		change(s, i)
		time.Sleep(b.interval)
	}
	b.settle(g, s)
	pids = append(g.proxied(), g.own()...)
	b.note("rest", n, "processor time of a change, proxy included", "%s", ms((processorTime(pids)-before)/(some+2)))
	b.note("rest", n, fmt.Sprintf("memory of headgate after %d changes", some), "%s", memoryOf(g.own()))
	b.note("rest", n, "highest resident memory until then", "%d MiB", kernelNumber(g.own()[0], "status", "VmHWM:")>>10)
	b.note("rest", n, fmt.Sprintf("memory of the proxy after %d changes", some), "%s", memoryOf(g.proxied()))
}
