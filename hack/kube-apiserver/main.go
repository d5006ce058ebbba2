// Command kube-apiserver is the API server of Kubernetes, as released, for tests.
//
// Kubernetes publishes no binary through the Go module proxy, but its source is an ordinary module. This module pins it; update.sh
// moves the pin.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() { os.Exit(cli.Run(app.NewAPIServerCommand())) }
