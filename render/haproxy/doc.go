// Package haproxy renders a model.Config as configuration of a stock HAProxy, 2.6 and newer.
//
// The tree is read by "haproxy -f DIR", from wherever it stands:
//
//	haproxy.cfg             process, defaults and the one frontend; it depends on settings, and on the headers and cookies of canaries
//	namespace-NAME.cfg      the backends that forward to the Services of a namespace
//	status.cfg              backends without endpoints, such as redirects to TLS in front of a 404; absent without any
//	tables.cfg              tables of clients, for limits and for Services that keep clients; absent without any
//	maps/*.map              what leads from host and path to a backend; see [tables]
//	maps/trusted.list       peers whose headers are believed
//	certs.list, certs/*.pem which host shows which certificate
//
// A backend of HAProxy is a backend of the model together with everything that a route does on the way to it (see [section]): the maps
// lead straight to it, so a request runs the rules of its own route only, however many routes there are.
//
// Package conf below it is the language: what a template may print where, and how values are written.
package haproxy
