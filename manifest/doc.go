// Package manifest reads Kubernetes objects and keeps what Headgate needs of them.
//
// In come bytes (YAML or JSON files, standard input) or live objects converted by the watch room; out comes a [Snapshot]: immutable,
// sorted, with look-ups, and with the position of every field that came from a file. The package knows the shape of the objects, not
// what they mean: that is the translate room's business.
//
// It imports diag only, and no clock, network or file system: callers hand in names and bytes.
package manifest
