// Command headgate turns Kubernetes Ingresses into configuration for a stock nginx or HAProxy, and keeps the proxy that stands beside
// it up to date.
//
// The command line, the configuration file, the environment and the log are set up here and nowhere else. There is one file per verb.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(execute(context.Background(), os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}
