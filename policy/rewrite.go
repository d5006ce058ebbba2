package policy

// Rewrite changes the path of a request before it is sent on.
type Rewrite struct {
	// Regex reads the paths of the Ingress as regular expressions, and thereby all paths of its hosts.
	Regex PerRoute[bool]
	// Target is the new path with groups $1 to $9, or a URL to redirect to. Different from the path, it does what Regex does.
	Target PerRoute[string]
	// Prefix is sent to endpoints as X-Forwarded-Prefix; only with a Target that is a path.
	Prefix PerRoute[string]
}

// BesideRedirect lists what an Ingress says and what has no effect where its Target is a URL.
func (i *Ingress) BesideRedirect() []Origin {
	return i.without([]Origin{i.Rewrite.Target.Origin, i.Rewrite.Regex.Origin, i.Class.Name.Origin, i.Passthrough.Enabled.value.Origin})
}
