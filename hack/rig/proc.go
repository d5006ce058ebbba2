package rig

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Family returns a process and its descendants.
func Family(root int) []int {
	children := map[int][]int{}
	entries, _ := os.ReadDir("/proc") // without it there are no figures, which shows
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			if fields := Stat(pid); len(fields) > 1 {
				parent, _ := strconv.Atoi(fields[1])
				children[parent] = append(children[parent], pid)
			}
		}
	}
	all := []int{root}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// Stat returns the fields of a process's stat file from the third on.
func Stat(pid int) []string {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return nil
	}
	return strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
}
