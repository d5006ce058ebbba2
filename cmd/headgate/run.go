package main

import (
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headgate/headgate/translate"
	"github.com/headgate/headgate/watch"
)

// The sources of objects.
const (
	sourceFiles = "files"
	sourceKube  = "kube"
)

// serveFlags are those of run alone: where objects come from, and how the proxy is driven.
type serveFlags struct {
	source     string
	kubeconfig string
	quiet      time.Duration
	maxWait    time.Duration
	poll       time.Duration
	withdrawal withdrawalFlags

	workDir      string
	proxyBin     string
	pidFile      string
	errorLog     string
	checkTimeout time.Duration
	confirm      time.Duration
	stopTimeout  time.Duration

	maxOldWorkers  int
	oldWorkersWait time.Duration

	masterSocket  string
	udpProxyBin   string
	runtimeSocket string

	sessionKey    string
	sessionSecret translate.Name
	statusAddress string
	logFormat     string
	logLevel      string
}

func (f *serveFlags) register(flags *pflag.FlagSet) {
	f.logFormat, f.logLevel = "text", "info"
	flags.Var(oneOf(&f.source, sourceFiles, sourceKube), "source", "`source` of objects: files (with -f) or kube")
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "`file` that says how to reach the cluster; without it, the Pod's own account")
	flags.DurationVar(&f.quiet, "quiet-period", watch.DefaultTiming.Quiet, "debounce: changes are applied after this long without further ones")
	flags.DurationVar(&f.maxWait, "max-wait", watch.DefaultTiming.Ceiling, "upper bound of the debounce delay")
	flags.DurationVar(&f.poll, "poll-interval", watch.DefaultPoll, "how often files are read again although no event came")
	f.withdrawal.register(flags)

	flags.StringVar(&f.workDir, "work-dir", "/var/lib/headgate", "`folder` for configurations, sockets and the pid file; one for each headgate")
	flags.StringVar(&f.proxyBin, "proxy-bin", "", "`binary` of the proxy, run as a child; with --pid-file or --master-socket, used for checks only")
	flags.StringVar(&f.pidFile, "pid-file", "", "pid `file` of an nginx in another container; Headgate signals it instead of starting its own")
	flags.StringVar(&f.udpProxyBin, "udp-proxy-bin", "",
		"`binary` of an nginx that forwards UDP beside HAProxy, or none; without it, one that is on the path")
	flags.StringVar(&f.masterSocket, "master-socket", "", "`socket` of the master process of an HAProxy in another container; Headgate drives it instead of starting its own")
	flags.StringVar(&f.runtimeSocket, "runtime-socket", "", "`socket` that this HAProxy takes commands on; without it, run/runtime.sock in the work dir")
	flags.StringVar(&f.errorLog, "proxy-error-log", "", "`file` that the nginx of --pid-file logs to, to learn why it refuses a reload; without it, run/emerg.log in the work dir")
	flags.DurationVar(&f.checkTimeout, "check-timeout", time.Minute, "how long the proxy's own check of a small configuration may take")
	flags.DurationVar(&f.confirm, "confirm-timeout", 30*time.Second, "how long the proxy may take to serve a small new configuration before it counts as late")
	flags.IntVar(&f.maxOldWorkers, "max-old-workers", 0,
		"how many old workers may be finishing connections before a reload waits; 0 for 16 of HAProxy, four for each nginx worker that serves")
	flags.DurationVar(&f.oldWorkersWait, "old-workers-wait", 30*time.Second, "how long old workers have at least before they are ended because a reload waits")
	flags.DurationVar(&f.stopTimeout, "stop-timeout", 25*time.Second, "how long the proxy may finish its requests at the end")

	flags.StringVar(&f.sessionKey, "session-key-file", "", "`file` with the secret of session cookies, the same for all replicas; without it, one is made and kept in the work dir")
	flags.Var(objectName{&f.sessionSecret}, "session-key-secret",
		"Secret, as `namespace/name`, with the secret of session cookies that all replicas share; the first replica creates it")
	flags.StringVar(&f.statusAddress, "status-address", "127.0.0.1:10254", "`address` of /healthz, /readyz and /metrics; empty for none")
	flags.Var(oneOf(&f.logFormat, "text", "json"), "log-format", "`format` of the log: text or json")
	flags.Var(oneOf(&f.logLevel, "debug", "info", "warn", "error"), "log-level", "lowest `level` that is logged: debug, info, warn or error")
}

