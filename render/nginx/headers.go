package nginx

import (
	"strings"

	"github.com/headgate/headgate/model"
)

// endpointHeaders are what every endpoint gets; see the table of semantics in docs/headers.md. A header whose value is empty is not sent.
func endpointHeaders(f *model.Forwarded) []headerView {
	headers := []headerView{
		{Name: "Host", Value: Variable("best_http_host")},
		{Name: "Upgrade", Value: Variable("websocket"), OneHop: true},
		{Name: "Connection", Value: Variable("connection_upgrade"), OneHop: true},
		{Name: "X-Request-ID", Value: Variable("req_id")},
		{Name: "X-Real-IP", Value: Variable("remote_addr")},
		{Name: "X-Forwarded-For", Value: Variable("pass_forwarded_for")},
		{Name: "X-Forwarded-Host", Value: Variable("best_http_host")},
		{Name: "X-Forwarded-Port", Value: Variable("pass_port")},
		{Name: "X-Forwarded-Proto", Value: Variable("pass_access_scheme")},
		{Name: "X-Forwarded-Scheme", Value: Variable("pass_access_scheme")},
		{Name: "X-Scheme", Value: Variable("pass_access_scheme")},
		{Name: "X-Original-Forwarded-For", Value: headerVariable(f.Header)},
		{Name: "X-Original-Forwarded-Host", Value: headerVariable(f.HostHeader)},
	}
	if f.OriginalURI {
		headers = append(headers, headerView{Name: "X-Original-URI", Value: Variable("request_uri")})
	}
	// What only the proxy may say of a client must not come from the client; the Proxy header is what CGI programs mistake for a setting.
	// HTTP2-Settings belongs to an upgrade that nobody gets.
	for _, name := range []Header{"Proxy", "HTTP2-Settings", "ssl-client-verify", "ssl-client-subject-dn", "ssl-client-issuer-dn", "ssl-client-cert"} {
		headers = append(headers, headerView{Name: name, Value: Literal("")})
	}
	return headers
}

// headerVariable is nginx's variable for a request header.
func headerVariable(name string) Expr {
	return Variable(Name("http_" + strings.ReplaceAll(strings.ToLower(name), "-", "_")))
}
