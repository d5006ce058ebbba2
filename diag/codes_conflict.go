package diag

// 3xxx: two objects want the same thing.
var (
	PathConflict = code(3001, "path-conflict", Warning,
		"Two rules claim the same host, path and path type. The rule of the older Ingress stays, the other one is ignored together with its annotations for that path.")
)
