package reload

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// nginxWorker is a worker process of an nginx.
type nginxWorker struct {
	pid int
	// retiring says that it only finishes its connections, after a reload.
	retiring bool
	// started is when it was started, in ticks since the machine was.
	started uint64
}

// workersOf lists the workers of a master, oldest first.
func workersOf(master int) []nginxWorker {
	var workers []nginxWorker
	for _, pid := range nginxProcesses("nginx: worker process") {
		title, err := procTitle(pid)
		if stat := readStat(pid); err == nil && stat.parent == master {
			workers = append(workers, nginxWorker{pid: pid, retiring: strings.HasPrefix(title, retiringTitle), started: stat.started})
		}
	}
	slices.SortFunc(workers, func(a, b nginxWorker) int {
		return cmp.Or(cmp.Compare(a.started, b.started), cmp.Compare(a.pid, b.pid))
	})
	return workers
}

// retiringOf are the workers of a master that only finish their connections, oldest first.
func retiringOf(master int) []nginxWorker {
	return slices.DeleteFunc(workersOf(master), func(w nginxWorker) bool { return !w.retiring })
}

// procStat is what the kernel says of a process.
type procStat struct {
	parent  int // 0 if the process is gone
	started uint64
}

// readStat reads it.
func readStat(pid int) procStat {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return procStat{}
	}
	// "123 (name, which may hold blanks and brackets) S 1 …"; what comes after the name is fields 3 and following of proc(5).
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 20 {
		return procStat{}
	}
	parent, _ := strconv.Atoi(fields[1]) // the kernel prints numbers
	started, _ := strconv.ParseUint(fields[19], 10, 64)
	return procStat{parent: parent, started: started}
}

// parentOf returns the parent of a process, 0 if the process is gone.
func parentOf(pid int) int { return readStat(pid).parent }
