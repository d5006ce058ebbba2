package conf

import (
	"fmt"
	"slices"
	"strings"
)

// kind is what a word means to HAProxy, which decides what values may stand there and how they are written.
type kind uint8

const (
	// kindNone is where nothing may be printed.
	kindNone kind = iota
	// kindComment takes an engine.Origin.
	kindComment
	// kindLiteral is taken as it stands; kindFormat has its %[expressions] evaluated.
	kindLiteral
	kindFormat
	// kindLine is kindFormat that ends up in a header line or a request line: no control bytes.
	kindLine
	// kindExpr is an expression: fetches and converters.
	kindExpr
	// kindPattern is compared with by an ACL.
	kindPattern
	kindHeader
	kindName
	// kindBackend is a Name, or a Format that gives one.
	kindBackend
	kindNumber
	kindStatus
	kindTime
	kindFile
	kindSocket
	kindAddress
	kindWord
)

// spec says what the words behind the words that name a statement are: args by index, params by the word in front of them, rest for
// all others.
type spec struct {
	args   []kind
	params map[string]kind
	rest   kind
}

// kindAt finds out what the word behind the given ones means.
func kindAt(words []string) (kind, error) {
	last := words[len(words)-1]
	if i := slices.IndexFunc(words, func(w string) bool { return w == "if" || w == "unless" }); i > 0 {
		return conditionKind(last), nil
	}
	known, s, ok := lookup(words)
	if !ok {
		return kindNone, fmt.Errorf("the statement %q is not known, so nobody can tell what its words mean", words[0])
	}
	if k := s.at(words[known:]); k != kindNone {
		return k, nil
	}
	return kindNone, fmt.Errorf("nothing can be printed as word %d of %s", len(words)+1, strings.Join(words[:known], " "))
}

// at returns the kind of the word behind args.
func (s spec) at(args []string) kind {
	sure := !slices.Contains(args, gapWord)
	if sure && len(args) < len(s.args) {
		return s.args[len(args)]
	}
	if slices.Contains(args, "--") {
		return s.params["--"]
	}
	if len(args) > 0 {
		if k, ok := s.params[args[len(args)-1]]; ok {
			return k
		}
	}
	if len(args) > 1 && args[len(args)-2] == "hdr" {
		return s.params["hdr="]
	}
	if !sure {
		return kindNone
	}
	return s.rest
}

// conditionKind tells what may be printed in a condition: names of ours, what is compared, numbers to compare with. Patterns of
// users have to stand in named acl lines, because one that is "}" would end an anonymous one.
func conditionKind(last string) kind {
	switch last {
	case "{", "!{":
		return kindExpr
	case "eq", "ne", "gt", "ge", "lt", "le":
		return kindNumber
	case "-f":
		return kindFile
	default:
		return kindName
	}
}

// lookup finds the statement that the most of the first three words name.
func lookup(words []string) (number int, s spec, ok bool) {
	for n := min(len(words), 3); n > 0; n-- {
		names := make([]string, n)
		for i, w := range words[:n] {
			names[i], _, _ = strings.Cut(w, "(")
		}
		if s, ok := statements[strings.Join(names, " ")]; ok {
			return n, s, true
		}
	}
	return 0, spec{}, false
}
