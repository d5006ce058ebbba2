// Package model holds what a set of Kubernetes objects means for a proxy, in words that belong to no proxy and to no dialect of
// annotations.
//
// translate writes a [Config], [Config.Normalize] sorts it once, and everything downstream (render, explain, diff) only reads it.
// A Config is made of slices, never of maps, and every node says where it came from. [Match] is the reference for what a proxy has
// to do with a request: the behaviour tests hold nginx and HAProxy against it.
//
// Package model imports diag, and a regular expression library that reads patterns as PCRE does.
package model
