// Package engine is the template engine: text/template with sprig, which understands the configuration language that it prints, as
// html/template does for HTML.
//
// A [Language] lexes the literal text of a template and knows, at each {{action}}, which argument of which directive it fills. The
// engine refuses templates in which an action does not fill exactly one whole argument, and in which the branches of an if, range or
// with end in different places; it appends the encoder of the position to every action that it accepts. So no value, whatever its
// bytes, can become more than one argument.
package engine
