package nginx

import (
	"slices"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/nginx/conf"
)

// trafficView says where the requests of a route go, and which cookies remember that.
type trafficView struct {
	Maps []mapView
	// Draw is nil if nothing is drawn by weight.
	Draw *drawView
	// Pool is the name of an upstream, or a variable with it. Cookies are values of Set-Cookie, empty where there is none to set.
	Pool    conf.Expr
	Cookies []conf.Expr
	// Log shows the canary that was chosen.
	Log []logVariable
}

// bandwidthView throttles responses. nginx throttles only what it buffers, so with a view responses are buffered, whatever else is set.
type bandwidthView struct {
	Rate, After conf.Size
}

func bandwidthOf(b *model.Bandwidth) *bandwidthView {
	if b == nil {
		return nil
	}
	return &bandwidthView{Rate: conf.Size(b.Rate), After: conf.Size(b.After)}
}

// trafficOf makes, once, what a route needs. A backend that stands in for another knows neither canaries nor sessions.
func (r *rendering) trafficOf(s *model.Server, route *model.Route, backend *model.Backend) (*trafficView, error) {
	if t := r.traffic[route]; t != nil {
		return t, nil
	}
	t := &trafficView{Pool: r.pool(backend)}
	r.traffic[route] = t
	if backend.ID != route.Backend {
		return t, nil
	}
	id := s.Host + " " + route.Match.Kind.String() + " " + route.Match.Path
	split, err := r.split(id, route)
	if err != nil {
		return nil, err
	}
	if split != nil {
		t.Maps, t.Draw, t.Pool = split.maps, split.draw, split.pass
		if split.cookie != nil {
			t.Cookies = append(t.Cookies, *split.cookie)
		}
		if slices.Contains(r.log.Variables, canaryInLog) {
			names := split.names(id)
			t.Maps = append(t.Maps, names)
			t.Log = []logVariable{{Name: canaryInLog, Value: conf.Variable(names.Variable)}}
		}
	}
	if session := r.session(id, route, split); session != nil {
		t.Maps = append(t.Maps, session.maps...)
		t.Cookies = append(t.Cookies, session.cookie)
		r.reportExpiry(route)
	}
	return t, nil
}

// responseHeaders are what a route adds to responses, and with it what the http block adds to all.
func (r *rendering) responseHeaders(t *trafficView) []headerView {
	if len(t.Cookies) == 0 {
		return nil
	}
	var headers []headerView
	if r.cfg.Global.HSTS != nil {
		headers = append(headers, headerView{Name: "Strict-Transport-Security", Value: conf.Variable("hsts")})
	}
	for _, c := range t.Cookies {
		headers = append(headers, headerView{Name: "Set-Cookie", Value: c})
	}
	return headers
}
