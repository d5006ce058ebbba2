package reload

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"sync"
)

// verdict collects what a proxy logs between being told of a generation and serving it. nginx has no other way to say that a reload
// came to nothing.
type verdict struct {
	dialect dialect
	dir     string // becomes relative in texts

	mu         sync.Mutex
	listening  bool
	generation string
	master     int // whose lines count; 0 for all, as long as it is not known
	lines      logLines
	final      bool
}

// expect starts a new collection.
func (v *verdict) expect(generation string, master int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.listening, v.generation, v.master, v.lines, v.final = true, generation, master, nil, false
}

// setMaster says whose lines count from now on.
func (v *verdict) setMaster(pid int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.master = pid
}

// acquit ends the collection: the generation serves.
func (v *verdict) acquit(generation string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.generation == generation {
		v.listening, v.lines, v.final = false, nil, false
	}
}

// maxVerdictLines bounds what is remembered of one reload.
const maxVerdictLines = 20

// note takes one line of the log.
func (v *verdict) note(line string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	l := v.dialect.read(line, v.dir)
	foreign := v.master != 0 && l.pid != 0 && l.pid != v.master
	if !v.listening || l.weight != grave || foreign || len(v.lines) >= maxVerdictLines {
		return
	}
	for _, known := range v.lines {
		if known.text == l.text {
			return
		}
	}
	v.lines = append(v.lines, l)
	v.final = v.final || v.dialect.settles(l.text)
}

// expected returns the generation that was told last.
func (v *verdict) expected() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.generation
}

// text returns what was collected.
func (v *verdict) text() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.lines.text()
}

// death explains why a process is not running.
func (v *verdict) death(p *process) error {
	how := "it ended"
	if p.err != nil {
		how = "it ended with " + p.err.Error()
	}
	if said := v.text(); said != "" {
		how += ": " + said
	}
	return &ReloadError{v.expected(), how}
}

// refusal returns an error if nginx has given up.
func (v *verdict) refusal() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.final {
		return nil
	}
	return &ReloadError{v.generation, v.lines.text()}
}

// maxLogLine is the longest line of a log that is read as one; nginx cuts its own at 2 KiB.
const maxLogLine = 8 << 10

// eachLine calls take for each line of a log until it ends, and returns what there is of a line that has not ended. A longer line comes
// in pieces.
func eachLine(r io.Reader, take func(line string)) (rest string) {
	lines := bufio.NewReaderSize(r, maxLogLine)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return string(line)
		}
		take(strings.TrimRight(string(line), "\r\n"))
	}
}
