package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate/headgate/diag"
)

func newExplainCodeCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "explain-code CODE...",
		Short:   "Explain a diagnostic and what to do about it",
		Long:    "Explain-code prints what is documented about diagnostics, by number or by name. Without an argument it lists all codes.",
		Example: "  headgate explain-code 4001\n  headgate explain-code service-missing",
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			if len(args) == 0 {
				for _, c := range diag.Codes() {
					fmt.Fprintf(out, "%-8s %s\n", c.Severity, c.Code)
				}
				return nil
			}
			for i, arg := range args {
				c, ok := diag.FindCode(arg)
				if !ok {
					return usageError("there is no diagnostic %q%s", arg, diag.DidYouMean(arg, codeNames()))
				}
				if i > 0 {
					fmt.Fprintln(out)
				}
				fmt.Fprintf(out, "%s (%s)\n%s\n%s\n", c.Code, c.Severity, wrap(c.Doc, explainWidth), c.URL())
			}
			return nil
		},
	}
}

// explainWidth is the length of a line of an explanation, in bytes.
const explainWidth = 100

// wrap breaks a paragraph into lines.
func wrap(text string, width int) string {
	var b strings.Builder
	length := 0
	for word := range strings.FieldsSeq(text) {
		switch {
		case length == 0:
		case length+1+len(word) > width:
			b.WriteByte('\n')
			length = 0
		default:
			b.WriteByte(' ')
			length++
		}
		b.WriteString(word)
		length += len(word)
	}
	return b.String()
}

// codeNames are the ways to name a code.
func codeNames() []string {
	var names []string
	for _, c := range diag.Codes() {
		names = append(names, strconv.Itoa(c.Number), c.Slug)
	}
	return names
}
