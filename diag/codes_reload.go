package diag

// 7xxx: putting a configuration in place.
var (
	ReloadFailed = code(7001, "reload-failed", Error,
		"The proxy did not confirm the new configuration. The last good one was put back.")
	ProxyUnreachable = code(7002, "proxy-unreachable", Error,
		"There is no running proxy to hand the configuration to, or Headgate may not signal it. The configuration stays in place, and Headgate goes on trying until the proxy serves it.")
	PortBusy = code(7003, "port-busy", Warning,
		"Another process holds a port that a TCP or UDP entry asks for. The port is left out, because a proxy that cannot listen on one of its ports takes over nothing of a configuration; everything else is served. The port is tried again from time to time.")
)
