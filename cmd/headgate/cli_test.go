package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shop is a small good input.
const shop = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: web, port: {number: 80}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80}]}
`

// result is what a command line came to.
type result struct {
	code        int
	out, errout string
}

// headgate runs a command line in this process.
func headgate(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, errout bytes.Buffer
	code := execute(t.Context(), args, streams{in: strings.NewReader(stdin), out: &out, err: &errout})
	return result{code, out.String(), errout.String()}
}

// writeTemp writes a file into a new folder and returns its path.
func writeTemp(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCommandLines(t *testing.T) {
	good, broken := writeTemp(t, "shop.yaml", shop), writeTemp(t, "broken.yaml", shop+"---\n{a: [\n")
	warned := writeTemp(t, "warned.yaml", strings.Replace(shop, "name: web, port", "name: nobody, port", 1))
	noSecret := writeTemp(t, "tls.yaml", strings.Replace(shop, "  rules:", "  tls: [{hosts: [shop.example], secretName: s}]\n  rules:", 1))
	short := writeTemp(t, "key", "short\n")
	nginx := writeTemp(t, "nginx", "#!/bin/sh\necho 'nginx version: nginx/1.22.1' >&2\n") // in place of one that may not be installed
	if err := os.Chmod(nginx, 0o755); err != nil {
		t.Fatal(err)
	}
	badTemplate := filepath.Dir(writeTemp(t, "host.tmpl", "{{"))
	wrongTemplate := t.TempDir()
	if err := os.Mkdir(filepath.Join(wrongTemplate, "nginx"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(wrongTemplate, "nginx", "headers.tmpl"), []byte("proxy_set_header A {{index . 99}};\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		args  string
		stdin string
		code  int
		// out and errout must be in the output; the other stream must then not hold out.
		out, errout string
	}{
		{name: "render prints files under headings", args: "render -f " + good, out: "# ==> hosts/shop.example.conf <==\n"},
		{name: "standard input", args: "render -f -", stdin: shop, out: "server_name shop.example;"},
		{name: "help", args: "--help", out: "Exit codes: 0 fine"},
		{name: "no verb", args: "", out: "Usage:"},
		{name: "version", args: "version", out: "headgate "},
		{name: "completion", args: "completion bash", out: "bash completion"},
		{name: "completion of an unknown shell", args: "completion fihs", code: exitUsage, errout: `did you mean "fish"?`},
		{name: "completion of two shells", args: "completion bash fish", code: exitUsage, errout: "takes no argument"},
		{name: "one port for both", args: "render --http-port 443 -f " + good, code: exitUsage, errout: "both 443"},
		{name: "one port for both in run", args: "run --https-port 80 -f " + good, code: exitUsage, errout: "both 80"},
		{name: "no time", args: "run --stop-timeout -5s -f " + good, code: exitUsage, errout: "must be positive"},
		{name: "routes", args: "routes -f " + good, out: "http shop_web_80"},
		{name: "routes for programs", args: "routes --format json -f " + good, out: `"host": "shop.example"`},
		{name: "explain", args: "explain -f " + good + " http://shop.example/x?y", out: "target     /x?y"},
		{name: "explain for programs", args: "explain --format json -f " + good + " http://shop.example/x", out: `"backend": "shop_web_80"`},
		{name: "explain of an unknown host", args: "explain -f " + good + " http://other.example", out: "answer   404"},
		{name: "another proxy", args: "render --proxy haproxy -f " + good, out: "# ==> haproxy.cfg <==\n"},
		{name: "a Secret that is not in the input", args: "lint -f " + noSecret, out: "info[4008 certificate-placeholder]"},
		{name: "annotations", args: "annotations", out: "rewrite-target"},
		{name: "annotations as a document", args: "annotations --format markdown", out: "rewrite-target"},
		{name: "settings for programs", args: "annotations --settings --format json", out: `"key": "ssl-redirect"`},
		{name: "lint finds nothing", args: "lint -f " + good},

		{name: "errors fail", args: "render -f " + broken, code: exitFindings, out: "server_name shop.example;", errout: "error["},
		{name: "lint prints to standard output", args: "lint -f " + broken, code: exitFindings, out: "error["},
		{name: "lint for code review", args: "lint --format github -f " + broken, code: exitFindings, out: "::error "},
		{name: "warnings do not fail", args: "lint -f " + warned, out: "warning["},
		{name: "warnings fail if asked to", args: "lint --fail-on warning -f " + warned, code: exitFindings, out: "warning["},
		{name: "nothing fails if asked to", args: "lint --fail-on never -f " + broken, out: "error["},

		{name: "no input", args: "render", code: exitUsage, errout: "name files and folders with -f"},
		{name: "input without -f", args: "render " + good, code: exitUsage, errout: "with -f"},
		{name: "unknown verb", args: "rendr", code: exitUsage, errout: `did you mean "render"?`},
		{name: "unknown flag", args: "render --proxi nginx", code: exitUsage, errout: `did you mean "proxy"?`},
		{name: "unknown proxy", args: "render --proxy ngin -f " + good, code: exitUsage, errout: `did you mean "nginx"?`},
		{name: "bad version", args: "render --proxy-version new -f " + good, code: exitUsage, errout: "--proxy-version"},
		{name: "bad port", args: "render --http-port 70000 -f " + good, code: exitUsage, errout: "1 to 65535"},
		{name: "bad address", args: "render --bind localhost -f " + good, code: exitUsage, errout: "IP addresses"},
		{name: "bad name", args: "render --configmap settings -f " + good, code: exitUsage, errout: "namespace/name"},
		{name: "explain of a canary", args: "explain -f ../../testdata/canary/weights http://w.example/", out: "shop_b_80 0.3333 %"},
		{name: "explain with a header", args: "explain -H X-B:always -f ../../testdata/canary/weights http://w.example/", out: "http shop_b_80"},
		{name: "explain says what applies", args: "explain --client 10.1.2.3 -f ../../testdata/limits/all http://l.example/", code: exitFindings, out: "exempt, 10.0.0.0/8"},
		{name: "explain says where a step comes from", args: "explain -H X-B:always -f ../../testdata/canary/weights http://w.example/",
			out: "1  canary   shop_b_80 by header x-b    Ingress shop/b-side"},
		{name: "steps for programs", args: "explain -X POST --format json -f ../../testdata/limits/all https://l.example/", code: exitFindings, out: `"family": "limits"`},
		{name: "bad method", args: "explain -X P/ -f " + good + " http://shop.example/", code: exitUsage, errout: "is not a method"},
		{name: "bad client", args: "explain --client localhost -f " + good + " http://shop.example/", code: exitUsage, errout: "is not an IP address"},
		{name: "bad header", args: "explain -H X-B -f " + good + " http://shop.example/", code: exitUsage, errout: "is not a header"},
		{name: "no URL", args: "explain -f " + good, code: exitUsage, errout: "one URL"},
		{name: "bad URL", args: "explain -f " + good + " shop.example", code: exitUsage, errout: "not a URL"},
		{name: "output and check", args: "render -o a --check b -f " + good, code: exitUsage, errout: "one of them"},
		{name: "keys on standard output", args: "render --secrets write -f " + good, code: exitUsage, errout: "never printed"},
		{name: "bad template", args: "render --templates " + badTemplate + " -f " + good, code: exitUsage, errout: "host.tmpl:1"},
		{name: "bad number", args: "render --replicas 0 -f " + good, code: exitUsage, errout: "from 1 on"},
		{name: "sockets of HAProxy for nginx", args: "run --master-socket /s -f " + good, code: exitUsage, errout: "--proxy haproxy"},
		{name: "pid file for HAProxy", args: "run --proxy haproxy --pid-file /p -f " + good, code: exitUsage, errout: "--master-socket"},
		{name: "session key too short", args: "run --source files --status-address= --proxy-bin " + nginx + " --work-dir " + t.TempDir() + " --session-key-file " + short + " -f " + good,
			code: exitUsage, errout: "it needs at least 16"},
		{name: "session Secret without a cluster", args: "run --session-key-secret a/b -f " + good, code: exitUsage, errout: "--session-key-file"},
		{name: "two session keys", args: "run --source kube --session-key-secret a/b --session-key-file /k", code: exitUsage, errout: "exclude each other"},
		{name: "code by number", args: "explain-code 4001", out: "4001 service-missing (warning)"},
		{name: "code by name", args: "explain-code service-missing", out: "docs/diagnostics.md#4001-service-missing"},
		{name: "all codes", args: "explain-code", out: "4001 service-missing"},
		{name: "no such code", args: "explain-code servise-missing", code: exitUsage, errout: "did you mean \"service-missing\""},
		{name: "no source", args: "run", code: exitUsage, errout: "--source kube"},
		{name: "files without -f", args: "run --source files", code: exitUsage, errout: "needs -f"},
		{name: "kube with -f", args: "run --source kube -f x", code: exitUsage, errout: "reads from the cluster"},
		{name: "run from standard input", args: "run --source files -f -", code: exitUsage, errout: "cannot be followed"},

		{name: "input is missing", args: "render -f /nowhere", code: exitIO, errout: "/nowhere"},
		{name: "folder to compare with is missing", args: "render --check /nowhere -f " + good, code: exitIO, errout: "/nowhere"},
		{name: "folder to write to cannot be made", args: "render -o /dev/null/x -f " + good, code: exitIO, errout: "output folder"},
		{name: "wrong template", args: "render --templates " + wrongTemplate + " -f " + good, code: exitUsage, errout: "nginx/headers"},
		{name: "templates are missing", args: "render --templates /nowhere -f " + good, code: exitIO, errout: "/nowhere"},
		{name: "configuration file is missing", args: "render --config /nowhere -f " + good, code: exitIO, errout: "/nowhere"},
		{name: "work dir cannot be made", args: "run --source files --status-address= --proxy-bin " + nginx + " --work-dir /dev/null/x -f " + good, code: exitIO, errout: "work dir"},
		{name: "checker is missing", args: "render --check-with /nowhere -f " + good, code: exitIO, errout: "/nowhere"},
		{name: "proxy is missing", args: "run --source files --status-address= --proxy-bin /nowhere -f " + good, code: exitIO, errout: "/nowhere"},
		{name: "cluster is not described", args: "run --source kube --kubeconfig /nowhere", code: exitIO, errout: "/nowhere"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := headgate(t, tt.stdin, strings.Fields(tt.args)...)
			if got.code != tt.code {
				t.Errorf("exit code %d, want %d", got.code, tt.code)
			}
			if !strings.Contains(got.out, tt.out) || !strings.Contains(got.errout, tt.errout) {
				t.Errorf("want %q on standard output and %q on standard error", tt.out, tt.errout)
			}
			if tt.code == exitUsage && strings.Count(got.errout, "\n") != 1 {
				t.Error("a mistake of usage is told in one line")
			}
			if t.Failed() {
				t.Logf("standard output:\n%s\nstandard error:\n%s", got.out, got.errout)
			}
		})
	}
}

func TestPrecedence(t *testing.T) {
	good := writeTemp(t, "shop.yaml", shop)
	config := writeTemp(t, "headgate.yaml", "http-port: 1003\nproxy-version: 1.30\nbind: [127.0.0.3, \"::1\"]\nquiet-period: 1s\n")
	listens := func(t *testing.T, want string, args ...string) {
		t.Helper()
		got := headgate(t, "", append([]string{"render", "-f", good}, args...)...)
		if got.code != exitFine || !strings.Contains(got.out, "listen "+want+";") {
			t.Errorf("exit code %d, no %q in:\n%s%s", got.code, want, got.errout, got.out)
		}
	}
	t.Run("default", func(t *testing.T) { listens(t, "0.0.0.0:80") })
	t.Run("file", func(t *testing.T) { listens(t, "127.0.0.3:1003", "--config", config) })
	t.Run("list in a file", func(t *testing.T) { listens(t, "[::1]:1003", "--config", config) })
	t.Run("flag over file", func(t *testing.T) { listens(t, "127.0.0.3:1001", "--config", config, "--http-port", "1001") })
	t.Setenv("HEADGATE_HTTP_PORT", "1002")
	t.Run("environment", func(t *testing.T) { listens(t, "0.0.0.0:1002") })
	t.Run("environment over file", func(t *testing.T) { listens(t, "127.0.0.3:1002", "--config", config) })
	t.Run("flag over environment", func(t *testing.T) { listens(t, "0.0.0.0:1001", "--http-port", "1001") })
	t.Setenv("HEADGATE_BIND", "127.0.0.2,127.0.0.4")
	t.Run("list in the environment", func(t *testing.T) { listens(t, "127.0.0.4:1002") })
	t.Setenv("HEADGATE_CONFIG", config)
	t.Run("file named by the environment", func(t *testing.T) {
		// A version is text: 1.30 is not 1.3.
		if got := headgate(t, "", "render", "-f", good); !strings.Contains(got.out, "http2 on;") {
			t.Errorf("the version of the file does not count:\n%s%s", got.errout, got.out)
		}
	})
	t.Run("what has no settings", func(t *testing.T) {
		t.Setenv("HEADGATE_CONFIG", "/nowhere")
		for _, args := range []string{"version", "completion bash"} {
			if got := headgate(t, "", strings.Fields(args)...); got.code != exitFine {
				t.Errorf("%s: exit code %d: %s", args, got.code, got.errout)
			}
		}
	})
	t.Setenv("HEADGATE_HTTP_PORT", "http")
	t.Run("mistake in the environment", func(t *testing.T) {
		got := headgate(t, "", "render", "-f", good)
		if got.code != exitUsage || !strings.Contains(got.errout, `HEADGATE_HTTP_PORT: "http": must be a port`) {
			t.Errorf("exit code %d: %s", got.code, got.errout)
		}
	})
}

func TestConfigFiles(t *testing.T) {
	good := writeTemp(t, "shop.yaml", shop)
	for _, tt := range []struct{ name, text, want string }{
		{"unknown key", "http-prt: 80\n", `headgate.yaml:1: there is no setting "http-prt"; did you mean "http-port"?`},
		{"key twice", "proxy: nginx\nproxy: nginx\n", "headgate.yaml:2: \"proxy\" is set twice"},
		{"wrong value", "http-port: many\n", `headgate.yaml: http-port: "many": must be a port`},
		{"list for a single value", "proxy: [nginx]\n", "must be a single value"},
		{"map for a value", "proxy: {a: b}\n", "headgate.yaml:1: proxy: must be a single value or a list"},
		{"no map", "- proxy\n", "headgate.yaml:1: must hold flags"},
		{"no YAML", "a: [\n", "headgate.yaml: "},
		{"two documents", "proxy: nginx\n---\nproxy: haproxy\n", "headgate.yaml: line 2: there is a second document"},
		{"a file in a file", "config: other.yaml\n", `there is no setting "config"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := headgate(t, "", "render", "-f", good, "--config", writeTemp(t, "headgate.yaml", tt.text))
			if got.code != exitUsage || !strings.Contains(got.errout, tt.want) {
				t.Errorf("exit code %d, want %q in: %s", got.code, tt.want, got.errout)
			}
		})
	}
	t.Run("empty", func(t *testing.T) {
		if got := headgate(t, "", "render", "-f", good, "--config", writeTemp(t, "headgate.yaml", "# nothing\n")); got.code != exitFine {
			t.Errorf("exit code %d: %s", got.code, got.errout)
		}
	})
}
