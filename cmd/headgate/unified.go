package main

import (
	"fmt"
	"slices"
	"strings"
)

// contextLines is how many unchanged lines stand around a change.
const contextLines = 3

// maxEdits bounds the search for the smallest difference; texts that differ more are shown as replaced wholesale.
const maxEdits = 1000

// edit is one line of a difference: ' ' for a line of both texts, '-' for one of the old, '+' for one of the new.
type edit struct {
	kind byte
	line string
}

// unified returns the difference between two texts in the form of `diff -u`, and "" if there is none.
func unified(oldName, newName, oldText, newText string) string {
	if oldText == newText {
		return ""
	}
	edits := compareLines(splitLines(oldText), splitLines(newText))
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", oldName, newName)
	oldLine, newLine := 1, 1
	for start := 0; start < len(edits); {
		hunk := nextHunk(edits, start)
		for _, e := range edits[start:hunk.from] {
			oldLine, newLine = advance(e, oldLine, newLine)
		}
		hunk.print(&b, edits, oldLine, newLine)
		for _, e := range edits[hunk.from:hunk.to] {
			oldLine, newLine = advance(e, oldLine, newLine)
		}
		start = hunk.to
	}
	return b.String()
}

// splitLines cuts a text into lines that keep their end, so that a missing last one shows.
func splitLines(text string) []string {
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func advance(e edit, oldLine, newLine int) (int, int) {
	if e.kind != '+' {
		oldLine++
	}
	if e.kind != '-' {
		newLine++
	}
	return oldLine, newLine
}

// hunk is a range of edits that are shown together.
type hunk struct{ from, to int }

// nextHunk finds the next changes from an index on, with their context; changes that are near each other share a hunk. Without any
// change left the hunk is empty and at the end.
func nextHunk(edits []edit, start int) hunk {
	changed := func(e edit) bool { return e.kind != ' ' }
	first := slices.IndexFunc(edits[start:], changed)
	if first < 0 {
		return hunk{len(edits), len(edits)}
	}
	first += start
	last := first
	for i := first; i < len(edits) && i <= last+2*contextLines+1; i++ {
		if changed(edits[i]) {
			last = i
		}
	}
	return hunk{max(start, first-contextLines), min(len(edits), last+contextLines+1)}
}

func (h hunk) print(b *strings.Builder, edits []edit, oldLine, newLine int) {
	if h.from == h.to {
		return
	}
	oldCount, newCount := 0, 0
	for _, e := range edits[h.from:h.to] {
		oldCount, newCount = advance(e, oldCount, newCount)
	}
	fmt.Fprintf(b, "@@ -%s +%s @@\n", lineRange(oldLine, oldCount), lineRange(newLine, newCount))
	for _, e := range edits[h.from:h.to] {
		b.WriteByte(e.kind)
		b.WriteString(e.line)
		if !strings.HasSuffix(e.line, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// lineRange prints a range as diff does: a range of one line without its length, an empty one as the line before it.
func lineRange(line, count int) string {
	switch count {
	case 0:
		return fmt.Sprintf("%d,0", line-1)
	case 1:
		return fmt.Sprint(line)
	default:
		return fmt.Sprintf("%d,%d", line, count)
	}
}

// compareLines finds the edits that make the lines before those after.
func compareLines(before, after []string) []edit {
	prefix := 0
	for prefix < min(len(before), len(after)) && before[prefix] == after[prefix] {
		prefix++
	}
	suffix := 0
	for suffix < min(len(before), len(after))-prefix && before[len(before)-1-suffix] == after[len(after)-1-suffix] {
		suffix++
	}
	edits := mark(nil, ' ', before[:prefix])
	edits = append(edits, smallest(before[prefix:len(before)-suffix], after[prefix:len(after)-suffix])...)
	return mark(edits, ' ', before[len(before)-suffix:])
}

func mark(edits []edit, kind byte, lines []string) []edit {
	for _, line := range lines {
		edits = append(edits, edit{kind, line})
	}
	return edits
}

// smallest is Myers' greedy algorithm. reach[k] is how far along the lines before a number of edits gets on the diagonal k = before - after;
// trace keeps what it was before each further edit.
func smallest(before, after []string) []edit {
	limit := min(len(before)+len(after), maxEdits)
	reach := newDiagonals(limit + 1)
	var trace []diagonals
	for d := 0; d <= limit; d++ {
		trace = append(trace, reach.clone())
		for k := -d; k <= d; k += 2 {
			x := reach.at(reach.neighbour(k, d))
			if reach.neighbour(k, d) < k {
				x++
			}
			for x < len(before) && x-k < len(after) && before[x] == after[x-k] {
				x++
			}
			reach.set(k, x)
			if x >= len(before) && x-k >= len(after) {
				return retrace(trace, before, after)
			}
		}
	}
	return mark(mark(nil, '-', before), '+', after)
}

// retrace walks back from the ends of both texts and notes the edits on the way.
func retrace(trace []diagonals, before, after []string) []edit {
	var edits []edit
	x, y := len(before), len(after)
	for d, reach := range slices.Backward(trace) {
		k := reach.neighbour(x-y, d)
		fromX := reach.at(k)
		fromY := fromX - k
		for ; x > fromX && y > fromY && x > 0 && y > 0; x, y = x-1, y-1 {
			edits = append(edits, edit{' ', before[x-1]})
		}
		switch {
		case d == 0:
		case x == fromX:
			edits = append(edits, edit{'+', after[fromY]})
		default:
			edits = append(edits, edit{'-', before[fromX]})
		}
		x, y = fromX, fromY
	}
	slices.Reverse(edits)
	return edits
}

// diagonals holds a number for each diagonal from -n to n.
type diagonals []int

func newDiagonals(n int) diagonals { return make(diagonals, 2*n+1) }

func (v diagonals) at(k int) int     { return v[len(v)/2+k] }
func (v diagonals) set(k, x int)     { v[len(v)/2+k] = x }
func (v diagonals) clone() diagonals { return slices.Clone(v) }

// neighbour says from which neighbouring diagonal the d-th edit gets furthest on diagonal k.
func (v diagonals) neighbour(k, d int) int {
	if k == -d || k != d && v.at(k-1) < v.at(k+1) {
		return k + 1
	}
	return k - 1
}
