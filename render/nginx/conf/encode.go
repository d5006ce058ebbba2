package conf

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"

	"github.com/headgate/headgate/render/engine"
)

// maxWord is the longest word in source form that nginx reads ("too long parameter").
const maxWord = 4094

// Encode prints a value as one argument, or a slice as several where the position allows it.
func (p position) Encode(dst []byte, value any) ([]byte, error) {
	switch p.kind {
	case kindStatement:
		return appendBlock(dst, value)
	case kindComment:
		return appendComment(dst, value)
	}
	if p.list {
		if out, done, err := p.appendList(dst, value); done {
			return out, err
		}
	}
	return p.appendOne(dst, value)
}

// appendOne prints one argument.
func (p position) appendOne(dst []byte, value any) ([]byte, error) {
	start := len(dst)
	var err error
	if param, ok := value.(Param); ok {
		dst, err = p.appendParam(dst, param)
	} else {
		dst, err = appendArgument(dst, p.kind, value)
	}
	if err != nil {
		return nil, err
	}
	if len(dst)-start > maxWord {
		return nil, fmt.Errorf("an argument of more than %d bytes cannot be read by nginx", maxWord)
	}
	return dst, nil
}

// CheckText reports why a text cannot be printed where its variables are evaluated.
func CheckText(e Expr) error {
	_, err := position{kind: kindText}.appendOne(nil, e)
	return err
}

// appendList prints the elements of a slice with blanks between them.
func (p position) appendList(dst []byte, value any) (out []byte, done bool, err error) {
	switch list := value.(type) {
	case []string:
		out, err = appendAll(dst, p, list)
	case []Name:
		out, err = appendAll(dst, p, list)
	case []Host:
		out, err = appendAll(dst, p, list)
	case []Path:
		out, err = appendAll(dst, p, list)
	case []File:
		out, err = appendAll(dst, p, list)
	case []Header:
		out, err = appendAll(dst, p, list)
	case []Mime:
		out, err = appendAll(dst, p, list)
	case []Word:
		out, err = appendAll(dst, p, list)
	case []int:
		out, err = appendAll(dst, p, list)
	case []Expr:
		out, err = appendAll(dst, p, list)
	case []Param:
		out, err = appendAll(dst, p, list)
	case []netip.Addr:
		out, err = appendAll(dst, p, list)
	case []netip.Prefix:
		out, err = appendAll(dst, p, list)
	default:
		return dst, false, nil
	}
	return out, true, err
}

func appendAll[T any](dst []byte, p position, list []T) ([]byte, error) {
	if len(list) == 0 {
		return nil, errors.New("the list is empty; the template has to leave the directive out")
	}
	for i, value := range list {
		if i > 0 {
			dst = append(dst, ' ')
		}
		var err error
		if dst, err = p.appendOne(dst, value); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// appendParam prints key=value. Where the value needs quotes they go around the whole argument.
func (p position) appendParam(dst []byte, param Param) ([]byte, error) {
	k, ok := p.params[param.Key]
	if !ok {
		return nil, fmt.Errorf("the directive has no parameter %q", param.Key)
	}
	if _, nested := param.Value.(Param); nested {
		return nil, errors.New("a parameter cannot hold another one")
	}
	value, err := appendArgument(nil, k, param.Value)
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", param.Key, err)
	}
	quoted := len(value) > 0 && value[0] == '"'
	if quoted {
		dst, value = append(dst, '"'), value[1:]
	}
	return append(append(append(dst, param.Key...), '='), value...), nil
}

func appendBlock(dst []byte, value any) ([]byte, error) {
	b, ok := value.(Block)
	if !ok {
		return nil, fmt.Errorf("only a Block can be printed here, not a %T", value)
	}
	return append(dst, b.text...), nil
}

func appendComment(dst []byte, value any) ([]byte, error) {
	o, ok := value.(engine.Origin)
	if !ok {
		return nil, fmt.Errorf("only an Origin can be printed here, not a %T", value)
	}
	return append(dst, o.String()...), nil
}

// evaluation says whether nginx evaluates variables in an argument.
type evaluation uint8

const (
	literal evaluation = iota
	evaluated
)

// appendQuoted prints a text as one quoted argument.
func appendQuoted(dst []byte, text string, e evaluation) ([]byte, error) {
	dst, err := appendEscaped(append(dst, '"'), text, e)
	if err != nil {
		return nil, err
	}
	return append(dst, '"'), nil
}

// appendEscaped prints a text for use inside double quotes. nginx has no escape for the dollar sign: where it would be evaluated, the
// variable $dollar stands for it, which the main template defines by a geo block, whose values are not evaluated. Line ends are
// printed as \n, so that a line of output is a line of statements.
func appendEscaped(dst []byte, text string, e evaluation) ([]byte, error) {
	for i := range len(text) {
		switch c := text[i]; c {
		case 0:
			return nil, errors.New("a NUL byte cannot stand in a configuration")
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '$':
			if e == evaluated {
				dst = append(dst, "${dollar}"...)
				continue
			}
			dst = append(dst, c)
		default:
			dst = append(dst, c)
		}
	}
	return dst, nil
}

// checked prints a value bare if it passes its check.
func checked(dst []byte, text string, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return append(dst, text...), nil
}

// appendInt prints any integer that is not one of the types with a unit.
func appendInt(dst []byte, value any) ([]byte, bool) {
	switch n := value.(type) {
	case int:
		return strconv.AppendInt(dst, int64(n), 10), true
	case int64:
		return strconv.AppendInt(dst, n, 10), true
	case int32:
		return strconv.AppendInt(dst, int64(n), 10), true
	case uint16:
		return strconv.AppendUint(dst, uint64(n), 10), true
	case uint32:
		return strconv.AppendUint(dst, uint64(n), 10), true
	case uint64:
		return strconv.AppendUint(dst, n, 10), true
	default:
		return dst, false
	}
}

// appendSize prints bytes with the largest unit that divides them; nginx knows g for some sizes only.
func appendSize(dst []byte, n Size) ([]byte, error) {
	switch {
	case n < 0:
		return nil, errors.New("a size cannot be negative")
	case n > 0 && n%(1<<20) == 0:
		return append(strconv.AppendInt(dst, int64(n>>20), 10), 'm'), nil
	case n > 0 && n%(1<<10) == 0:
		return append(strconv.AppendInt(dst, int64(n>>10), 10), 'k'), nil
	default:
		return strconv.AppendInt(dst, int64(n), 10), nil
	}
}

// appendShare prints a percentage with at most two decimals; nginx refuses 0%.
func appendShare(dst []byte, s Share) ([]byte, error) {
	if s < 1 || s > 10_000 {
		return nil, errors.New("a share lies between 0.01% and 100%; leave an empty one out")
	}
	dst = strconv.AppendInt(dst, int64(s/100), 10)
	if s%100 != 0 {
		dst = append(dst, '.', byte('0'+s%100/10))
	}
	if s%10 != 0 {
		dst = append(dst, byte('0'+s%10))
	}
	return append(dst, '%'), nil
}
