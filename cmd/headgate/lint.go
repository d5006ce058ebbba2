package main

import (
	"github.com/spf13/cobra"
)

func newLintCommand() *cobra.Command {
	var offline offlineFlags
	cmd := &cobra.Command{
		Use:   "lint -f PATH...",
		Short: "Check manifests",
		Long: "Lint does all that render does, prints the diagnostics to standard output and discards the configuration. --format sarif and\n" +
			"--format github are for code review.",
		Example: "  headgate lint -f manifests/ --fail-on warning\n  headgate lint -f manifests/ --format sarif > headgate.sarif",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			result, err := offline.compile(cmd, secretsOmit, cmd.OutOrStdout())
			if err != nil {
				return err
			}
			return offline.report.verdict(result.remarks)
		},
	}
	offline.register(cmd.Flags())
	offline.check.register(cmd.Flags())
	return cmd
}
