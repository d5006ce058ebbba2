package diag

// 7xxx: putting a configuration in place.
var (
	ReloadFailed = code(7001, "reload-failed", Error,
		"The proxy did not confirm the new configuration. The last good one was put back.")
	ProxyUnreachable = code(7002, "proxy-unreachable", Error,
		"There is no running proxy to hand the configuration to, or Headgate may not signal it. The configuration stays in place, and Headgate goes on trying until the proxy serves it.")
	PortBusy = code(7003, "port-busy", Warning,
		"Another process holds a port that a TCP or UDP entry asks for. The port is left out, because a proxy that cannot listen on one of its ports takes over nothing of a configuration; everything else is served. The port is tried again from time to time.")
	AddressMissing = code(7004, "address-missing", Warning,
		"The machine does not have one of the addresses to listen on. It is left out, because a proxy that cannot listen on one of its addresses takes over nothing of a configuration; the other addresses are served. It is tried again from time to time. If the machine has none of them the change is left to the proxy, which refuses it, and what served before goes on serving.")
	ProxyLate = code(7010, "proxy-late", Warning,
		"The proxy has neither taken the new configuration over nor refused it within --confirm-timeout. It may be stopped or short of processor time. Nothing is rolled back; Headgate asks it every 2 seconds and tells it again from time to time.")
	OldWorkers = code(7011, "old-workers", Warning,
		"As many workers of earlier configurations are finishing their connections as --max-old-workers allows. Another reload waits until some have ended, for --old-workers-wait at most; then the oldest are ended with the connections that they have. Changes that come meanwhile are brought to the proxy together; endpoints and certificates go to HAProxy at once.")
)