// runFlags are all flags of run.
type runFlags struct {
	input   inputFlags
	target  targetFlags
	meaning meaningFlags
	serve   serveFlags
}

// validate refuses combinations that cannot work.
func (f *runFlags) validate() error {
	switch {
	case f.serve.source == "" && len(f.input.paths) == 0:
		return usageError("say where objects come from: --source kube, or --source files with -f")
	case f.serve.source == sourceKube && len(f.input.paths) > 0:
		return usageError("-f goes with --source files; --source kube reads from the cluster")
	case f.serve.source == sourceFiles && len(f.input.paths) == 0:
		return usageError("--source files needs -f with files or folders")
	case f.serve.source == sourceFiles && f.serve.kubeconfig != "":
		return usageError("--kubeconfig goes with --source kube")
	case slices.Contains(f.input.paths, watch.Stdin):
		return usageError("standard input cannot be followed; give run a file or a folder")
	}
	if err := f.serve.validateBounds(); err != nil {
		return err
	}
	if err := f.meaning.validate(); err != nil {
		return err
	}
	if err := f.validateSessionKey(); err != nil {
		return err
	}
	if err := f.serve.withdrawal.validate(); err != nil {
		return err
	}
	return f.validateProxy()
}

// validateBounds refuses times and numbers that are too small.
func (f *serveFlags) validateBounds() error {
	switch {
	case f.quiet < 0 || f.maxWait < 0:
		return usageError("--quiet-period and --max-wait must not be negative")
	case f.maxOldWorkers < 0:
		return usageError("--max-old-workers must not be negative")
	case min(f.poll, f.checkTimeout, f.confirm, f.stopTimeout, f.oldWorkersWait) <= 0:
		return usageError("--poll-interval, --check-timeout, --confirm-timeout, --stop-timeout and --old-workers-wait must be positive")
	}
	return nil
}

// validateSessionKey refuses two places for one key, and a Secret where there is no cluster.
func (f *runFlags) validateSessionKey() error {
	switch {
	case f.serve.sessionSecret.IsZero():
		return nil
	case f.serve.source != sourceKube:
		return usageError("--session-key-secret goes with --source kube; use --session-key-file")
	case f.serve.sessionKey != "":
		return usageError("--session-key-file and --session-key-secret exclude each other")
	}
	return nil
}

// validateProxy refuses flags that go with another proxy, or with another way to drive it.
func (f *runFlags) validateProxy() error {
	switch {
	case f.target.proxy != proxyNginx && (f.serve.pidFile != "" || f.serve.errorLog != ""):
		return usageError("--pid-file and --proxy-error-log go with --proxy nginx; HAProxy is reached by --master-socket")
	case f.target.proxy != proxyHAProxy && (f.serve.masterSocket != "" || f.serve.runtimeSocket != ""):
		return usageError("--master-socket and --runtime-socket go with --proxy haproxy; nginx is reached by --pid-file")
	case f.serve.pidFile == "" && f.serve.errorLog != "":
		return usageError("--proxy-error-log goes with --pid-file: the log of a child is read as it comes")
	}
	return nil
}

func newRunCommand() *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run --source files -f PATH... | --source kube",
		Short: "Keep a proxy up to date with manifests or a cluster",
		Long: "Run follows a source and brings each change to the proxy: render, the proxy's own check, swap in one step, reload, confirm that the\n" +
			"new configuration serves, or roll back to the last good one. The proxy is a child process, or with --pid-file or\n" +
			"--master-socket one in another container of the same Pod. SIGHUP reads templates and input again; SIGTERM stops gracefully. See docs/run.md.",
		Example: "  headgate run --source files -f manifests/ --work-dir /run/headgate --http-port 8080 --https-port 8443\n" +
			"  headgate run --source kube --pid-file /run/headgate/run/nginx.pid\n" +
			"  headgate run --source kube --proxy haproxy --master-socket /run/headgate/run/master.sock",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.validate(); err != nil {
				return err
			}
			return serve(cmd, &flags)
		},
	}
	flags.input.register(cmd.Flags())
	flags.target.register(cmd.Flags())
	flags.meaning.register(cmd.Flags())
	flags.serve.register(cmd.Flags())
	return cmd
}
