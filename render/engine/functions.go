package engine

import (
	"maps"
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
		funcs[name] = hermetic[name]
	}
	maps.Copy(funcs, lang.Funcs())
	names = map[string]any{}
	maps.Copy(names, funcs)
	for _, name := range builtinNames {
		names[name] = true
	}
	return names, funcs
}
