package main

import (
	"fmt"
	"log/slog"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/translate"
	"github.com/headgate/headgate/watch"
)

// newSource makes the source that the flags ask for. The targets of ExternalName Services are looked up, unless these are turned off.
func newSource(flags *runFlags, log *slog.Logger) (watch.Source, error) {
	source, err := newObjectSource(flags, log)
	if err != nil || flags.meaning.settings.NoExternalNames {
		return source, err
	}
	return watch.NewNames(source, watch.NamesOptions{Log: log}), nil
}

func newObjectSource(flags *runFlags, log *slog.Logger) (watch.Source, error) {
	if flags.serve.source != sourceKube {
		load := manifest.LoadOptions{DefaultNamespace: flags.input.namespace}
		return watch.NewFiles(watch.FilesOptions{Paths: flags.input.paths, Load: load, Poll: flags.serve.poll, Log: log}), nil
	}
	config, err := clusterConfig(flags)
	if err != nil {
		return nil, err
	}
	settings := &flags.meaning.settings
	return watch.NewCluster(watch.ClusterOptions{Config: config, Namespace: settings.WatchNamespace, Also: namedObjects(settings), Log: log})
}

// clusterConfig says how to reach the API server.
func clusterConfig(flags *runFlags) (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = flags.serve.kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("finding the API server: %w", err)
	}
	config.UserAgent = "headgate/" + version()
	return config, nil
}

// namedObjects are the objects that flags name. They are followed even if they are outside the watched namespace.
func namedObjects(s *translate.Settings) []diag.Ref {
	var refs []diag.Ref
	for _, named := range []struct {
		kind string
		name translate.Name
	}{
		{"ConfigMap", s.ConfigMap}, {"ConfigMap", s.TCPServices}, {"ConfigMap", s.UDPServices},
		{"Service", s.DefaultBackend}, {"Service", s.ReplicaService}, {"Secret", s.DefaultTLSSecret},
	} {
		if !named.name.IsZero() {
			refs = append(refs, diag.Ref{Kind: named.kind, Namespace: named.name.Namespace, Name: named.name.Name})
		}
	}
	return refs
}
