// Package diag is Headgate's second channel: what it has to say about the
// user's input.
//
// An error means that the tool could not do its job. A [Diagnostic] means that
// something in a manifest, an annotation or a setting is not as it should be;
// it carries a stable code, the place, and in its message what was done about
// it. The two are never mixed: the pure layers (manifest, translate, render)
// return diagnostics, not errors, for anything that a user wrote.
//
// The package uses the standard library only and imports no other room.
package diag
