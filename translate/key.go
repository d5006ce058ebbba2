package translate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// keySources are the variables that keys may be made of. ingress-nginx lets its nginx evaluate any variable; these are the ones that
// tell requests apart before an endpoint is chosen, and that every proxy can give.
var keySources = map[string]model.KeySource{
	"remote_addr": model.KeyClient, "binary_remote_addr": model.KeyClient, "the_real_ip": model.KeyClient,
	"realip_remote_addr": model.KeyClient, "proxy_protocol_addr": model.KeyClient,
	"host": model.KeyHost, "best_http_host": model.KeyHost, "server_name": model.KeyHost,
	"request_method": model.KeyMethod,
	"scheme":         model.KeyScheme, "pass_access_scheme": model.KeyScheme,
	"request_uri": model.KeyTarget,
	"uri":         model.KeyPath, "document_uri": model.KeyPath,
	"args": model.KeyQuery, "query_string": model.KeyQuery,
	"server_port": model.KeyPort, "pass_port": model.KeyPort, "pass_server_port": model.KeyPort,
	"request_id": model.KeyRequestID, "req_id": model.KeyRequestID,
}

// namedKeySources begin variables that go on with the name of what they take.
var namedKeySources = []namedKeySource{
	{"http_", model.KeyHeader},
	{"cookie_", model.KeyCookie},
	{"arg_", model.KeyParameter},
}

type namedKeySource struct {
	prefix string
	source model.KeySource
}

// parseKey reads a text with $variables or ${variables}, as ingress-nginx's users write it.
func parseKey(text string) (model.Key, error) {
	var key model.Key
	for text != "" {
		literal, rest, found := strings.Cut(text, "$")
		if literal != "" {
			key = append(key, model.KeyPart{Source: model.KeyText, Name: literal})
		}
		if !found {
			break
		}
		name, rest, err := cutKeyVariable(rest)
		if err != nil {
			return nil, err
		}
		part, ok := keyPart(name)
		if !ok {
			return nil, &keyError{name}
		}
		key = append(key, part)
		text = rest
	}
	return key, nil
}

// cutKeyVariable takes the name of a variable off the front of a text from which the dollar sign was taken.
func cutKeyVariable(text string) (name, rest string, err error) {
	if inner, ok := strings.CutPrefix(text, "{"); ok {
		if name, rest, ok = strings.Cut(inner, "}"); !ok || name == "" {
			return "", "", fmt.Errorf("after ${ has to come a name and a closing brace")
		}
		return name, rest, nil
	}
	end := strings.IndexFunc(text, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_')
	})
	if end < 0 {
		end = len(text)
	}
	if end == 0 {
		return "", "", fmt.Errorf("after $ has to come the name of a variable")
	}
	return text[:end], text[end:], nil
}

func keyPart(name string) (model.KeyPart, bool) {
	name = strings.ToLower(name)
	if source, ok := keySources[name]; ok {
		return model.KeyPart{Source: source}, true
	}
	for _, n := range namedKeySources {
		rest, ok := strings.CutPrefix(name, n.prefix)
		if !ok || rest == "" || strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			continue
		}
		if n.source == model.KeyHeader {
			rest = strings.ReplaceAll(rest, "_", "-")
		}
		return model.KeyPart{Source: n.source, Name: rest}, true
	}
	return model.KeyPart{}, false
}

// keyError says that a key holds a variable that it cannot be made of.
type keyError struct{ variable string }

// Error implements error.
func (e *keyError) Error() string {
	return fmt.Sprintf("the variable $%s is not one that a key can be made of", e.variable)
}

// keyHint says what to write in place of a key that cannot be used, or "".
func keyHint(err error) string {
	var unknown *keyError
	if !errors.As(err, &unknown) {
		return ""
	}
	name := strings.ToLower(unknown.variable)
	if i := slices.IndexFunc(namedKeySources, func(n namedKeySource) bool { return strings.TrimSuffix(n.prefix, "_") == name }); i >= 0 {
		return "write its name behind it: $" + namedKeySources[i].prefix + "NAME"
	}
	switch {
	case strings.Contains(name, "ip") || strings.Contains(name, "addr") || strings.Contains(name, "client"):
		return "the address of the client is $remote_addr"
	case strings.Contains(name, "header"):
		return "a header is $http_NAME, in lower case and with underscores"
	case strings.Contains(name, "session"):
		return "a cookie is $cookie_NAME"
	}
	if near := diag.Nearest(name, slices.Collect(maps.Keys(keySources))); near != "" {
		return "did you mean $" + near + "?"
	}
	return ""
}

// isConstant reports whether a key is the same for all requests.
func isConstant(key model.Key) bool {
	return !slices.ContainsFunc(key, func(p model.KeyPart) bool { return p.Source != model.KeyText })
}
