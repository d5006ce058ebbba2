package model

// Split sends some of a route's requests to other backends than its own. It belongs to the route: another route to the same backend
// knows nothing of it.
//
// For a request the first of these decides:
//
//	1  a session cookie with the side of a backend (KeepsSessions)   that backend
//	2  a header that a branch names, branches in their order         that branch, or never that branch
//	3  a cookie that a branch names, branches in their order         that branch, or never that branch
//	4  a draw by weight, each branch's share as it says              the branch drawn, unless it is ruled out by 2 or 3
//	5  nothing                                                       the route's own backend
//
// A branch whose backend has no endpoints counts as not there. A route whose own backend has none does not split.
type Split struct {
	// Branches are in the order in which their rules are asked.
	Branches []Branch
	// KeepsSessions lets a session cookie decide first: a client stays on the side that began its session. It is set where the route's
	// own backend has an Affinity.
	KeepsSessions bool
	// Draw, if not empty, is the name of a cookie that keeps the client's place in the draw by weight: while the weights stay, a client
	// stays on its side, on all routes of the host alike, and a weight that grows only brings clients in. Any text is a place. The
	// cookie is given out to requests without it, with the attributes Path=/, HttpOnly and, where the connection is TLS, Secure.
	Draw string
}

// Branch is one alternative backend of a Split.
type Branch struct {
	// Backend is the ID of the backend.
	Backend string
	// Header is the rule about a request header, nil for none.
	Header *HeaderRule
	// Cookie is the name of a cookie whose value "always" sends a request to the branch, and "never" keeps it off; empty for none.
	Cookie string
	// Weight of Total is the share of those requests that nothing else decides. It is between 0 and Total, and Total above 0.
	Weight, Total int
	// Sessions says that the branch takes part in session affinity: it gives out the route's session cookie and keeps its clients.
	Sessions bool
	From     Origin
}

// HeaderRule sends requests to a branch by a header. Of several values (lines, or a list with ", " between) the first counts, but for a
// Pattern, which sees all. Without Value and Pattern, "always" sends to the branch, "never" keeps off, and
// anything else leaves the matter open.
type HeaderRule struct {
	// Name is the header's, in lower case.
	Name string
	// Value is the one value, case-sensitive, that sends to the branch; all others leave the matter open.
	Value string
	// Pattern is a regular expression that CheckRegex admits, searched case-sensitively and without anchors in the header's value.
	// A value of more than MaxHeaderValue bytes leaves the matter open.
	Pattern string
	// Broken says that a pattern was asked for that cannot be used: every request that has the header is kept off the branch.
	Broken bool
}

// Share is the part of 1 that a backend gets of requests that a draw decides.
type Share struct {
	Backend string
	Part    float64
}
