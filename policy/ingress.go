package policy

// Ingress is what one Ingress asks for. The zero Ingress asks for nothing; a dialect fills in its defaults.
type Ingress struct {
	// Closed is what the object costs itself because of a guard that cannot be built, or of what it must not say.
	Closed Closed

	Affinity    Affinity
	Backend     Backend
	Balance     Balance
	Canary      Canary
	Class       Class
	Errors      Errors
	Limits      Limits
	Passthrough Passthrough
	Redirect    Redirect
	Rewrite     Rewrite
	Snippets    Snippets

	// Written lists all that the object says in the dialect, what cannot be used or has no effect included, sorted by name.
	Written []Origin
}

// Closed is what a dialect refuses, each with the reason that answers 503 are explained by; empty where nothing is refused. Families that
// are not supported yet show only here, if what they say guards something.
type Closed struct {
	// Whole refuses the object as a whole. Its other policies still tell what kind of paths it would have had.
	Whole bool
	// Routes closes the paths of the Ingress.
	Routes PerRoute[string]
	// Hosts closes its hosts.
	Hosts PerHost[string]
}

// Refuses reports whether the paths of the Ingress are closed, for one reason or the other.
func (c *Closed) Refuses() bool { return c.Routes.V != "" || c.Hosts.value.V != "" }

// Spoilt lists the fields, as they are written now, that had a usable value before and have one now that cannot be used.
func (i *Ingress) Spoilt(before *Ingress) []string {
	usable := map[string]bool{}
	for _, o := range before.Written {
		usable[o.Name] = o.Given && !o.Refused
	}
	var keys []string
	for _, o := range i.Written {
		if o.Refused && usable[o.Name] {
			keys = append(keys, o.Key)
		}
	}
	return keys
}
