package templates

import "embed"

// HAProxy holds the folders haproxy/conf, templates of configuration, and haproxy/lists, templates of the files that it refers to.
//
//go:embed haproxy
var HAProxy embed.FS
