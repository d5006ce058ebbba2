package reload

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// mastersOf finds the nginx masters that run with a work dir, whatever the pid file says: somebody may have removed that, and nginx
// writes it only once.
func mastersOf(workDir string) []int {
	return slices.DeleteFunc(nginxProcesses(masterTitle), func(pid int) bool {
		title, err := procTitle(pid)
		return err != nil || !strings.Contains(title+" ", " "+workDir+" ")
	})
}

// orphansOf finds the nginx processes that have a work dir as their current folder, as those have that Headgate starts, except for those
// of a process group and for workers that are only finishing their connections. Workers outlive a master that was killed, and hold its
// ports.
func orphansOf(workDir string, except int) []int {
	return slices.DeleteFunc(nginxProcesses("nginx: "), func(pid int) bool {
		folder, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
		group, errGroup := syscall.Getpgid(pid)
		title, errTitle := procTitle(pid)
		return errors.Join(err, errGroup, errTitle) != nil || folder != workDir || group == except || strings.HasPrefix(title, retiringTitle)
	})
}

// nginxProcesses lists the processes whose title begins in a way.
func nginxProcesses(title string) []int {
	paths, _ := filepath.Glob("/proc/[0-9]*") // the pattern is right
	var found []int
	for _, path := range paths {
		pid, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		if t, err := procTitle(pid); err == nil && strings.HasPrefix(t, title) {
			found = append(found, pid)
		}
	}
	return found
}
