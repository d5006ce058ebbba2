package haproxy

import "github.com/headgate/headgate/render/haproxy/conf"

// earlyView is what a HAProxy before 3.0 has to do where it answers a request over HTTP/2 itself: if the body has not come yet, it ends the
// stream with the code CANCEL, and to many clients that is an error that takes the place of the answer. So the body is awaited first, as
// much of it as a buffer holds.
type earlyView struct {
	// Wait is how long the body may take.
	Wait conf.Time
}

// endsStreamsWell is the first version that is known to end such a stream with NO_ERROR.
var endsStreamsWell = Version{Major: 3, Minor: 0, Patch: 0}

// early returns nil for versions that need not wait.
func (r *rendering) early() *earlyView {
	if !r.target.opts.Version.Before(endsStreamsWell) {
		return nil
	}
	return &earlyView{Wait: conf.Time(r.cfg.Global.Client.BodyTimeout)}
}
