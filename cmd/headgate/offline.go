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
	// allowEmpty takes an input without any Ingress for what was meant.
	allowEmpty bool
	// adjust, if not nil, changes the Config before it is rendered.
	adjust func(*model.Config)
}

func (f *offlineFlags) register(flags *pflag.FlagSet) {
	f.input.register(flags)
	f.target.register(flags)
	f.meaning.register(flags)
	f.report.register(flags)
	flags.BoolVar(&f.allowEmpty, "allow-empty", false, "accept an input that holds neither an Ingress nor a TCP or UDP port")
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
	objects, more := manifest.Load(inputs, manifest.LoadOptions{DefaultNamespace: f.input.namespace})
	remarks = append(remarks, more...)
	snap, more := manifest.NewSnapshot(objects, manifest.WithRefusals(remarks))
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
	result.remarks = slices.Concat(remarks, f.emptiness(snap, &result, remarks), result.remarks, verdict)
	if err := f.report.print(diagnostics, result.remarks); err != nil {
		return compiled{}, err
	}
	return result, refusal
}

// emptiness speaks of an input that serves nothing, as a wrong path or a failed generator leaves it.
func (f *offlineFlags) emptiness(snap *manifest.Snapshot, result *compiled, remarks diag.List) diag.List {
	refused := slices.ContainsFunc(remarks, func(d diag.Diagnostic) bool { return d.Severity == diag.Error })
	if len(snap.Ingresses) > 0 || len(result.config.Streams) > 0 || refused {
		return nil
	}
	d := diag.InputEmpty.At(diag.Pos{}, diag.Ref{}, "", "there is no Ingress in the input, and no TCP or UDP port; nothing is served")
	d.Hint = "look at the paths of -f and at what makes the manifests; --allow-empty accepts this"
	if f.allowEmpty {
		d.Severity, d.Hint = diag.Info, ""
	}
	return diag.List{d}
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
