package diag

// 4xxx: an object names another one that is missing, unusable or not to be used.
var (
	ServiceMissing = code(4001, "service-missing", Warning,
		"A path names a Service that is not in the input. The path answers 503 until the Service exists.")
)
