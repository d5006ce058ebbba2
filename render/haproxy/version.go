package haproxy

import "github.com/headgate/headgate/render"

// Version is a version of HAProxy.
type Version = render.Version

// DefaultVersion is what configuration is printed for if nobody says for what: the oldest that Headgate knows. What is printed for
// it is understood by newer ones.
var DefaultVersion = Version{Major: 2, Minor: 6}

// ParseVersion reads "2.6" or "2.6.12".
func ParseVersion(s string) (Version, error) { return render.ParseVersion("HAProxy", s) }
