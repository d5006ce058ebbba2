package translate

import (
	"strings"

	"github.com/headgate/headgate/model"
)

// findAbsent marks the closed entries of a host that keep nothing from anybody: ingress-nginx leaves them out, the host has other paths, and
// none of these would get their requests. They are answered with 404, as in ingress-nginx.
func (t *translator) findAbsent(s *server) {
	if s.closed != "" || t.operator.Closed != "" {
		return
	}
	for _, e := range s.entries {
		if e.closed == refusedWhole || e.closed == noService {
			e.absent = s.serves(t) && !s.covers(t, e)
		}
	}
}

// serves reports whether any path of a host leads to a Service.
func (s *server) serves(t *translator) bool {
	for _, e := range s.entries {
		if e.serves(t) {
			return true
		}
	}
	return false
}

func (e *entry) serves(t *translator) bool {
	return !e.isClosed() && e.backend != "" && e.backend != t.defaultBackend
}

// covers reports whether requests for an entry could come to a path of the host that leads to a Service if the entry were not there. Of
// regular expressions that is not asked: any could.
func (s *server) covers(t *translator, e *entry) bool {
	for _, o := range s.entries {
		below := o.kind == model.PathPrefix && strings.HasPrefix(e.path+"/", strings.TrimSuffix(o.path, "/")+"/")
		if o.serves(t) && (o.isRegex() || e.isRegex() || below) {
			return true
		}
	}
	return false
}
