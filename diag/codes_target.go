package diag

// 5xxx: the chosen proxy, or its version, cannot express what was asked for.
var (
	TargetUnsupported = code(5001, "target-unsupported", Error,
		"The chosen proxy cannot do what an annotation or setting asks for. The message says what happens instead; where the setting guards something, the route is closed.")
)
