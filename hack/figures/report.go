package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/headgate/headgate/hack/rig"
)

// report collects figures.
type report struct {
	progress io.Writer
	rows     []row
	failed   bool
}

// row is one figure: what it is about, in which circumstances, and its value.
type row struct{ figure, subject, what, value string }

// try measures; what goes wrong costs this figure only.
func (r *report) try(f figure, measure func(*rig.Rig)) {
	if err := rig.Attempt(measure); err != nil {
		r.failed = true
		fmt.Fprintf(r.progress, "%s: could not be measured: %v\n", f.name, err)
	}
}

// add notes a figure and shows it at once.
func (r *report) add(n row) {
	fmt.Fprintf(r.progress, "%s  %-11s%-28s%-44s%s\n", time.Now().Format(time.TimeOnly), n.figure, n.subject, n.what, n.value)
	r.rows = append(r.rows, n)
}

// print prints all figures as a table in Markdown.
func (r *report) print(w io.Writer) {
	fmt.Fprintln(w, "| figure | with | what | value |\n|---|---|---|---|")
	for _, n := range r.rows {
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", n.figure, n.subject, n.what, n.value)
	}
}

// note adds a figure of the bench's circumstances; existing is how many Ingresses there are besides.
func (b *bench) note(name string, existing int, what, format string, args ...any) {
	subject := fmt.Sprintf("%s %s, %s, %d", b.proxy, b.binary.Version, b.source, existing)
	b.report.add(row{name, subject, what, fmt.Sprintf(format, args...)})
}

// sample is a set of measured times.
type sample []time.Duration

// String shows the median, the slowest tenth and the fastest in milliseconds: the fastest is what other load on the machine hurts least.
func (s sample) String() string {
	if len(s) == 0 {
		return "-"
	}
	return fmt.Sprintf("median %s, 90 %% %s, fastest %s", ms(s.at(50)), ms(s.at(90)), ms(s.at(0)))
}

// at returns a percentile.
func (s sample) at(percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

// beyondQuiet takes off each value what headgate is told to wait.
func (s sample) beyondQuiet() sample {
	shorter := slices.Clone(s)
	for i := range shorter {
		shorter[i] -= quietPeriod
	}
	return shorter
}

func ms(d time.Duration) string {
	return fmt.Sprintf("%.3g ms", float64(d.Microseconds())/1000)
}
