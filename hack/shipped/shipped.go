// Package shipped runs in tests what the manifests of deploy/ have Kubernetes run: the commands and arguments of their containers, read
// from the shipped files, in a folder in place of the shared volume.
package shipped

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// volume is where the containers of deploy/ mount the shared volume.
const volume = "/run/headgate"

// T is what this package needs of a test. A testing.TB has it.
type T interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Cleanup(clean func())
	TempDir() string
}

// Container is a container of a Deployment.
type Container struct {
	t    T
	dir  string
	spec corev1.Container
	// bin is a folder in which a binary has the name of the proxy.
	bin string
}

// Read returns the container of that name in the Deployment of a manifest, with dir in place of the shared volume.
func Read(t T, manifest, name, dir string) *Container {
	t.Helper()
	data, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096)
	for {
		var deployment appsv1.Deployment
		if err := documents.Decode(&deployment); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%s: %v", manifest, err)
		}
		for _, c := range deployment.Spec.Template.Spec.Containers {
			if deployment.Kind == "Deployment" && c.Name == name {
				return &Container{t: t, dir: dir, spec: c}
			}
		}
	}
	t.Fatalf("%s: no Deployment with a container called %s", manifest, name)
	return nil
}

// Args are the arguments of the container. Each of replacements ("--http-port=8080") takes the place of the shipped argument for the
// same flag; there has to be one.
func (c *Container) Args(replacements ...string) []string {
	c.t.Helper()
	args := c.translated(c.spec.Args)
	for _, replacement := range replacements {
		flag, _, _ := strings.Cut(replacement, "=")
		found := false
		for i, arg := range args {
			if shipped, _, _ := strings.Cut(arg, "="); shipped == flag {
				args[i], found = replacement, true
			}
		}
		if !found {
			c.t.Fatalf("container %s has no argument %s to replace", c.spec.Name, flag)
		}
	}
	return args
}

// Start runs the command of the container, in which the name of the proxy stands for binary, until the test ends or somebody stops it.
// The command is the leader of a process group.
func (c *Container) Start(binary string) *exec.Cmd {
	c.t.Helper()
	cmd := c.Command(binary)
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		_ = cmd.Wait()                                      // it was killed
	})
	return cmd
}

// Command is the command of the container, not started.
func (c *Container) Command(binary string) *exec.Cmd {
	c.t.Helper()
	return c.command(c.spec.Command, binary)
}

// PreStop is what Kubernetes runs before it ends the container.
func (c *Container) PreStop(binary string) *exec.Cmd {
	c.t.Helper()
	if c.spec.Lifecycle == nil || c.spec.Lifecycle.PreStop == nil || c.spec.Lifecycle.PreStop.Exec == nil {
		c.t.Fatalf("container %s has no preStop command", c.spec.Name)
	}
	return c.command(c.spec.Lifecycle.PreStop.Exec.Command, binary)
}

// HasLiveness reports whether Kubernetes runs a command to see whether the container has to be restarted.
func (c *Container) HasLiveness() bool {
	return c.spec.LivenessProbe != nil && c.spec.LivenessProbe.Exec != nil
}

// Liveness is that command.
func (c *Container) Liveness(binary string) *exec.Cmd {
	c.t.Helper()
	if !c.HasLiveness() {
		c.t.Fatalf("container %s has no liveness command", c.spec.Name)
	}
	return c.command(c.spec.LivenessProbe.Exec.Command, binary)
}

func (c *Container) command(words []string, binary string) *exec.Cmd {
	c.t.Helper()
	words = c.translated(words)
	if c.bin == "" {
		c.bin = c.t.TempDir()
		if err := os.Symlink(binary, filepath.Join(c.bin, c.spec.Name)); err != nil {
			c.t.Fatal(err)
		}
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = append(os.Environ(), "PATH="+c.bin+":"+os.Getenv("PATH"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// translated puts the folder in place of the shared volume.
func (c *Container) translated(words []string) []string {
	var out []string
	for _, word := range words {
		out = append(out, strings.ReplaceAll(word, volume, c.dir))
	}
	return out
}
