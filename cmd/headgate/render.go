package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headgate/headgate/render"
)

// The ways to treat key material in a rendering.
const (
	secretsOmit        = "omit"
	secretsPlaceholder = "placeholder"
	secretsWrite       = "write"
)

// renderFlags say what to do with the files of a rendering.
type renderFlags struct {
	output  string
	check   string
	secrets string
	// force overwrites files of others.
	force bool
}

func (f *renderFlags) register(flags *pflag.FlagSet) {
	f.secrets = secretsOmit
	flags.StringVarP(&f.output, "output", "o", "", "`folder` to write the files to, instead of standard output")
	flags.StringVar(&f.check, "check", "", "`folder` to compare the files with: prints a unified diff and exits 1 if they differ")
	flags.BoolVar(&f.force, "force", false, "with -o, overwrite files that headgate did not write")
	flags.Var(oneOf(&f.secrets, secretsOmit, secretsPlaceholder, secretsWrite), "secrets",
		"key material, by `mode`: omit it, placeholder (a public one, so that the proxy's check passes), or write it (with -o only)")
}

// validate refuses combinations that make no sense.
func (f *renderFlags) validate() error {
	switch {
	case f.output != "" && f.check != "":
		return usageError("-o writes a folder and --check compares with one; use one of them")
	case f.force && f.output == "":
		return usageError("--force is for -o")
	case f.secrets == secretsWrite && f.output == "":
		return usageError("--secrets write needs -o: key material is never printed")
	default:
		return nil
	}
}

func newRenderCommand() *cobra.Command {
	var (
		offline offlineFlags
		flags   renderFlags
	)
	cmd := &cobra.Command{
		Use:   "render -f PATH... [-o DIR | --check DIR]",
		Short: "Print the configuration for manifests",
		Long: "Render reads manifests and prints the configuration that the proxy would get. No cluster, no proxy, no network: the same\n" +
			"input always renders the same bytes. Diagnostics go to standard error.",
		Example: "  headgate render -f manifests/\n  helm template shop | headgate render -f -\n  headgate render -f manifests/ --check golden/",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.validate(); err != nil {
				return err
			}
			return runRender(cmd, &offline, &flags)
		},
	}
	offline.register(cmd.Flags())
	offline.check.register(cmd.Flags())
	flags.register(cmd.Flags())
	return cmd
}

func runRender(cmd *cobra.Command, offline *offlineFlags, flags *renderFlags) error {
	result, err := offline.compile(cmd, flags.secrets, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	if err := flags.deliver(cmd, offline.report.notices(cmd.ErrOrStderr()), result.files); err != nil {
		return err
	}
	return offline.report.verdict(result.remarks)
}

// deliver prints, writes or compares the files.
func (f *renderFlags) deliver(cmd *cobra.Command, notices io.Writer, files []render.File) error {
	switch {
	case f.check != "":
		return checkFolder(cmd.OutOrStdout(), notices, f.check, usedFlags(cmd), files)
	case f.output != "":
		return f.write(notices, files, usedFlags(cmd))
	default:
		return f.print(cmd.OutOrStdout(), files)
	}
}

// usedFlags is the command with the flags that shape the files, wherever they come from. Where the input lies and where the output goes
// is left out: it differs from machine to machine.
func usedFlags(cmd *cobra.Command) string {
	words := []string{cmd.Name()}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed && !slices.Contains([]string{filenameFlag, configFlag, "output", "check", "force", "format", "fail-on", "check-with", "allow-empty"}, f.Name) {
			words = append(words, "--"+f.Name+"="+f.Value.String())
		}
	})
	return strings.Join(words, " ")
}

// keeps reports whether a file is part of the output.
func (f *renderFlags) keeps(file render.File) bool {
	return !file.Sensitive || f.secrets == secretsWrite || f.secrets == secretsPlaceholder && file.Placeholder
}

// print prints the files one after the other, each under a heading.
func (f *renderFlags) print(out io.Writer, files []render.File) error {
	w := bufio.NewWriter(out)
	for i, file := range files {
		if i > 0 {
			w.WriteByte('\n')
		}
		if !f.keeps(file) {
			fmt.Fprintf(w, "# ==> %s <== %s\n", file.Path, leftOut)
			continue
		}
		fmt.Fprintf(w, "# ==> %s <==\n", file.Path)
		w.Write(file.Data)
	}
	return w.Flush()
}

// leftOut is said of a file that holds key material.
const leftOut = "(key material, left out; see --secrets)"

// write writes the files to the output folder.
func (f *renderFlags) write(notices io.Writer, files []render.File, how string) error {
	var kept []render.File
	for _, file := range files {
		if f.keeps(file) {
			kept = append(kept, file)
			continue
		}
		fmt.Fprintf(notices, "headgate: %s %s\n", file.Path, leftOut)
	}
	if !f.force {
		if err := refuseForeign(f.output, kept); err != nil {
			return err
		}
	}
	return writeFolder(f.output, kept, how)
}
