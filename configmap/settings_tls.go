package configmap

import (
	"slices"

	"github.com/headgate/headgate/model"
)

var tlsSettings = group("tls",
	global(SSLProtocols, Words, "TLSv1.2 TLSv1.3", Spec{Values: []string{"SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}, Obeyed: true,
		Doc: "Lists the TLS versions that clients may use."}),
	global(SSLCiphers, Ciphers,
		"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"+
			"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256",
		Spec{Pattern: ciphers, Obeyed: true,
			Doc: "Is the cipher list for TLS 1.2 and older; the server's order counts."}),
	global(SSLECDHCurve, Groups, "auto", Spec{Obeyed: true,
		Doc: "Lists the groups for key exchange; auto leaves them to the library."}),
	global(SSLDHParam, SecretRef, "", Spec{NeedsNamespace: true,
		Doc: "Names the Secret with dhparam.pem, without which DHE ciphers do not work."}),
	global(SSLEarlyData, Bool, "false", Spec{Obeyed: true,
		Doc: "Takes TLS 1.3 early data, which can be replayed."}),
	global(SSLSessionCache, Bool, "true", Spec{Obeyed: true,
		Doc: "Remembers TLS sessions in a table that all workers share."}),
	global(SSLSessionCacheSize, Size, "10m", Spec{Min: 64 << 10, Max: maxBuffer, Obeyed: true,
		Doc: "Is the size of that table."}),
	global(SSLSessionTimeout, Duration, "10m", Spec{Obeyed: true,
		Doc: "Is how long a session can be taken up again."}),
	global(SSLSessionTickets, Bool, "false", Spec{Obeyed: true,
		Doc: "Gives clients session tickets."}),
	global(SSLSessionTicketKey, Text, "", Spec{Pattern: `[A-Za-z0-9+/=\n]+`, Secret: true,
		Doc: "Is the key of session tickets, base64 of 48 or 80 bytes; without it each start makes one."}),
	global(SSLBufferSize, Size, "4k", Spec{Min: 1, Max: maxHeader, Obeyed: true,
		Doc: "Is the size of TLS records."}),
	global(SSLRejectHandshake, Bool, "false", Spec{Obeyed: true,
		Doc: "Refuses handshakes for unknown names instead of showing the default certificate."}),
	global(EnableOCSP, Bool, "false", Spec{
		Doc: "Staples OCSP answers."}),
	global(HSTS, Bool, "true", Spec{Obeyed: true,
		Doc: "Sends Strict-Transport-Security with every answer over TLS."}),
	global(HSTSIncludeSubdomains, Bool, "true", Spec{Obeyed: true,
		Doc: "Adds includeSubDomains to it."}),
	global(HSTSMaxAge, Seconds, "31536000", Spec{Obeyed: true,
		Doc: "Is its max-age."}),
	global(HSTSPreload, Bool, "false", Spec{Obeyed: true,
		Doc: "Adds preload to it."}),
	global(ProxySSLLocationOnly, Bool, "false", Spec{
		Doc: "Holds the proxy-ssl annotations to the paths of their Ingress; otherwise they count for the whole host."}),
)

var redirectSettings = group("redirect",
	global(SSLRedirect, Bool, "true", Spec{Obeyed: true,
		Doc: "Sends plain HTTP to https on hosts that have TLS, unless the Ingress says otherwise."}),
	global(ForceSSLRedirect, Bool, "false", Spec{Obeyed: true,
		Doc: "Sends plain HTTP to https everywhere, unless the Ingress says otherwise."}),
	global(PreserveTrailingSlash, Bool, "false", Spec{Obeyed: true,
		Doc: "Keeps a slash at the very end of the URI in redirects to https."}),
	global(UsePortInRedirects, Bool, "false", Spec{Obeyed: true,
		Doc: "Writes the port into redirects."}),
	global(HTTPRedirectCode, Int, "308", Spec{Values: []string{"301", "302", "307", "308"}, Obeyed: true,
		Doc: "Is the status of redirects to https and between host and www.host."}),
	global(NoTLSRedirectLocations, List, "/.well-known/acme-challenge", Spec{Pattern: pathStart, Obeyed: true,
		Doc: "Lists prefixes; paths of Ingresses that begin with one are never redirected to https."}),
	global(RelativeRedirects, Bool, "false", Spec{
		Doc: "Leaves scheme and host out of redirects that the proxy makes itself."}),
)

var compressionSettings = group("compression",
	global(UseGzip, Bool, "false", Spec{
		Doc: "Compresses responses with gzip."}),
	global(GzipLevel, Int, "1", Spec{Min: 1, Max: 9,
		Doc: "Is how hard gzip tries."}),
	global(GzipMinLength, Int, "256", Spec{Max: maxInt,
		Doc: "Is the smallest response that gzip takes, in bytes."}),
	global(GzipTypes, Words, compressed, Spec{Pattern: mediaType,
		Doc: "Lists the media types for gzip, beside text/html."}),
	global(GzipDisable, Regex, "", Spec{
		Doc: "Is a regular expression for User-Agents that get no gzip."}),
	global(EnableBrotli, Bool, "false", Spec{
		Doc: "Compresses responses with Brotli."}),
	global(BrotliLevel, Int, "4", Spec{Max: 11,
		Doc: "Is how hard Brotli tries."}),
	global(BrotliMinLength, Int, "20", Spec{Max: maxInt,
		Doc: "Is the smallest response that Brotli takes, in bytes."}),
	global(BrotliTypes, Words, "application/xml+rss "+compressed, Spec{Pattern: mediaType,
		Doc: "Lists the media types for Brotli."}),
)

// compressed are the media types that are worth compressing.
const compressed = "application/atom+xml application/javascript application/x-javascript application/json application/rss+xml " +
	"application/vnd.ms-fontobject application/x-font-ttf application/x-web-app-manifest+json application/xhtml+xml application/xml " +
	"font/opentype image/svg+xml image/x-icon text/css text/javascript text/plain text/x-component"

func (r *settingsReader) tls() model.TLS {
	tls := model.TLS{
		RejectUnknown:  r.bool(SSLRejectHandshake),
		Ciphers:        r.str(SSLCiphers),
		Curves:         r.str(SSLECDHCurve),
		SessionCache:   r.bool(SSLSessionCache),
		SessionSize:    r.size(SSLSessionCacheSize),
		SessionTimeout: r.seconds(SSLSessionTimeout),
		SessionTickets: r.bool(SSLSessionTickets),
		BufferSize:     r.size(SSLBufferSize),
		EarlyData:      r.bool(SSLEarlyData),
	}
	tls.Protocols, _ = r.set.List(SSLProtocols)
	slices.Sort(tls.Protocols)
	return tls
}

func (r *settingsReader) hsts() *model.HSTS {
	if !r.bool(HSTS) {
		return nil
	}
	maxAge, _ := r.set.Seconds(HSTSMaxAge)
	return &model.HSTS{
		MaxAge:            int64(maxAge),
		IncludeSubdomains: r.bool(HSTSIncludeSubdomains),
		Preload:           r.bool(HSTSPreload),
	}
}
