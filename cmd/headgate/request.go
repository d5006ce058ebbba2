package main

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate/headgate/model"
)

// requestFlags say what a request has beside its URL.
type requestFlags struct {
	method, client string
	headers        []string
}

// The flags of a request. They describe one request, so that no configuration file has them.
const (
	methodFlag = "method"
	clientFlag = "client"
	headerFlag = "header"
)

func (f *requestFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.method, methodFlag, "X", http.MethodGet, "`method` of the request")
	flags.StringVar(&f.client, clientFlag, "", "`address` of the client, as the proxy believes it to be; left out, it is not known")
	flags.StringArrayVarP(&f.headers, headerFlag, "H", nil, "`header` of the request, as \"Name: value\", cookies included; may be repeated")
	for _, name := range []string{methodFlag, clientFlag, headerFlag} {
		onCommandLineOnly(cmd, name)
	}
}

// request puts together the request for a URL.
func (f *requestFlags) request(text string) (model.Request, error) {
	request, err := parseRequest(text)
	if err != nil {
		return request, err
	}
	request.Method = f.method
	if !isToken(f.method) {
		return request, usageError("--%s: %q is not a method, as POST", methodFlag, f.method)
	}
	if f.client != "" {
		addr, err := netip.ParseAddr(f.client)
		if err != nil {
			return request, usageError("--%s: %q is not an IP address", clientFlag, f.client)
		}
		request.Client = addr
	}
	request.Headers, err = parseHeaders(f.headers)
	return request, err
}

// isToken reports whether a text can be a method.
func isToken(text string) bool {
	return text != "" && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~") == ""
}

// parseHeaders reads headers as people write them.
func parseHeaders(texts []string) ([]model.Field, error) {
	var fields []model.Field
	for _, text := range texts {
		name, value, ok := strings.Cut(text, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, usageError("%q is not a header, as \"X-Canary: always\"", text)
		}
		fields = append(fields, model.Field{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
	}
	return fields, nil
}

// parseRequest takes a URL apart. The target stays as it was written: encoded bytes in it matter.
func parseRequest(text string) (model.Request, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return model.Request{}, usageError("%q is not a URL with http or https, as https://shop.example/cart", text)
	}
	target := text[strings.Index(text, "://")+len("://"):]
	if start := strings.IndexAny(target, "/?#"); start >= 0 {
		target = target[start:]
	} else {
		target = ""
	}
	target, _, _ = strings.Cut(target, "#")
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	return model.Request{Scheme: u.Scheme, Host: u.Host, Target: target}, nil
}
