package reload

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/headgate/headgate/diag"
)

// checker runs a proxy's own checker.
type checker struct {
	dialect dialect
	bin     string
	workDir string
	timeout time.Duration // for a small configuration
	// args are the arguments that make the binary check a tree.
	args func(Tree) []string
}

// maxCheckText bounds how much of a checker's output is kept.
const maxCheckText = 8 << 10

// outputDelay bounds the wait for the output of a process that has ended: a child of it may hold the pipe open. Of what has been written
// nothing may be lost because nobody has come to read it yet.
const outputDelay = 10 * time.Second

// check has the proxy read a staged tree. Nothing is bound or served, but certificates are read and names resolved.
func (c checker) check(ctx context.Context, tree Tree) (diag.List, error) {
	timeout := c.timeout + Allowance(tree.Files)
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	output := &cutBuffer{limit: 8 * maxCheckText}
	cmd := exec.CommandContext(limited, c.bin, c.args(tree)...)
	cmd.Dir = c.workDir
	cmd.Env = childEnv()
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = outputDelay
	err := cmd.Run()
	said := c.dialect.readAll(output.String(), tree.Dir)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return said.warnings(c.dialect.product), nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, fmt.Errorf("running the check of %s: it did not end within %s", c.bin, timeout)
	case errors.As(err, &exit) && exit.Exited():
		return nil, said.refusal(tree.Generation, exit)
	default:
		return nil, fmt.Errorf("running %s: %w", c.bin, err)
	}
}

// skipped is what stands in for a check without a binary.
func (c checker) skipped() diag.List {
	return diag.List{diag.CheckSkipped.At(diag.Pos{}, diag.Ref{}, "",
		"no %s binary was given, so the configuration is put in place without %s's own check", c.dialect.product, c.dialect.product)}
}

// childEnv is the environment of a proxy's process: what libraries need, and no secrets of ours.
func childEnv() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TZ", "LANG", "LD_LIBRARY_PATH", "OPENSSL_CONF", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// cutBuffer keeps the beginning of what is written to it.
type cutBuffer struct {
	strings.Builder
	limit int
}

// Write implements io.Writer and never refuses.
func (b *cutBuffer) Write(p []byte) (int, error) {
	b.Builder.Write(p[:min(len(p), b.limit-b.Len())])
	return len(p), nil
}
