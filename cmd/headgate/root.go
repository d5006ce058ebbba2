package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headgate/headgate/diag"
)

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string, std streams) int {
	root := newRoot(std)
	root.SetArgs(args)
	code, text := exitCode(root.ExecuteContext(ctx))
	if text != "" {
		fmt.Fprintf(std.err, "headgate: %s\n", text)
	}
	return code
}

// newRoot builds the command with all its verbs.
func newRoot(std streams) *cobra.Command {
	var configFile string
	root := &cobra.Command{
		Use:   "headgate",
		Short: "Serve Kubernetes Ingresses with a stock nginx or HAProxy",
		Long: "Headgate turns Kubernetes Ingresses, their annotations and ConfigMaps into configuration for a stock nginx or HAProxy,\n" +
			"and keeps the proxy that stands beside it up to date without dropping a request.\n\n" +
			"Every flag is also an environment variable (--http-port is HEADGATE_HTTP_PORT) and a key of the file that --config\n" +
			"names (http-port: 8080). A flag wins over the environment, the environment over the file.\n\n" +
			"Exit codes: 0 fine; 1 diagnostics at or above --fail-on, or --check found a difference; 2 usage; 3 the proxy's own\n" +
			"check refused the configuration; 4 something could not be read, written, started or reached.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownVerb,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return resolveFlags(cmd, configFile)
		},
	}
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().StringVar(&configFile, configFlag, "", "`file` with values for flags (YAML)")
	root.AddCommand(
		newRenderCommand(), newRunCommand(), newLintCommand(), newRoutesCommand(), newExplainCommand(), newPortsCommand(), newAnnotationsCommand(),
		newExplainCodeCommand(), newVersionCommand(),
	)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	strictCompletion(root)
	return root
}

// strictCompletion has the verb that cobra makes refuse what it does not know as the others do.
func strictCompletion(root *cobra.Command) {
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	completion.Args = knownVerb
	completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	for _, shell := range completion.Commands() {
		shell.Args = noArguments
		shell.Flags().VisitAll(func(f *pflag.Flag) { onCommandLineOnly(shell, f.Name) })
	}
}

// knownVerb refuses words that are no verb, with the verb that was most likely meant.
func knownVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var verbs []string
	for _, c := range cmd.Commands() {
		verbs = append(verbs, c.Name())
	}
	return usageError("there is no verb %q%s; see %s --help", args[0], diag.DidYouMean(args[0], verbs), cmd.CommandPath())
}

// noArguments refuses what stands behind a verb without a dash. The usual reason is a forgotten -f.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.Flags().Lookup(filenameFlag) != nil {
		return usageError("%s takes no argument %q; name files and folders with -f", cmd.CommandPath(), args[0])
	}
	return usageError("%s takes no argument %q; see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
}

// flagError shortens pflag's message to one line that helps.
func flagError(cmd *cobra.Command, err error) error {
	text, hint := err.Error(), ""
	if name, found := strings.CutPrefix(text, "unknown flag: --"); found {
		hint = diag.DidYouMean(name, flagNames(cmd.Flags()))
	}
	return usageError("%s%s; see %s --help", text, hint, cmd.CommandPath())
}

// flagNames returns the long names of the flags of a set.
func flagNames(flags *pflag.FlagSet) []string {
	var names []string
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}
