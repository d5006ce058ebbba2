package configmap

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate/headgate/diag"
)

// synonyms are words for values that are spelt too differently to be found by their spelling.
var synonyms = map[Key]map[string]string{
	LoadBalance: {
		"leastconn": "least_conn", "leastconnections": "least_conn", "iphash": "ip_hash", "sourceip": "ip_hash", "source": "ip_hash",
		"leasttime": "ewma", "peakewma": "ewma", "consistenthash": "chash",
	},
	Affinity:        {"sticky": "cookie", "session": "cookie", "true": "cookie", "cookies": "cookie", "persistent": "cookie"},
	AffinityMode:    {"sticky": "persistent"},
	BackendProtocol: {"grpcssl": "GRPCS", "fastcgi": "FCGI", "auto": "AUTO_HTTP", "tcp": "HTTP", "ssl": "HTTPS", "tls": "HTTPS"},
	AuthType:        {"htpasswd": "basic"},
	ProxyBodySize:   {"unlimited": "0", "-1": "0", "off": "0", "none": "0", "infinite": "0"},
}

const onlyGRPC = "HTTP/2 is spoken to endpoints with GRPC only"

// remedies say more than a value could.
var remedies = map[Key]map[string]string{
	AuthRequestRedirect: {"$requesturi": "remove the annotation: without it the URI of the request is sent"},
	BackendProtocol:     {"http2": onlyGRPC, "h2": onlyGRPC, "h2c": onlyGRPC},
}

// inSeconds are numbers that are times.
var inSeconds = []Key{SessionCookieExpires, SessionCookieMaxAge, CORSMaxAge, HSTSMaxAge}

// hint says what to write in place of a value that cannot be used, or "".
func (s *Spec) hint(text string) string {
	text = strings.Trim(text, blanks)
	if inner, quoted := unquoted(text); quoted {
		return "write it without the inner quotes: " + inner
	}
	folded := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(text))
	if remedy := remedies[s.Key][folded]; remedy != "" {
		return remedy
	}
	for _, word := range []string{text, folded} {
		if meant := synonyms[s.Key][word]; meant != "" {
			return "write " + meant
		}
	}
	switch s.Type {
	case Enum:
		return s.wordHint(text, folded)
	case Int, Float, IntOrAuto, Seconds:
		return s.numberHint(text)
	case List, CIDRs, Codes, HeaderNames, IPs, Words:
		return s.listHint(text)
	case URL:
		return s.urlHint(text)
	case Size:
		return fractionHint(text)
	default:
		return ""
	}
}

// unquoted takes off quotes inside a value, as two layers of tools put them there.
func unquoted(text string) (string, bool) {
	if len(text) < 2 || text[0] != text[len(text)-1] || text[0] != '"' && text[0] != '\'' {
		return text, false
	}
	return text[1 : len(text)-1], true
}

// wordHint finds the word of an Enum that was meant.
func (s *Spec) wordHint(text, folded string) string {
	for word, meant := range map[string]string{"true": "on", "yes": "on", "enabled": "on", "1": "on", "false": "off", "no": "off", "disabled": "off", "0": "off"} {
		if folded == word && slices.Contains(s.Values, meant) {
			return "write " + strconv.Quote(meant)
		}
	}
	for _, v := range s.Values {
		if strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(v)) == folded {
			return "write " + v
		}
	}
	if len(s.Values) == 1 {
		return "write " + s.Values[0]
	}
	if near := diag.Nearest(strings.ToLower(text), s.Values); near != "" && len(text) > 3 {
		return "did you mean " + near + "?"
	}
	return ""
}

// numberHint reads a number with a unit as people mean it.
func (s *Spec) numberHint(text string) string {
	digits := text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
	unit := strings.ToLower(text[len(digits):])
	if digits == "" || unit == "" {
		return ""
	}
	switch d, f := parseDuration(text); {
	case f == nil && (s.Type == Seconds || slices.Contains(inSeconds, s.Key)):
		return "write the number of seconds without a unit: " + strconv.FormatInt(int64(d/time.Second), 10)
	case slices.Contains([]string{"%", "r/s", "/s", "rps", "r/m", "/m", "rpm", "k", "kb", "px", "req/s"}, unit):
		return "write the number without a unit: " + digits
	case unit[0] == '.':
		return "write a whole number"
	}
	return ""
}

// listHint finds out what is wrong with the form of a list.
func (s *Spec) listHint(text string) string {
	if s.Type == Words {
		if strings.ContainsAny(text, ",;") {
			return "separate the items by blanks"
		}
		return ""
	}
	switch {
	case !strings.Contains(text, ",") && (strings.ContainsAny(text, ";") || len(strings.Fields(text)) > 1):
		return "separate the items by commas"
	case s.Type == CIDRs && slices.Contains([]string{"all", "any", "*"}, strings.ToLower(text)):
		return "write 0.0.0.0/0,::/0 for all addresses"
	case s.Type == CIDRs && strings.Count(text, "-") == 1 && !strings.Contains(text, "/"):
		return "write the range as CIDRs"
	case s.Key == CORSAllowOrigin && !strings.Contains(text, "://") && strings.Contains(text, "."):
		return "write the scheme, too: https://" + strings.Trim(text, blanks)
	case s.Type == Codes && strings.HasSuffix(strings.ToLower(text), "xx"):
		return "write each code"
	}
	return ""
}

// urlHint completes what lacks a scheme or a host.
func (s *Spec) urlHint(text string) string {
	switch {
	case strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && s.Variables && s.Key != AuthURL:
		return "write https://$host" + text
	case strings.HasPrefix(text, "/"):
		return "write the scheme and the host, as http://NAME.NAMESPACE.svc.cluster.local" + text
	case !strings.Contains(text, "://") && strings.Contains(text, "."):
		return "write the scheme, too: http://" + text
	}
	return ""
}

// fractionHint turns 1.5g into megabytes.
func fractionHint(text string) string {
	number := strings.TrimRight(text, "kKmMgGiIbB")
	unit := strings.ToLower(text[len(number):])
	if unit == "" || !strings.Contains(number, ".") {
		return ""
	}
	x, err := strconv.ParseFloat(number, 64)
	smaller, ok := map[byte]string{'g': "m", 'm': "k"}[unit[0]]
	if err != nil || !ok || x > 1<<20 || x != x {
		return ""
	}
	return "write " + strconv.FormatInt(int64(x*1024), 10) + smaller
}

// fallback says in a message what the default is that takes the place of a value.
func (s *Spec) fallback() string {
	switch {
	case s.Global != nil:
		return " (the setting " + s.Global.String() + ")"
	case s.Default != "" && len(s.Default) < 30:
		return " (" + s.Default + ")"
	default:
		return ""
	}
}
