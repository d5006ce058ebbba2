package translate_test

import (
	"strings"
	"testing"
)

// in moves an object to another namespace, with a time of creation.
func in(namespace, created string, o object) object {
	return object(strings.Replace(string(o), "  namespace: shop\n", "  namespace: "+namespace+"\n  creationTimestamp: "+created+"\n", 1))
}

// TestGuardOfAHostThatAGuestAsksFor: a guard of the whole host that cannot be built closes the host if its owner asks for it, and nothing
// but the own paths of a guest.
func TestGuardOfAHostThatAGuestAsksFor(t *testing.T) {
	const guard = "auth-tls-secret: ca" // it lacks the namespace
	for name, c := range map[string]struct {
		owner, guest           []string
		ownerClosed, guestOpen bool
	}{
		"nobody": {guestOpen: true},
		"owner":  {owner: []string{guard}, ownerClosed: true},
		"guest":  {guest: []string{guard}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, _ := run(t, settings(), service("web"),
				in("shop", `"2024-01-01T00:00:00Z"`, ingress("owner", "/owner", "web", c.owner...)),
				in("other", `"2025-01-01T00:00:00Z"`, ingress("guest", "/guest", "web", c.guest...)))
			for path, closed := range map[string]bool{"/owner": c.ownerClosed, "/": c.ownerClosed, "/guest": !c.guestOpen} {
				if got := route(t, cfg, path).Closed; closed != (got != "") {
					t.Errorf("%s: closed %t is wanted, the reason is %q", path, closed, got)
				}
			}
		})
	}
}
