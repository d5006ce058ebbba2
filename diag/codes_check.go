package diag

// 6xxx: the proxy's own check of the rendered configuration.
var (
	CheckRefused = code(6001, "check-refused", Error,
		"The proxy's own check refused the rendered configuration. It was not put in place; the last good configuration goes on serving.")
	CheckSkipped = code(6002, "check-skipped", Info,
		"There is no binary of the proxy beside Headgate, so the rendered configuration is put in place without the proxy's own check. A configuration that the running proxy does not take over is rolled back all the same. Name a binary of the same version with --proxy-bin to have every configuration checked first.")
	CheckWarned = code(6003, "check-warned", Warning,
		"The proxy's own check accepted the rendered configuration with a warning. The configuration is used as it is. The message repeats the proxy's words.")
)
