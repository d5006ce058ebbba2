package nginx

import (
	"strings"

	"github.com/headgate/headgate/model"
)

// endpointHeaders are what every endpoint gets; see the table of semantics in docs/headers.md. A header whose value is empty is not sent.
func endpointHeaders(f *model.Forwarded) []headerView {
	headers := []headerView{
		{"Host", Variable("best_http_host")},
		{"Upgrade", Variable("http_upgrade")},
		{"Connection", Variable("connection_upgrade")},
		{"X-Request-ID", Variable("req_id")},
		{"X-Real-IP", Variable("remote_addr")},
		{"X-Forwarded-For", Variable("pass_forwarded_for")},
		{"X-Forwarded-Host", Variable("best_http_host")},
		{"X-Forwarded-Port", Variable("pass_port")},
		{"X-Forwarded-Proto", Variable("pass_access_scheme")},
		{"X-Forwarded-Scheme", Variable("pass_access_scheme")},
		{"X-Scheme", Variable("pass_access_scheme")},
		{"X-Original-Forwarded-For", headerVariable(f.Header)},
		{"X-Original-Forwarded-Host", headerVariable(f.HostHeader)},
	}
	if f.OriginalURI {
		headers = append(headers, headerView{"X-Original-URI", Variable("request_uri")})
	}
	// What only the proxy may say of a client must not come from the client; the Proxy header is what CGI programs mistake for a setting.
	for _, name := range []Header{"Proxy", "ssl-client-verify", "ssl-client-subject-dn", "ssl-client-issuer-dn", "ssl-client-cert"} {
		headers = append(headers, headerView{name, Literal("")})
	}
	return headers
}

// headerVariable is nginx's variable for a request header.
func headerVariable(name string) Expr {
	return Variable(Name("http_" + strings.ReplaceAll(strings.ToLower(name), "-", "_")))
}
