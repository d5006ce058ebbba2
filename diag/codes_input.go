package diag

// 1xxx: the input itself, before its Kubernetes meaning.
var (
	InputSyntax = code(1001, "input-syntax", Error,
		"A document is not YAML or JSON. The document is passed over; the other documents of the same file and all other files are read.")
)
