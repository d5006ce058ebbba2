package main

import (
	"time"
)

// fault is a kind of harm.
type fault struct {
	name, about string
	// fits says where it makes sense; everywhere if nil.
	fits func(setup) bool
	// kube says that it is about the API server.
	kube bool
	// ends says where requests may be lost, because the harm ends the proxy; nowhere if nil.
	ends func(setup) bool
	// do does the harm, and what an operator would do to end it. It returns why it could not, or "".
	do func(*scene) string
}

// everywhere, asChild and the others say where something holds.
func everywhere(setup) bool       { return true }
func asChild(at setup) bool       { return at.mode == child }
func beside(at setup) bool        { return at.mode == sidecar }
func besideHAProxy(at setup) bool { return at.mode == sidecar && at.proxy == "haproxy" }

func (f *fault) source() string {
	if f.kube {
		return "kube"
	}
	return "files"
}

// faults are all kinds of harm. How an API server misbehaves is nothing to how the proxy runs, so one way is enough.
var faults = []fault{
	{name: "nothing", about: "no harm: what follows is held against it", do: func(*scene) string { time.Sleep(2 * time.Second); return "" }},
	{name: "kill-headgate", about: "SIGKILL of headgate at random moments", ends: asChild, do: (*scene).killHeadgate},
	{name: "end-headgate", about: "SIGTERM of headgate in the middle of changes", ends: asChild, do: (*scene).endHeadgate},
	{name: "kill-proxy", about: "SIGKILL of the proxy's first process at random moments", ends: everywhere, do: (*scene).killProxy},
	{name: "kill-worker", about: "SIGKILL of a worker of the proxy at random moments", ends: everywhere, do: (*scene).killWorker},
	{name: "kill-all", about: "SIGKILL of all processes at once", ends: everywhere, do: (*scene).killAll},
	{name: "kill-all-busy", about: "the same, and others hold the port for 3 s then", ends: everywhere, do: (*scene).killAllBusy},
	{name: "start-amid-changes", about: "SIGKILL of the proxy, and changes without a pause while it starts", ends: everywhere, do: (*scene).startAmidChanges},
	{name: "stop-headgate", about: "SIGSTOP of headgate for 5 s", do: (*scene).stopHeadgate},
	{name: "stop-proxy", about: "SIGSTOP of all processes of the proxy for longer than --confirm-timeout", do: (*scene).stopProxy},
	{name: "stop-master", about: "SIGSTOP of the proxy's first process for longer than --confirm-timeout", do: (*scene).stopMaster},
	{name: "stop-worker", about: "SIGSTOP of each worker of the proxy for 2 s", do: (*scene).stopWorkers},
	{name: "disk-full", about: "no space left where the work dir is", do: (*scene).fillDisk},
	{name: "remove-sockets", about: "all sockets of the work dir are removed", ends: besideHAProxy, do: (*scene).removeSockets},
	{name: "remove-current", about: "the link to the configuration in place is removed", do: (*scene).removeCurrent},
	{name: "remove-each", about: "whatever is in the work dir is removed, one after the other", do: (*scene).removeEach},
	{name: "remove-work-dir", about: "the whole work dir is removed", ends: besideHAProxy, do: (*scene).removeWorkDir},
	{name: "slow-write", about: "manifests are written in place over 3 s", do: (*scene).writeSlowly},
	{name: "empty-file", about: "manifests are emptied for 2 s", do: (*scene).emptyFiles},
	{name: "busy-log", about: "nobody reads what headgate logs", fits: beside, do: (*scene).blockLog},
	{name: "two-headgates", about: "a second headgate on the same work dir, and one on the same ports", do: (*scene).startSecond},
	{name: "api-hangs", about: "the API server takes requests and answers nothing", kube: true, fits: beside, do: apiFault(hangs)},
	{name: "api-closes", about: "the API server closes every connection", kube: true, fits: beside, do: apiFault(closes)},
	{name: "api-cuts", about: "the API server closes every connection in the middle of its answer", kube: true, fits: beside, do: apiFault(cuts)},
	{name: "api-429", about: "the API server answers 429, and that it should be asked again in an hour", kube: true, fits: beside, do: apiFault(429)},
	{name: "api-403", about: "the API server answers 403", kube: true, fits: beside, do: apiFault(403)},
	{name: "api-410", about: "the API server answers 410", kube: true, fits: beside, do: apiFault(410)},
	{name: "api-500", about: "the API server answers 500", kube: true, fits: beside, do: apiFault(500)},
}
