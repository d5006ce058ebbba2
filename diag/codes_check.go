package diag

// 6xxx: the proxy's own check of the rendered configuration.
var (
	CheckRefused = code(6001, "check-refused", Error,
		"The proxy's own check refused the rendered configuration. It was not put in place; the last good configuration goes on serving.")
)
