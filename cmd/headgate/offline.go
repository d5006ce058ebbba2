package main

import (
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/translate"
	"github.com/headgate/headgate/watch"
)

// offlineFlags are those of the verbs that read manifests once.
type offlineFlags struct {
	input   inputFlags
	target  targetFlags
	meaning meaningFlags
	report  reportFlags
	check   checkFlags
	// adjust, if not nil, changes the Config before it is rendered.
	adjust func(*model.Config)
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

// compile reads the manifests, takes them all the way to files, and prints what there is to say about everything on the way. The remarks of
// the result are all of these.
func (f *offlineFlags) compile(cmd *cobra.Command, secrets string, diagnostics io.Writer) (compiled, error) {
	if err := f.meaning.validate(); err != nil {
		return compiled{}, err
	}
	target, err := f.target.target()
	if err != nil {
		return compiled{}, err
	}
	snap, remarks, err := f.read(cmd)
	if err != nil {
		return compiled{}, err
	}
	c := compiler{settings: f.settings(), target: target, adjust: f.adjust}
	if secrets == secretsPlaceholder {
		c.adjust = standIn
	}
	result, err := c.compile(snap)
	if err != nil {
		return compiled{}, err
	}
	verdict, refusal := f.check.ask(cmd.Context(), &f.target, c, snap)
	result.remarks = slices.Concat(remarks, result.remarks, verdict)
	if err := f.report.print(diagnostics, result.remarks); err != nil {
		return compiled{}, err
	}
	return result, refusal
}

// settings completes what the flags say for input that knows neither endpoints nor keys.
func (f *offlineFlags) settings() translate.Settings {
	settings := f.meaning.settings
	settings.Class.AssumeName, settings.Class.FillDefault = true, true
	settings.PlaceholderEndpoints = true
	settings.PlaceholderCertificates = true
	settings.DefaultCertificate = placeholderCertificate()
	return settings
}
