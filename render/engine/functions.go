package engine

import (
	"fmt"
	"maps"
	"reflect"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// sprigNames are the functions taken from sprig: pure, deterministic, and bounded by the size of their arguments. Left out with
// intent: the environment, clocks, random numbers, DNS, keys (also of certificates and passwords), functions whose result depends on
// the order of a map, and those whose result can be larger than what went in (repeat, until, seq).
var sprigNames = []string{
	"coalesce", "contains", "default", "empty", "first", "hasPrefix", "hasSuffix", "join", "last", "lower", "replace", "splitList",
	"ternary", "trim", "trimPrefix", "trimSuffix",
}

// builtinNames are the functions of text/template that templates may use. Those that format (print, printf, html, js, urlquery) are
// left out because encoding is the engine's work, and call because views hold no functions.
var builtinNames = []string{"and", "eq", "ge", "gt", "index", "le", "len", "lt", "ne", "not", "or", "slice"}

// functions returns what templates may call: names for the parser, functions for the execution.
func functions(lang Language) (names map[string]any, funcs template.FuncMap) {
	funcs = template.FuncMap{}
	hermetic := sprig.HermeticTxtFuncMap()
	for _, name := range sprigNames {
		funcs[name] = acceptNames(hermetic[name])
	}
	maps.Copy(funcs, lang.Funcs())
	names = map[string]any{}
	maps.Copy(names, funcs)
	for _, name := range builtinNames {
		names[name] = true
	}
	return names, funcs
}

// acceptNames makes a function of texts take the values of views, too: most of those are strings with a type of their own, such as
// the name of a host. What comes back is a plain text, which is encoded for its position like any other.
func acceptNames(function any) any {
	f := reflect.ValueOf(function)
	return func(args ...any) (any, error) {
		t := f.Type()
		if len(args) < t.NumIn() && !t.IsVariadic() || len(args) > t.NumIn() && !t.IsVariadic() || len(args) < t.NumIn()-1 {
			return nil, fmt.Errorf("it takes %d arguments, not %d", t.NumIn(), len(args))
		}
		in := make([]reflect.Value, len(args))
		for i, arg := range args {
			want := t.In(min(i, t.NumIn()-1))
			if t.IsVariadic() && i >= t.NumIn()-1 {
				want = want.Elem()
			}
			var err error
			if in[i], err = argument(arg, want); err != nil {
				return nil, fmt.Errorf("argument %d: %w", i+1, err)
			}
		}
		return f.Call(in)[0].Interface(), nil
	}
}

// argument makes a value fit a parameter. Only strings are converted, to strings.
func argument(arg any, want reflect.Type) (reflect.Value, error) {
	v := reflect.ValueOf(arg)
	switch {
	case !v.IsValid():
		return reflect.Zero(want), nil
	case v.Type().AssignableTo(want):
		return v, nil
	case v.Kind() == reflect.String && want.Kind() == reflect.String:
		return v.Convert(want), nil
	default:
		return v, fmt.Errorf("it takes a %s, not a %s", want, v.Type())
	}
}
