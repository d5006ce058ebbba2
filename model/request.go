package model

import (
	"net/netip"
	"strings"
)

// Request is what [Match] looks at of an HTTP request.
type Request struct {
	// Method is the method; empty stands for GET.
	Method string
	// Client is the address of the client, as the proxy believes it to be; the zero Addr is one that is not known.
	Client netip.Addr
	// Certificate is what the client proved itself with, nil if it showed no certificate.
	Certificate *ClientCertificate
	// Scheme is "http" or "https", as the proxy believes it to be.
	Scheme string
	// Host is the Host header, with a port or without.
	Host string
	// Target is the request target as sent: the path, still encoded, and the query.
	Target string
	// Headers are the other header fields, in the order in which they came.
	Headers []Field
}

// ClientCertificate is a certificate that a client showed in the TLS handshake.
type ClientCertificate struct {
	// Verified says that it leads up to an authority that the proxy trusts for the host.
	Verified bool
}

// Field is one header field. Names are compared without regard to case.
type Field struct {
	Name, Value string
}

// header is the value of a header, its lines put into one; empty if it did not come.
func (r *Request) header(name string) string {
	var values []string
	for _, f := range r.Headers {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	if strings.EqualFold(name, "Cookie") {
		return strings.Join(values, "; ")
	}
	return strings.Join(values, ", ")
}

// cookie is the value of the first cookie of a name, found without regard to case: of several, browsers send the one with the longest
// path first.
func (r *Request) cookie(name string) string {
	for pair := range strings.SplitSeq(r.header("Cookie"), ";") {
		if k, v, ok := strings.Cut(pair, "="); ok && strings.EqualFold(strings.Trim(k, " "), name) {
			return strings.TrimLeft(v, " ")
		}
	}
	return ""
}
