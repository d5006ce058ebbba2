package conf

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/headgate/headgate/render/engine"
)

// encoder prints a value as one argument of a kind.
type encoder func(dst []byte, value any) ([]byte, error)

// encoders are indexed by kind.
var encoders = [...]encoder{
	kindLiteral:       func(dst []byte, v any) ([]byte, error) { return appendPlain(dst, v, literal) },
	kindText:          appendText,
	kindLine:          appendLine,
	kindHeaderName:    appendHeaderName,
	kindHeaderValue:   appendHeaderValue,
	kindParameterName: appendParameterName,
	kindRealm:         appendRealm,
	kindMapKey:        appendMapKey,
	kindGeoKey:        appendNetwork,
	kindShare:         appendShareValue,
	kindMime:          appendMime,
	kindRegex:         appendRegex,
	kindLocation:      appendLocation,
	kindPath:          appendPath,
	kindTarget:        appendTarget,
	kindErrorTarget:   appendErrorTarget,
	kindReplacement:   appendReplacement,
	kindRewrite:       appendRewrite,
	kindOperand:       appendText,
	kindAnswer:        appendAnswer,
	kindTime:          appendTime,
	kindSize:          appendSizeValue,
	kindRate:          appendRate,
	kindNumber:        appendNumber,
	kindSwitch:        appendSwitch,
	kindWord:          appendWord,
	kindSwitchWord:    appendSwitchWord,
	kindName:          appendName,
	kindVariable:      appendVariable,
	kindNetwork:       appendNetwork,
	kindAddress:       appendAddress,
	kindListen:        appendListen,
	kindMember:        appendMember,
	kindHost:          appendHost,
	kindPass:          appendPassTo("http"),
	kindGRPCPass:      appendPassTo("grpc"),
	kindFastCGIPass:   appendBarePass,
	kindStreamPass:    appendBarePass,
	kindFile:          appendFile,
	kindFileText:      appendFileText,
	kindLog:           appendLog,
	kindCache:         appendCache,
	kindZone:          appendZone,
	kindFrequency:     appendFrequency,
}

func appendArgument(dst []byte, k kind, value any) ([]byte, error) {
	if int(k) >= len(encoders) || encoders[k] == nil {
		return nil, errors.New("only key=value parameters can be printed here")
	}
	return encoders[k](dst, value)
}

// mismatch says which types a position takes. It names the type of the value, never the value.
func mismatch(value any, wanted string) error {
	return &engine.MismatchError{Wanted: wanted, Got: fmt.Sprintf("%T", value)}
}

// appendPlain prints the values that mean the same wherever an argument is taken as a text.
func appendPlain(dst []byte, value any, e evaluation) ([]byte, error) {
	switch v := value.(type) {
	case string:
		return appendQuoted(dst, v, e)
	case Path:
		return appendPathAs(dst, v, e)
	case Name:
		return checked(dst, string(v), v.Check())
	case Host:
		return checked(dst, string(v), v.Check())
	case File:
		return checked(dst, string(v), v.Check())
	case Word:
		return checked(dst, string(v), v.Check())
	case Header:
		return checked(dst, string(v), v.Check())
	case Mime:
		return checked(dst, string(v), v.Check())
	case netip.Addr:
		return checked(dst, v.String(), checkAddress(v))
	case netip.AddrPort:
		return checked(dst, v.String(), checkAddress(v.Addr()))
	}
	if out, ok := appendInt(dst, value); ok {
		return out, nil
	}
	if e == evaluated {
		return nil, mismatch(value, "a text or an Expr")
	}
	return nil, mismatch(value, "a text without variables")
}

func appendText(dst []byte, value any) ([]byte, error) {
	if e, ok := value.(Expr); ok {
		return appendExpr(dst, e)
	}
	return appendPlain(dst, value, evaluated)
}

