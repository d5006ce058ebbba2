// Package render turns a [model.Config] into the files of a proxy's configuration.
//
// Its sub-packages are one target each (render/nginx, render/haproxy: the view types and the language) and the template engine
// (render/engine). A target computes everything that a template prints; the templates only say present, range and print. Rendering
// is a pure function: no clock, no file system, no randomness, and the same input always renders the same bytes.
package render
