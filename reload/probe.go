package reload

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Linkage says how a part of a proxy can be used.
type Linkage string

const (
	// LinkageNone means that the part is not there.
	LinkageNone Linkage = "none"
	// LinkageStatic means that the part is in the binary.
	LinkageStatic Linkage = "static"
	// LinkageDynamic means that the part is a module on disk, which the configuration has to load.
	LinkageDynamic Linkage = "dynamic"
)

// Build is what a proxy's binary says about itself.
type Build struct {
	// Product is the name that the binary gives itself, "nginx" or "haproxy"; forks have names of their own.
	Product string
	// Version is the version as printed, without the distribution's additions: "1.22.1".
	Version string
	// ModulesPath is nginx's folder of dynamic modules, empty if it has none.
	ModulesPath string
	// Stream tells how TCP and UDP can be forwarded.
	Stream Linkage
	// StreamModule is the file to load if Stream is LinkageDynamic.
	StreamModule string
	// Options are the words that the binary was built with ("--with-http_v2_module", "+OPENSSL").
	Options []string
}

// probeTimeout bounds one question to a binary.
const probeTimeout = 10 * time.Second

// ProbeNginx asks an nginx binary for its version and modules.
func ProbeNginx(ctx context.Context, bin string) (Build, error) {
	text, err := ask(ctx, bin, "-V")
	if err != nil {
		return Build{}, err
	}
	b, err := parseNginxBuild(text)
	if err != nil {
		return Build{}, fmt.Errorf("reading what %s -V says: %w", bin, err)
	}
	if b.Stream == LinkageDynamic {
		b.StreamModule = filepath.Join(b.ModulesPath, "ngx_stream_module.so")
		if _, err := os.Stat(b.StreamModule); err != nil {
			b.Stream, b.StreamModule = LinkageNone, "" // distributions package the module apart
		}
	}
	return b, nil
}

// ProbeHAProxy asks an HAProxy binary for its version.
func ProbeHAProxy(ctx context.Context, bin string) (Build, error) {
	text, err := ask(ctx, bin, "-vv")
	if err != nil {
		return Build{}, err
	}
	b, err := parseHAProxyBuild(text)
	if err != nil {
		return Build{}, fmt.Errorf("reading what %s -vv says: %w", bin, err)
	}
	return b, nil
}

// ask runs a binary with one flag and returns what it prints.
func ask(ctx context.Context, bin, flag string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	output := &cutBuffer{limit: 256 << 10}
	cmd := exec.CommandContext(ctx, bin, flag)
	cmd.Env = childEnv()
	cmd.Stdout, cmd.Stderr = output, output
	cmd.WaitDelay = outputDelay
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("asking %s for its version: %w", bin, err)
	}
	return output.String(), nil
}

var (
	nginxVersion   = regexp.MustCompile(`(?m)^nginx version: ([^/\s]+)/(\d+(?:\.\d+)+)`)
	haproxyVersion = regexp.MustCompile(`(?m)^HA-?Proxy version (\d+\.\d+(?:\.\d+|-dev\d+)?)`)
	haproxyOptions = regexp.MustCompile(`(?m)^Feature list : (.*)$`)
)

// parseNginxBuild reads the answer to -V.
func parseNginxBuild(text string) (Build, error) {
	m := nginxVersion.FindStringSubmatch(text)
	if m == nil {
		return Build{}, errors.New("there is no line with the version of an nginx")
	}
	b := Build{Product: m[1], Version: m[2], Stream: LinkageNone}
	_, words, _ := strings.Cut(text, "configure arguments:")
	b.Options = splitArguments(words)
	prefix := "/usr/local/nginx"
	for _, o := range b.Options {
		key, value, _ := strings.Cut(o, "=")
		switch {
		case key == "--prefix":
			prefix = value
		case key == "--modules-path":
			b.ModulesPath = value
		case o == "--with-stream":
			b.Stream = LinkageStatic
		case o == "--with-stream=dynamic":
			b.Stream = LinkageDynamic
		}
	}
	if b.ModulesPath == "" {
		b.ModulesPath = "modules"
	}
	if !filepath.IsAbs(b.ModulesPath) {
		b.ModulesPath = filepath.Join(prefix, b.ModulesPath)
	}
	return b, nil
}

// parseHAProxyBuild reads the answer to -vv.
func parseHAProxyBuild(text string) (Build, error) {
	m := haproxyVersion.FindStringSubmatch(text)
	if m == nil {
		return Build{}, errors.New("there is no line with the version of an HAProxy")
	}
	b := Build{Product: "haproxy", Version: m[1], Stream: LinkageStatic}
	if o := haproxyOptions.FindStringSubmatch(text); o != nil {
		b.Options = strings.Fields(o[1])
	}
	return b, nil
}

// splitArguments splits a line at blanks that are not inside single quotes, and drops the quotes.
func splitArguments(line string) []string {
	var args []string
	var arg strings.Builder
	quoted, begun := false, false
	flush := func() {
		if begun {
			args = append(args, arg.String())
		}
		arg.Reset()
		begun = false
	}
	for _, r := range strings.TrimSpace(line) {
		switch {
		case r == '\'':
			quoted, begun = !quoted, true
		case !quoted && (r == ' ' || r == '\n' || r == '\t'):
			flush()
		default:
			arg.WriteRune(r)
			begun = true
		}
	}
	flush()
	return args
}