// appendLine prints what becomes part of a header line, where a line end would begin the next header.
func appendLine(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case string:
		if err := checkPlain(v); err != nil {
			return nil, err
		}
	case Expr:
		if err := v.checkPlain(); err != nil {
			return nil, err
		}
	}
	return appendText(dst, value)
}

func appendHeaderName(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case Header:
		return checked(dst, string(v), v.Check())
	case string:
		return checked(dst, v, Header(v).Check())
	default:
		return nil, mismatch(value, "a Header")
	}
}

func appendHeaderValue(dst []byte, value any) ([]byte, error) {
	if value == "" {
		return nil, errors.New("an empty text leaves the header out; leave the directive out, or use an empty Expr to say so")
	}
	return appendLine(dst, value)
}

func appendParameterName(dst []byte, value any) ([]byte, error) {
	name, ok := value.(string)
	if !ok {
		return nil, mismatch(value, "a string")
	}
	if !IsVariableName(name) {
		return nil, errors.New("only letters, digits and _ can stand here")
	}
	return append(dst, name...), nil
}

// appendRealm refuses "off", which turns authentication off however it is written, and anything that could become it.
func appendRealm(dst []byte, value any) ([]byte, error) {
	realm, ok := value.(string)
	if !ok {
		return nil, mismatch(value, "a string")
	}
	if strings.EqualFold(realm, "off") {
		return nil, errors.New(`the realm "off" would turn the authentication off`)
	}
	if err := checkPlain(realm); err != nil {
		return nil, err
	}
	return appendQuoted(dst, realm, evaluated)
}

// appendMapKey writes a backslash in front of a text: nginx removes one, after it has looked for the words and the first bytes that
// mean something else.
func appendMapKey(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case string:
		dst, err := appendEscaped(append(dst, `"\\`...), v, literal)
		return append(dst, '"'), err
	case Regex:
		return appendMarkedRegex(dst, v)
	case Host:
		return checked(dst, string(v), v.Check())
	case Name:
		if v == "default" || v == "include" || v == "hostnames" || v == "volatile" || strings.HasPrefix(string(v), "-") {
			return appendMapKey(dst, string(v))
		}
		return checked(dst, string(v), v.Check())
	}
	if out, ok := appendInt(dst, value); ok {
		return out, nil
	}
	return nil, mismatch(value, "a string or a Regex")
}

func appendShareValue(dst []byte, value any) ([]byte, error) {
	share, ok := value.(Share)
	if !ok {
		return nil, mismatch(value, "a Share")
	}
	return appendShare(dst, share)
}

func appendMime(dst []byte, value any) ([]byte, error) {
	m, ok := value.(Mime)
	if !ok {
		return nil, mismatch(value, "a Mime")
	}
	return checked(dst, string(m), m.Check())
}

func appendRegex(dst []byte, value any) ([]byte, error) {
	r, ok := value.(Regex)
	if !ok {
		return nil, mismatch(value, "a Regex")
	}
	if r.pattern == "" {
		return nil, errors.New("the pattern is empty")
	}
	if r.fold {
		return appendQuoted(dst, "(?i)"+r.pattern, literal)
	}
	return appendQuoted(dst, r.pattern, literal)
}

// appendMarkedRegex prints a regex where literals may stand as well.
func appendMarkedRegex(dst []byte, r Regex) ([]byte, error) {
	if r.pattern == "" {
		return nil, errors.New("the pattern is empty")
	}
	if r.fold {
		return appendQuoted(dst, "~*"+r.pattern, literal)
	}
	return appendQuoted(dst, "~"+r.pattern, literal)
}

func appendPathAs(dst []byte, p Path, e evaluation) ([]byte, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if isBare(string(p)) {
		return append(dst, p...), nil
	}
	return appendQuoted(dst, string(p), e)
}

func appendPath(dst []byte, value any) ([]byte, error) {
	p, ok := value.(Path)
	if !ok {
		return nil, mismatch(value, "a Path")
	}
	return appendPathAs(dst, p, literal)
}

