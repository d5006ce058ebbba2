package haproxy

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// frontendView is the one frontend: everything comes in there.
type frontendView struct {
	Binds []bindView
	// Sockets says that connections come by a socket, too, with a PROXY header of ours.
	Sockets bool
	// Log is a Format, or nil. Stderr says that it does not go to standard output.
	Log       any
	Stderr    bool
	Forwarded forwardedView
	// Cookies are the lines to read cookies from, nil if nothing asks for one.
	Cookies *linesView
	// Canaries is nil if no route splits.
	Canaries *canariesView
	// BodySize is 0 for no limit.
	BodySize int64
	// BodyTime is how long the body may take of a client that waits for leave to send it.
	BodyTime  conf.Time
	Early     *earlyView
	Responses responsesView
	// Slash is where a path goes that lacks its final slash.
	Slash conf.Format
}

// bindView is one listening address.
type bindView struct {
	// Address is a netip.AddrPort or a Socket.
	Address                               any
	V6, TLS, StrictSNI, EarlyData, Socket bool
	ALPN, Curves                          conf.Word
}

// forwardedView is what is believed and told about the way of a request.
type forwardedView struct {
	ProxyProtocol, Trust, RequestID, AppendFor, OriginalURI bool
	// InvalidHeaders is a regular expression for the names of headers that are dropped; empty drops none.
	InvalidHeaders string
	// Hops read the addresses of a forwarded-for header from its end.
	Hops []conf.Expr
	// For is X-Forwarded-For, the others are the headers that clients say the same in.
	For, OriginalFor, OriginalHost linesView
}

// responsesView is what is done to responses.
type responsesView struct {
	Hide []conf.Header
	HSTS string
}

func (r *rendering) frontend() frontendView {
	g := &r.cfg.Global
	view := frontendView{
		Binds:     r.binds(),
		Sockets:   g.Listen.Passthrough,
		Forwarded: r.forwarded(),
		Cookies:   r.cookies(),
		Canaries:  r.canariesView(),
		BodySize:  g.Client.BodySize,
		BodyTime:  conf.Time(g.Client.BodyTimeout),
		Early:     r.early(),
		Responses: r.responses(),
		Slash:     slashLocation(),
	}
	if g.Log.Access {
		view.Log, view.Stderr = accessLog(), g.Log.AccessTo == model.Stderr
	}
	return view
}

func (r *rendering) binds() []bindView {
	l, tls := &r.cfg.Global.Listen, &r.cfg.Global.TLS
	var plain, secure []bindView
	for _, a := range l.All() {
		b := bindView{Address: netip.AddrPortFrom(a, uint16(l.HTTPPort)), V6: a.Is6()}
		plain = append(plain, b)
		b.Address = netip.AddrPortFrom(a, uint16(l.HTTPSPort))
		b.TLS, b.StrictSNI, b.EarlyData, b.ALPN = true, tls.RejectUnknown, tls.EarlyData, "http/1.1"
		if l.HTTP2 {
			b.ALPN = "h2,http/1.1"
		}
		if tls.Curves != "auto" {
			b.Curves = conf.Word(tls.Curves)
		}
		secure = append(secure, b)
	}
	return append(plain, r.passthroughSocket(secure)...)
}

// maxHops is how many addresses of a forwarded-for header are looked at; in a longer chain the client is the last of them.
const maxHops = 10

func (r *rendering) forwarded() forwardedView {
	g := &r.cfg.Global
	f := &g.Forward
	view := forwardedView{
		ProxyProtocol: g.Listen.ProxyProtocol, Trust: f.TrustHeaders, RequestID: f.RequestID,
		AppendFor: f.AppendFor && f.TrustHeaders, OriginalURI: f.OriginalURI,
		InvalidHeaders: invalidHeaders(&g.Client),
		For:            linesOf("x-forwarded-for"),
		OriginalFor:    linesOf(headerName(f.Header, "x-forwarded-for")),
		OriginalHost:   linesOf(headerName(f.HostHeader, "x-forwarded-host")),
	}
	if f.TrustHeaders || f.RealIP {
		for hop := 1; hop <= maxHops; hop++ {
			view.Hops = append(view.Hops, bareAddress(conf.Fetch("req.hdr", headerName(f.Header, "x-forwarded-for"), fmt.Sprint(-hop))))
		}
	}
	return view
}

