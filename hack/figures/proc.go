package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate/headgate/hack/rig"
)

// tick is the unit of processor times in /proc, the same on every Linux of our days.
const tick = 10 * time.Millisecond

// processorTime is what processes have used, those of their children that have ended among it.
func processorTime(pids []int) time.Duration {
	var ticks int
	for _, pid := range pids {
		if fields := rig.Stat(pid); len(fields) > 14 {
			for _, field := range fields[11:15] {
				n, _ := strconv.Atoi(field) // the kernel prints numbers
				ticks += n
			}
		}
	}
	return time.Duration(ticks) * tick
}

// memory is what processes take, in KiB: their share of what is shared, and of that what is not the content of files.
type memory struct{ share, own int }

func memoryOf(pids []int) memory {
	var m memory
	for _, pid := range pids {
		m.share += kernelNumber(pid, "smaps_rollup", "Pss:")
		m.own += kernelNumber(pid, "smaps_rollup", "Pss_Anon:")
	}
	return m
}

func (m memory) String() string {
	return fmt.Sprintf("%d MiB, %d of it not from files", m.share>>10, m.own>>10)
}

// kernelNumber reads one number from a file about a process; 0 if there is none.
func kernelNumber(pid int, file, name string) int {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), file))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			n, _ := strconv.Atoi(fields[1]) // the kernel prints numbers
			return n
		}
	}
	return 0
}

// own is headgate itself, proxied its proxy.
func (g *gate) own() []int { return []int{g.cmd.Process.Pid} }

func (g *gate) proxied() []int {
	return slices.DeleteFunc(rig.Family(g.cmd.Process.Pid), func(pid int) bool { return pid == g.cmd.Process.Pid })
}
