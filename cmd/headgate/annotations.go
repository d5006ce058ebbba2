package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/headgate/headgate/configmap"
)

// The forms of the list of keys.
var keyFormats = []string{"table", "markdown", "json"}

func newAnnotationsCommand() *cobra.Command {
	format, settings := keyFormats[0], false
	cmd := &cobra.Command{
		Use:   "annotations [--settings]",
		Short: "List every annotation, or every key of the global ConfigMap, and what Headgate does with it",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			specs, document := configmap.Annotations(), configmap.WriteAnnotationsDoc
			if settings {
				specs, document = configmap.Settings(), configmap.WriteSettingsDoc
			}
			switch format {
			case "json":
				return printJSON(cmd.OutOrStdout(), describeKeys(specs))
			case "markdown":
				return document(cmd.OutOrStdout())
			default:
				return printKeys(cmd.OutOrStdout(), describeKeys(specs))
			}
		},
	}
	cmd.Flags().Var(oneOf(&format, keyFormats...), "format", "`format` of the list: table, markdown or json")
	cmd.Flags().BoolVar(&settings, "settings", false, "list the keys of the global ConfigMap")
	for _, name := range []string{"format", "settings"} {
		onCommandLineOnly(cmd, name)
	}
	return cmd
}

// keyLine is what the list says of one key.
type keyLine struct {
	Key       string   `json:"key"`
	Aliases   []string `json:"aliases,omitempty"`
	Group     string   `json:"group"`
	Type      string   `json:"type"`
	Values    []string `json:"values,omitempty"`
	Default   string   `json:"default,omitempty"`
	Scope     string   `json:"scope"`
	Risk      string   `json:"risk"`
	Supported bool     `json:"supported"`
	// Inert says why the key has no effect, here as in ingress-nginx.
	Inert   string      `json:"inert,omitempty"`
	Nginx   supportLine `json:"nginx"`
	HAProxy supportLine `json:"haproxy"`
	Doc     string      `json:"doc"`
}

// supportLine is what a proxy makes of a key.
type supportLine struct {
	Level  string `json:"level"`
	Reason string `json:"reason,omitempty"`
}

func describeKeys(specs []configmap.Spec) []keyLine {
	lines := make([]keyLine, len(specs))
	for i := range specs {
		s := &specs[i]
		lines[i] = keyLine{
			Key: s.Key.String(), Group: s.Group, Type: s.Type.String(), Values: s.Values, Default: s.Default, Scope: s.Scope.String(),
			Risk: s.Risk.String(), Supported: s.Obeyed, Inert: s.Inert, Doc: s.Doc,
			Nginx:   supportLine{s.Targets.Nginx.Level.String(), s.Targets.Nginx.Reason},
			HAProxy: supportLine{s.Targets.HAProxy.Level.String(), s.Targets.HAProxy.Reason},
		}
		for _, alias := range s.Aliases {
			lines[i].Aliases = append(lines[i].Aliases, alias.String())
		}
	}
	return lines
}

func printKeys(out io.Writer, lines []keyLine) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tTYPE\tDEFAULT\tSCOPE\tNGINX\tHAPROXY")
	for _, l := range lines {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", l.Key, l.Type, l.Default, l.Scope, l.status(l.Nginx), l.status(l.HAProxy))
	}
	return w.Flush()
}

// status says in a word whether a key has an effect on a proxy.
func (l keyLine) status(s supportLine) string {
	switch {
	case l.Inert != "":
		return "no effect"
	case !l.Supported:
		return "not supported yet"
	default:
		return s.Level
	}
}
