// Package engine is the template engine: text/template with sprig, which understands the configuration language that it prints, as
// html/template does for HTML.
//
// A [Language] lexes the literal text of a template and knows, at each {{action}}, which argument of which directive it fills. The
// engine refuses templates in which an action does not fill exactly one whole argument, and in which the branches of an if, range or
// with end in different places; it appends the encoder of the position to every action that it accepts. So no value, whatever its
// bytes, can become more than one argument.
//
//	set, err := engine.Load(templates.NGINX, conf.Language{}, engine.Options{
//		Entries:  map[string]string{"main": "", "host": "http"}, // template → the blocks around its output
//		Override: userTemplates,                                 // may be nil
//	})
//	err = set.Execute(w, "host", view)
//
// Rules for templates:
//
//   - The name of a file's template is its path without ".tmpl". A user's file replaces the template of that name; a {{define}} in it
//     replaces that block, wherever it came from. A template that no entry reaches is refused, because its name is mistyped.
//   - An action stands where an argument stands, with white space before it and white space or ";" behind it, never in quotes:
//     proxy_set_header {{.Name}} {{.Value}};
//   - A list prints as several arguments: server_name {{.Names}}; or server_name{{range .Names}} {{.}}{{end}};
//   - {{template "x" .}} and {{block "x" .}} stand where a directive can begin; x begins and ends between statements with its braces
//     balanced. It is checked once for each context that it is called in.
//   - A comment can print an [Origin] and nothing else.
//   - {{if}}, {{with}}, {{range}}, variables, comparisons and a few string functions of sprig may be used; {{break}}, {{continue}},
//     print and printf may not.
//   - Indentation and empty lines come from the engine.
//
// A value that cannot stand at its position is a [*ValueError] when the template is executed; a template that is wrong is a
// [*LoadError] with its place when it is loaded.
package engine