// bareAddress is an address without the port that it may have, and without the brackets of IPv6. What is none stays as it is.
func bareAddress(e conf.Expr) conf.Expr {
	return e.Then("regsub", `\A\s*(?:\[([0-9A-Fa-f:.]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+)\s*\z`, `\1\2`)
}

// linesView reads a header that may come in several lines: the last of them, their number, and all of them in one.
type linesView struct {
	Last, Count, All conf.Expr
}

// separator is what stands between the values of a header when its lines become one.
func separator(name string) string {
	if name == "cookie" {
		return "; "
	}
	return ", "
}

// linesOf reads a header by its name in lower case. No fetch gives all lines, so they are cut out of the text of all headers.
func linesOf(name string) linesView {
	line := model.QuoteRegex(name) + ": "
	return linesView{
		Last:  conf.Fetch("req.fhdr", name),
		Count: conf.Fetch("req.fhdr_cnt", name),
		All: conf.Fetch("req.hdrs").Then("regsub", `(\A|\n)(?:(?!`+line+`)[^\n]*\n)+`, `\1`, "g").Then("regsub", `\A`+line+`|\s+\z`, "", "g").
			Then("regsub", `\r\n`+line, separator(name), "g"),
	}
}

// headerName is the name of a header in lower case, or another one if it is none.
func headerName(name, otherwise string) string {
	if conf.Header(name).Check() != nil {
		return otherwise
	}
	return strings.ToLower(name)
}

// invalidHeaders are the names that nginx drops.
func invalidHeaders(c *model.Client) string {
	switch {
	case c.KeepInvalidHeaders && c.UnderscoreHeaders:
		return ""
	case c.KeepInvalidHeaders:
		return "_"
	case c.UnderscoreHeaders:
		return "[^A-Za-z0-9_-]"
	default:
		return "[^A-Za-z0-9-]"
	}
}

// networks prints the peers that are believed.
func (r *rendering) networks() error {
	return r.print(r.target.lists, "maps/trusted.list", networksEntry, r.cfg.Global.Forward.Trusted)
}

func (r *rendering) responses() responsesView {
	g := &r.cfg.Global
	var view responsesView
	for _, name := range g.Proxy.HideHeaders {
		if h := conf.Header(name); h.Check() == nil {
			view.Hide = append(view.Hide, h)
		}
	}
	if !g.Proxy.PassBackendServer {
		view.Hide = append(view.Hide, "Server")
	}
	if h := g.HSTS; h != nil {
		view.HSTS = fmt.Sprintf("max-age=%d", h.MaxAge)
		if h.IncludeSubdomains {
			view.HSTS += "; includeSubDomains"
		}
		if h.Preload {
			view.HSTS += "; preload"
		}
	}
	return view
}

// nginxFormat is the default of log-format-upstream.
const nginxFormat = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" ` +
	`$request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length ` +
	`$upstream_response_time $upstream_status $req_id`

// accessLog has what nginxFormat has, as far as HAProxy knows it: times are in milliseconds, and of several tries the last one counts.
func accessLog() conf.Format {
	return conf.Format{}.Value(conf.Fetch("src")).Text(" - - [").Field("trl").Text("] ").Field("{+Q}r").
		Text(" ").Field("ST").Text(" ").Field("B").
		Text(" ").Quoted(printable(conf.Fetch("capture.req.hdr", "0"))).Text(" ").Quoted(printable(conf.Fetch("capture.req.hdr", "1"))).
		Text(" ").Field("U").Text(" ").Field("Ta").Text(" [").Field("b").Text("] [] ").
		Field("si").Text(":").Field("sp").Text(" ").Field("B").Text(" ").Field("Tr").Text(" ").Field("ST").
		Text(" ").Value(printable(conf.Variable("request_id")))
}

// printable is a text of a client without control characters for a terminal.
func printable(e conf.Expr) conf.Expr { return e.Then("regsub", `[\x00-\x1f\x7f]`, "?", "g") }
