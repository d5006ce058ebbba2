package configmap

import "slices"

// Type says how a value is read, and by which method of [Set] it is given out.
type Type uint8

// The types.
const (
	// Bool is what strconv.ParseBool reads.
	Bool Type = iota
	// Int is a decimal number without unit; Float may have a fraction.
	Int
	Float
	// IntOrAuto is a number or the word auto, which is given out as 0.
	IntOrAuto
	// Seconds is a whole number of seconds without unit.
	Seconds
	// Duration is a time in nginx's notation (30s, 1h30m, a bare number means seconds), GoDuration one in Go's.
	Duration
	GoDuration
	// Size is a number of bytes with an optional k, m or g.
	Size
	// Buffers is a number of buffers and the size of each: "4 8k".
	Buffers
	// Enum is one of Spec.Values.
	Enum
	// String is one line that matches Spec.Pattern; Text may have several lines.
	String
	Text
	// Ciphers is OpenSSL's list of ciphers, Groups its list of groups for key exchange.
	Ciphers
	Groups
	// List is separated by commas, Words by blanks; the items match Spec.Pattern or are among Spec.Values.
	List
	Words
	// CIDRs is a comma list of addresses and prefixes, IPs one of addresses.
	CIDRs
	IPs
	// Codes is a comma list of HTTP status codes.
	Codes
	// URL is absolute, with a host. It may hold variables if Spec.Variables says so.
	URL
	// Regex is a regular expression that Go and PCRE understand alike.
	Regex
	// HeaderName is a field name of RFC 9110, HeaderNames a comma list of them.
	HeaderName
	HeaderNames
	// ServiceRef names a Service of the same namespace; SecretRef and ConfigMapRef are "name" or "namespace/name".
	ServiceRef
	SecretRef
	ConfigMapRef
	// Snippet is raw configuration of the proxy.
	Snippet
)

func (t Type) String() string {
	return [...]string{
		"bool", "integer", "number", "integer or auto", "seconds", "duration", "Go duration", "size", "buffers", "enum", "string",
		"text", "ciphers", "groups", "list", "words", "CIDR list", "IP list", "status codes", "URL", "regular expression", "header name", "header names",
		"Service", "Secret", "ConfigMap", "snippet",
	}[t]
}

// Scope is what a key's effect covers.
type Scope uint8

// The scopes. An annotation of ScopeServer acts on the whole host, one of ScopeBackend on a Service and port, whichever Ingress uses it.
const (
	ScopeRoute Scope = iota
	ScopeServer
	ScopeBackend
	ScopeIngress
	ScopeGlobal
	ScopeStream
)

func (s Scope) String() string {
	return [...]string{"route", "host", "backend", "ingress", "global", "stream"}[s]
}

// Risk is what a hostile value could do. An Ingress with an annotation above the operator's level is refused as a whole.
type Risk uint8

// The levels of risk, in order.
const (
	Low Risk = iota
	Medium
	High
	Critical
)

func (r Risk) String() string { return [...]string{"Low", "Medium", "High", "Critical"}[r] }

// OnInvalid is what a value costs that cannot be used.
type OnInvalid uint8

const (
	// UseDefault goes on as if the key had not been written.
	UseDefault OnInvalid = iota
	// UseNothing counts the key as given, with a value that allows nothing: an empty list, an empty word.
	UseNothing
	// RejectIngress refuses the whole object: its paths answer 503.
	RejectIngress
	// CloseRoute makes every route of the object answer 503.
	CloseRoute
	// CloseHost makes the hosts of the object answer 503, all their paths included.
	CloseHost
)

func (o OnInvalid) String() string {
	return [...]string{
		"the default applies", "nothing is allowed", "the Ingress is refused", "its routes answer 503", "its hosts answer 503",
	}[o]
}

// outcome is the price in a message about one object.
func (o OnInvalid) outcome() string {
	if o == RejectIngress {
		return "the Ingress is refused and its paths are closed"
	}
	return o.String()
}

// isCommaList reports whether commas separate the items of a value.
func (s *Spec) isCommaList() bool {
	return slices.Contains([]Type{List, CIDRs, IPs, Codes, HeaderNames}, s.Type)
}

// Level says how much of a key a proxy can do.
type Level uint8

// The levels of support.
const (
	None Level = iota
	Partial
	Full
)

func (l Level) String() string { return [...]string{"none", "partial", "full"}[l] }

// Support is what one proxy makes of a key. Reason says what is missing where Level is not Full.
type Support struct {
	Level  Level
	Reason string
}

// Targets holds the support of a key by each proxy.
type Targets struct {
	Nginx, HAProxy Support
}

// nginxOnly is the support of a key that HAProxy has no use for.
func nginxOnly(reason string) Targets {
	return Targets{Nginx: Support{Level: Full}, HAProxy: Support{Level: None, Reason: reason}}
}

// Spec declares one key: the parser, the documentation and the tests are driven by it.
type Spec struct {
	Key Key
	// Aliases are deprecated spellings, read where Key itself is absent or empty.
	Aliases []Key
	Group   string
	Type    Type
	// Values are the words of an Enum, or the only items of a list or numbers that are allowed. FoldCase finds
	// words in any case and gives them out as here.
	Values   []string
	FoldCase bool
	// Pattern is a regular expression for the whole value, or for each item of a list. It is anchored when it is compiled.
	Pattern string
	// Min and Max bound a number; both zero leave the bounds of the type. Clamp raises what is below Min to Min, ZeroDefault reads 0
	// as the default.
	Min, Max    int64
	Clamp       bool
	ZeroDefault bool
	// SkipItems passes bad items of a list over and keeps the others.
	SkipItems bool
	// NeedsNamespace asks for "namespace/name" in a reference.
	NeedsNamespace bool
	// Variables says that the value may hold variables or numbered groups ($host, $1).
	Variables bool
	// Secret keeps the value out of messages.
	Secret bool
	// Default is the text of the default. Global, for an annotation, is the setting that gives the default instead.
	Default string
	Global  Key
	Scope   Scope
	Risk    Risk
	// OnInvalid is what a malformed value costs. OnUnusable is what a well-formed one costs that is out of range or incomplete.
	OnInvalid, OnUnusable OnInvalid
	// EmptyInvalid treats an empty value as a malformed one; otherwise empty means not written.
	EmptyInvalid bool
	// Guards says that the key protects something: what cannot be applied closes the route. Idle says with which values it does not.
	Guards bool
	Idle   Idle
	// Needs lists keys of which one has to be in force for this one to have an effect; none if it stands by itself.
	Needs []Key
	// Obeyed says that Headgate acts upon the key. Until then a use of it is reported.
	Obeyed bool
	// Inert, if not empty, says why the key has no effect, here as in ingress-nginx.
	Inert string
	// Targets is the support by proxy. The table fills in Full where the key is supported and nothing else is said.
	Targets Targets
	// Doc says what the key does, in a sentence or two.
	Doc string
	// usual is the key as an annotation under [DefaultPrefix].
	usual string
}

// group puts the name of their group on the declarations.
func group(name string, specs ...Spec) []Spec {
	for i := range specs {
		specs[i].Group = name
	}
	return specs
}
