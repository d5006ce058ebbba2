package ports

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// TestProcessesDoNotShare starts the test binary once more: it is given ports of another block.
func TestProcessesDoNotShare(t *testing.T) {
	port := Free(t)
	if os.Getenv("PORTS_OF_A_CHILD") != "" {
		t.Logf("port=%d", port)
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestProcessesDoNotShare$", "-test.v")
	child.Env = append(os.Environ(), "PORTS_OF_A_CHILD=yes")
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, after, _ := strings.Cut(string(out), "port=")
	line, _, _ := strings.Cut(after, "\n")
	other, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if (port-first)/size == (other-first)/size {
		t.Errorf("two processes were given the ports %d and %d", port, other)
	}
}

func TestPortsAreFree(t *testing.T) {
	seen := map[int]bool{}
	for range size + 50 { // more than a block has; what nobody listens to is not given again
		port := Free(t)
		if seen[port] {
			t.Fatalf("port %d was given twice", port)
		}
		seen[port] = true
		listener, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			t.Fatal(err)
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
