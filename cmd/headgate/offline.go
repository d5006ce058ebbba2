package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/watch"
)

// offlineFlags are those of the verbs that read manifests once.
type offlineFlags struct {
	input   inputFlags
	target  targetFlags
	meaning meaningFlags
	report  reportFlags
}

func (f *offlineFlags) register(flags *pflag.FlagSet) {
	f.input.register(flags)
	f.target.register(flags)
	f.meaning.register(flags)
	f.report.register(flags)
}

// read reads the manifests that -f names.
func (f *offlineFlags) read(cmd *cobra.Command) (*manifest.Snapshot, diag.List, error) {
	if len(f.input.paths) == 0 {
		return nil, nil, usageError("there is nothing to read; name files and folders with -f, or -f - for standard input")
	}
	inputs, remarks, err := watch.ReadPaths(f.input.paths, cmd.InOrStdin())
	if err != nil {
		return nil, nil, err
	}
	objects, more := manifest.Load(inputs, manifest.LoadOptions{})
	remarks = append(remarks, more...)
	snap, more := manifest.NewSnapshot(objects)
	return snap, append(remarks, more...), nil
}

// compile reads the manifests and takes them all the way to files. The remarks are about everything on the way.
func (f *offlineFlags) compile(cmd *cobra.Command, secrets string) (compiled, diag.List, error) {
	target, err := f.target.target(f.target.version)
	if err != nil {
		return compiled{}, nil, err
	}
	snap, remarks, err := f.read(cmd)
	if err != nil {
		return compiled{}, nil, err
	}
	c := compiler{settings: f.meaning.settings, target: target}
	c.settings.Class.AssumeName = true
	c.settings.PlaceholderEndpoints = true
	c.settings.DefaultCertificate = placeholderCertificate()
	if secrets == secretsPlaceholder {
		c.adjust = standIn
	}
	result, err := c.compile(snap)
	if err != nil {
		return compiled{}, nil, err
	}
	remarks = append(remarks, result.remarks...)
	remarks.Sort()
	return result, remarks, nil
}
