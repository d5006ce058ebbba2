package diag

// 7xxx: putting a configuration in place.
var (
	ReloadFailed = code(7001, "reload-failed", Error,
		"The proxy did not confirm the new configuration. The last good one was put back.")
)
