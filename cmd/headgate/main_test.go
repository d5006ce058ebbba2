package main

import (
	"os"
	"testing"

	"github.com/headgate/headgate/hack/netns"
)

// TestMain gives the tests addresses of Pods: a real API server takes no loopback address for an endpoint.
func TestMain(m *testing.M) { os.Exit(netns.Main(m)) }
