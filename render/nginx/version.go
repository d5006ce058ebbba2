package nginx

import "github.com/headgate/headgate/render"

// Version is a version of nginx.
type Version = render.Version

// DefaultVersion is what configuration is printed for if nobody says for what: the oldest that Headgate knows. What is printed for
// it is understood by newer ones.
var DefaultVersion = Version{Major: 1, Minor: 22}

// ParseVersion reads "1.22" or "1.22.1".
func ParseVersion(s string) (Version, error) { return render.ParseVersion("nginx", s) }

// What nginx learned when.
func hasHTTP2Directive(v Version) bool { return !v.Before(Version{Major: 1, Minor: 25, Patch: 1}) }
func hasPass(v Version) bool           { return !v.Before(Version{Major: 1, Minor: 25, Patch: 5}) }
func hasKeepAliveMin(v Version) bool   { return !v.Before(Version{Major: 1, Minor: 27, Patch: 4}) }
func hasSticky(v Version) bool         { return !v.Before(Version{Major: 1, Minor: 29, Patch: 6}) }

// checksHost reports whether nginx itself refuses Host headers with ports or bytes that none can have. Where it does not, the condition of
// every host does.
func checksHost(v Version) bool { return !v.Before(Version{Major: 1, Minor: 30, Patch: 0}) }
