package policy

import "slices"

// Canary makes an Ingress an alternative for those that have the same hosts and paths.
type Canary struct {
	Enabled PerIngress[bool]
	// Weight is a share of Total.
	Weight, Total PerIngress[int]
	// StickyDraw keeps a client on the side that was drawn for it.
	StickyDraw PerIngress[bool]
	// Header and Cookie are names. Value and Pattern are for the Header, in place of always and never.
	Header, Value, Pattern, Cookie PerIngress[string]
	// KeepSessions keeps a client with a session on the side that served it first.
	KeepSessions PerIngress[bool]
}

// Says lists the fields that the Ingress has and that have no effect without Enabled.
func (c *Canary) Says() []Origin {
	return given(c.Weight.Origin, c.Total.Origin, c.StickyDraw.Origin, c.Header.Origin, c.Value.Origin, c.Pattern.Origin, c.Cookie.Origin)
}

// Inherited lists what an Ingress says and, as a canary, takes from the Ingress that it stands beside: all but how it gets its requests and
// how its own endpoints are chosen.
func (i *Ingress) Inherited() []Origin {
	own := append(i.Balance.all(), i.Canary.Enabled.Origin, i.Canary.KeepSessions.Origin, i.Class.Name.Origin)
	own = append(own, i.Canary.Says()...)
	return i.without(own)
}

// without lists the usable fields that are not among others.
func (i *Ingress) without(others []Origin) []Origin {
	return slices.DeleteFunc(slices.Clone(i.Written), func(o Origin) bool {
		return !o.Given || slices.ContainsFunc(others, func(other Origin) bool { return other.Name == o.Name })
	})
}
