package nginx

import (
	"strings"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/nginx/conf"
)

// endpointHeaders are what every endpoint gets; see the table of semantics in docs/headers.md. A header whose value is empty is not sent.
func endpointHeaders(f *model.Forwarded) []headerView {
	headers := []headerView{
		{Name: "Host", Value: conf.Variable("best_http_host")},
		{Name: "Upgrade", Value: conf.Variable("websocket"), OneHop: true},
		{Name: "Connection", Value: conf.Variable("connection_upgrade"), OneHop: true},
		{Name: "X-Request-ID", Value: conf.Variable("req_id")},
		{Name: "X-Real-IP", Value: conf.Variable("remote_addr")},
		{Name: "X-Forwarded-For", Value: conf.Variable("pass_forwarded_for")},
		{Name: "X-Forwarded-Host", Value: conf.Variable("best_http_host")},
		{Name: "X-Forwarded-Port", Value: conf.Variable("pass_port")},
		{Name: "X-Forwarded-Proto", Value: conf.Variable("pass_access_scheme")},
		{Name: "X-Forwarded-Scheme", Value: conf.Variable("pass_access_scheme")},
		{Name: "X-Scheme", Value: conf.Variable("pass_access_scheme")},
		{Name: "X-Original-Forwarded-For", Value: headerVariable(f.Header)},
		{Name: "X-Original-Forwarded-Host", Value: headerVariable(f.HostHeader)},
	}
	if f.OriginalURI {
		headers = append(headers, headerView{Name: "X-Original-URI", Value: conf.Variable("request_uri")})
	}
	// What only the proxy may say of a client must not come from the client; the Proxy header is what CGI programs mistake for a setting.
	// HTTP2-Settings belongs to an upgrade that nobody gets.
	for _, name := range []conf.Header{"Proxy", "HTTP2-Settings", "ssl-client-verify", "ssl-client-subject-dn", "ssl-client-issuer-dn", "ssl-client-cert"} {
		headers = append(headers, headerView{Name: name, Value: conf.Literal("")})
	}
	return headers
}

// headerVariable is nginx's variable for a request header.
func headerVariable(name string) conf.Expr {
	return conf.Variable(conf.Name("http_" + strings.ReplaceAll(strings.ToLower(name), "-", "_")))
}
