// Package templates holds the templates of every target, by target and feature. They present what a view holds and decide nothing;
// users may replace them one by one.
package templates

import "embed"

// FS holds the folders nginx and haproxy.
//
//go:embed nginx/*.tmpl
var FS embed.FS
