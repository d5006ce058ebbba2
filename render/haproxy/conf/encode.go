package conf

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/headgate/headgate/render/engine"
)

// maxWord bounds one word, so that no line comes near what HAProxy reads.
const maxWord = 64 << 10

// Encode prints a value as one word, or a list of words as several.
func (p position) Encode(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case engine.Origin:
		if p.kind == kindComment {
			return append(dst, v.String()...), nil
		}
	case []Word:
		return appendList(dst, p, v)
	case []string:
		return appendList(dst, p, v)
	}
	text, err := p.text(value)
	if err != nil {
		return nil, err
	}
	return appendWord(dst, text)
}

func appendList[T any](dst []byte, p position, list []T) ([]byte, error) {
	if p.kind != kindWord && p.kind != kindPattern {
		return nil, errors.New("only one word can stand here")
	}
	if len(list) == 0 {
		return nil, errors.New("the list is empty; the template has to leave the line out")
	}
	if len(list) > p.left {
		return nil, fmt.Errorf("%d words make a line of more than %d, which HAProxy cannot read", len(list), maxWords)
	}
	for i, item := range list {
		if i > 0 {
			dst = append(dst, ' ')
		}
		text, err := p.text(item)
		if err != nil {
			return nil, err
		}
		if dst, err = appendWord(dst, text); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// text returns the word that a value is, before it is written so that HAProxy's line parser reads it.
func (p position) text(value any) (string, error) { //nolint:gocyclo // a case for each kind of place
	switch v := value.(type) {
	case string:
		return literalText(p.kind, v)
	case Format:
		return formatText(p.kind, v)
	case Expr:
		if p.kind == kindExpr && v.text != "" {
			return v.text, nil
		}
	case Name:
		switch p.kind {
		case kindName, kindBackend, kindLiteral, kindPattern:
			return string(v), v.Check()
		}
	case Word:
		if p.kind == kindWord {
			return string(v), v.Check()
		}
	case Header:
		if p.kind == kindHeader || p.kind == kindPattern {
			return string(v), v.Check()
		}
	case File:
		if p.kind == kindFile {
			return string(v), v.Check()
		}
	case Socket:
		if p.kind == kindSocket || p.kind == kindAddress {
			return "unix@" + string(v), v.Check()
		}
	default:
		return numericText(p.kind, value)
	}
	return "", wrongType(value)
}

// numericText prints numbers and addresses.
func numericText(k kind, value any) (string, error) { //nolint:gocyclo // a case for each type
	switch v := value.(type) {
	case int:
		if k == kindNumber && v >= 0 || k == kindStatus && v >= 100 && v <= 599 {
			return strconv.Itoa(v), nil
		}
		return "", errors.New("the number cannot stand here")
	case int64:
		if k == kindNumber && v >= 0 {
			return strconv.FormatInt(v, 10), nil
		}
		return "", errors.New("the number cannot stand here")
	case Time:
		if k == kindTime && v >= 0 {
			return strconv.FormatInt(int64(v), 10) + "s", nil
		}
		return "", errors.New("the time cannot stand here")
	case netip.AddrPort:
		if k == kindAddress && v.IsValid() && v.Addr().Zone() == "" {
			return v.String(), nil
		}
		return "", errors.New("the address cannot stand here")
	case netip.Prefix:
		if k == kindPattern && v.IsValid() {
			return v.String(), nil
		}
		return "", errors.New("the network cannot stand here")
	}
	return "", wrongType(value)
}

// wrongType says that a value does not fit, without saying the value.
func wrongType(value any) error { return fmt.Errorf("a value of type %T cannot stand here", value) }

// literalText prints foreign text.
func literalText(k kind, s string) (string, error) {
	switch k {
	case kindLiteral, kindPattern:
		return s, nil
	case kindFormat, kindLine:
		return formatText(k, Text(s))
	default:
		return "", errors.New("plain text cannot stand here")
	}
}

// formatText prints a text with expressions.
func formatText(k kind, f Format) (string, error) {
	switch k {
	case kindFormat, kindBackend:
	case kindLine:
		if i := strings.IndexFunc(f.literals(), isControl); i >= 0 {
			return "", errors.New("control bytes cannot stand in a header or a request line")
		}
	default:
		return "", errors.New("a text with expressions cannot stand here")
	}
	return f.text(), nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// appendWord writes a text as one word of HAProxy's line parser: plain if all bytes are, in single quotes if that will do, in double
// quotes if only single quotes forbid that, with an escape for each odd byte otherwise. None of them leaves a dollar sign where
// HAProxy reads the environment.
func appendWord(dst []byte, text string) ([]byte, error) {
	switch {
	case text == "":
		return nil, errors.New("an empty word is lost on HAProxy; the template has to leave the line out")
	case len(text) > maxWord:
		return nil, fmt.Errorf("a word of more than %d bytes cannot be printed", maxWord)
	case strings.IndexByte(text, 0) >= 0:
		return nil, errors.New("a zero byte cannot be written in a configuration of HAProxy")
	case !strings.ContainsFunc(text, isSpecial):
		return append(dst, text...), nil
	case strings.ContainsFunc(text, isUnprintable):
		return appendEscaped(dst, text), nil
	case strings.IndexByte(text, '\'') < 0:
		return append(append(append(dst, '\''), text...), '\''), nil
	case !strings.ContainsAny(text, `$"`):
		return append(append(append(dst, '"'), strings.ReplaceAll(text, `\`, `\\`)...), '"'), nil
	default:
		return appendEscaped(dst, text), nil
	}
}

// isSpecial reports whether the line parser does not take a byte as it is.
func isSpecial(r rune) bool { return isUnprintable(r) || strings.ContainsRune(" \\#\"'$", r) }

func isUnprintable(r rune) bool { return r < ' ' || r >= 0x7f }

const hexDigits = "0123456789abcdef"

func appendEscaped(dst []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\\', c == '#', c == '"', c == '\'':
			dst = append(dst, '\\', c)
		case c <= ' ' || c >= 0x7f || c == '$':
			dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
