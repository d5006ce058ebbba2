package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headgate/headgate/hack/load"
)

// result is what became of a scene.
type result struct {
	fault *fault
	setup setup
	// counts are the outcomes of the requests of all clients.
	counts map[load.Outcome]int
	// changes were made meanwhile.
	changes int
	// restarts counts how often headgate and the proxy were started again, by whoever has to.
	headgateRestarts, proxyRestarts int
	// recovery is how long after the harm a new host was served.
	recovery time.Duration
	// skipped says why the harm could not be done.
	skipped string
}

// lost counts the requests that had no right answer.
func (r *result) lost() int {
	n := 0
	for _, o := range load.Losses {
		n += r.counts[o]
	}
	return n
}

func (r *result) sent() int {
	n := 0
	for _, count := range r.counts {
		n += count
	}
	return n
}

// verdict says what may not be, or "".
func (r *result) verdict() string {
	switch {
	case r.counts[load.Wrong] > 0:
		return "answers of a wrong pod or a wrong status"
	case r.lost() > 0 && !r.mayLose():
		return "requests lost although the proxy lived"
	}
	return ""
}

// mayLose reports whether the harm ends the proxy.
func (r *result) mayLose() bool { return r.fault.ends != nil && r.fault.ends(r.setup) }

func (r *result) losses() string {
	var parts []string
	for _, o := range load.Losses {
		if n := r.counts[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, ", ")
}

// report collects results.
type report struct {
	progress io.Writer

	mu      sync.Mutex
	results []*result
	failed  bool
}

// add takes a result and shows it at once.
func (r *report) add(got *result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results = append(r.results, got)
	verdict := got.verdict()
	if verdict != "" {
		r.failed = true
		verdict = "  FAILED: " + verdict
	}
	if got.skipped != "" {
		fmt.Fprintf(r.progress, "%-20s%-34sskipped: %s\n", got.fault.name, got.setup, got.skipped)
		return
	}
	fmt.Fprintf(r.progress, "%-20s%-34s%6d sent, lost %s, new host after %s%s\n",
		got.fault.name, got.setup, got.sent(), got.losses(), got.recovery.Round(100*time.Millisecond), verdict)
}

// broken notes a scene that did not come to its end.
func (r *report) broken(what string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
	fmt.Fprintf(r.progress, "%s: FAILED: %v\n", what, err)
}

// print prints all results as a table in Markdown.
func (r *report) print(w io.Writer) {
	slices.SortStableFunc(r.results, func(a, b *result) int {
		return cmp.Or(strings.Compare(b.setup.proxy, a.setup.proxy), strings.Compare(a.setup.mode, b.setup.mode))
	})
	fmt.Fprintln(w, "| fault | with | requests | lost | raced | changes | restarts of headgate, proxy | new host after | |\n|---|---|---|---|---|---|---|---|---|")
	for _, got := range r.results {
		note := got.verdict()
		switch {
		case got.skipped != "":
			note = "skipped: " + got.skipped
		case note == "" && got.mayLose():
			note = "the proxy ends"
		}
		fmt.Fprintf(w, "| %s | %s | %d | %s | %d | %d | %d, %d | %s | %s |\n", got.fault.name, got.setup, got.sent(), got.losses(),
			got.counts[load.Raced], got.changes, got.headgateRestarts, got.proxyRestarts, got.recovery.Round(100*time.Millisecond), note)
	}
}