func appendLocation(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case Path:
		return appendPathAs(dst, v, literal)
	case Name:
		return checked(append(dst, '@'), string(v), v.Check())
	default:
		return nil, mismatch(value, "a Path or a Name")
	}
}

func appendTarget(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case Path:
		return appendPathAs(dst, v, evaluated)
	case Name:
		return checked(append(dst, '@'), string(v), v.Check())
	case Expr:
		return appendLine(dst, v)
	default:
		return nil, mismatch(value, "a Path, a Name or an Expr")
	}
}

func appendErrorTarget(dst []byte, value any) ([]byte, error) {
	if out, ok := appendInt(dst, value); ok {
		return out, nil
	}
	return appendTarget(dst, value)
}

// appendReplacement prints what nginx would read as a regex after a tilde, and as a switch if it is "off" or "default".
func appendReplacement(dst []byte, value any) ([]byte, error) {
	var begin string
	switch v := value.(type) {
	case Regex:
		return appendMarkedRegex(dst, v)
	case string:
		begin = v
	case Expr:
		begin = v.constant()
	default:
		return nil, mismatch(value, "a string, an Expr or a Regex")
	}
	if begin == "off" || begin == "default" || strings.HasPrefix(begin, "~") {
		return nil, errors.New(`"off", "default" and a tilde in front have a meaning of their own here`)
	}
	return appendLine(dst, value)
}

// appendRewrite takes a literal target as a path only: a scheme in front would make a redirect, a question mark begins a query.
func appendRewrite(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case Expr:
		if strings.Contains(v.literals(), "?") {
			return nil, errors.New("a question mark begins the query here and cannot be part of a path")
		}
		return appendLine(dst, v)
	case Path:
		if strings.Contains(string(v), "?") {
			return nil, errors.New("a question mark begins the query here and cannot be part of a path")
		}
		return appendPathAs(dst, v, evaluated)
	default:
		return nil, mismatch(value, "a Path or an Expr")
	}
}

// appendAnswer prints the only argument of a return, a code or a URL.
func appendAnswer(dst []byte, value any) ([]byte, error) {
	e, ok := value.(Expr)
	if !ok {
		return appendNumber(dst, value)
	}
	begin := e.constant()
	if !strings.HasPrefix(begin, "http://") && !strings.HasPrefix(begin, "https://") {
		return nil, errors.New("the URL has to begin with http:// or https://")
	}
	return appendLine(dst, e)
}

func appendTime(dst []byte, value any) ([]byte, error) {
	t, ok := value.(Time)
	if !ok {
		return nil, mismatch(value, "a Time")
	}
	if t < 0 {
		return nil, errors.New("a time cannot be negative")
	}
	return append(strconv.AppendInt(dst, int64(t), 10), 's'), nil
}

func appendSizeValue(dst []byte, value any) ([]byte, error) {
	size, ok := value.(Size)
	if !ok {
		return nil, mismatch(value, "a Size")
	}
	return appendSize(dst, size)
}

func appendRate(dst []byte, value any) ([]byte, error) {
	if e, ok := value.(Expr); ok {
		return appendExpr(dst, e)
	}
	return appendSizeValue(dst, value)
}

func appendNumber(dst []byte, value any) ([]byte, error) {
	out, ok := appendInt(dst, value)
	if !ok {
		return nil, mismatch(value, "an integer")
	}
	return out, nil
}

func appendSwitch(dst []byte, value any) ([]byte, error) {
	switch value {
	case true:
		return append(dst, "on"...), nil
	case false:
		return append(dst, "off"...), nil
	default:
		return nil, mismatch(value, "a bool")
	}
}

func appendWord(dst []byte, value any) ([]byte, error) {
	w, ok := value.(Word)
	if !ok {
		return nil, mismatch(value, "a Word")
	}
	return checked(dst, string(w), w.Check())
}

func appendSwitchWord(dst []byte, value any) ([]byte, error) {
	if w, ok := value.(Word); ok {
		return checked(dst, string(w), w.Check())
	}
	return appendSwitch(dst, value)
}
