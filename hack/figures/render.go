package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// render measures headgate render as a process, start and the reading and writing of files included.
func (b *bench) render() {
	const times = 5
	for _, proxy := range b.proxies {
		for _, n := range []int{1000, 10_000} {
			in := filepath.Join(b.TempDir(), "in.yaml")
			var text strings.Builder
			text.WriteString(ground + "---\n" + shared())
			for i := range n {
				text.WriteString(existing(i))
			}
			b.Must(os.WriteFile(in, []byte(text.String()), 0o600))
			var took sample
			var most int64
			for range times {
				cmd := exec.Command(b.headgate, "render", "--proxy", proxy, "-f", in, "-o", filepath.Join(b.TempDir(), "out"))
				start := time.Now()
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("headgate render: %v: %.2000s", err, out)
				}
				took = append(took, time.Since(start))
				if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
					most = max(most, usage.Maxrss)
				}
			}
			b.report.add(row{"render", proxy, fmt.Sprintf("%d Ingresses of two paths, one file in", n), took.String()})
			b.report.add(row{"render", proxy, "highest resident memory", fmt.Sprintf("%d MiB", most>>10)})
		}
	}
}
