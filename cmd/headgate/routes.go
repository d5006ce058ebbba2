package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/headgate/headgate/model"
)

func newRoutesCommand() *cobra.Command {
	var offline offlineFlags
	cmd := &cobra.Command{
		Use:   "routes -f PATH...",
		Short: "List hosts and paths, where requests go, and which object decides",
		Long: "Routes lists every host and path with what happens to its requests, one line each. With --format json it prints a list of\n" +
			"objects. Diagnostics go to standard error.",
		Example: "  headgate routes -f manifests/",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			result, err := offline.compile(cmd, secretsOmit, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := printRoutes(cmd.OutOrStdout(), offline.report.format, listRoutes(result.config)); err != nil {
				return err
			}
			return offline.report.verdict(result.remarks)
		},
	}
	offline.register(cmd.Flags())
	return cmd
}

// routeLine is what the list says of one route.
type routeLine struct {
	Host    string `json:"host"`
	Kind    string `json:"kind"`
	Path    string `json:"path"`
	TLS     bool   `json:"tls"`
	Action  string `json:"action"`
	Members int    `json:"endpoints"`
	// Unknown says that the input cannot tell the endpoints.
	Unknown bool   `json:"endpointsUnknown,omitempty"`
	Object  string `json:"object"`
	Field   string `json:"field,omitempty"`
	Place   string `json:"place,omitempty"`
}

// listRoutes lists the routes in the order of the Config.
func listRoutes(cfg *model.Config) []routeLine {
	lines := []routeLine{}
	for i := range cfg.Servers {
		server := &cfg.Servers[i]
		for j := range server.Routes {
			route := &server.Routes[j]
			line := routeLine{
				Host: cmp.Or(server.Host, "*"), Kind: route.Match.Kind.String(), Path: route.Match.Path, TLS: server.TLSOwned,
				Action: describeAction(route), Object: cmp.Or(route.From.Ref.String(), "(default)"), Field: route.From.Path,
				Place: route.From.Pos.String(),
			}
			if members, ok := cfg.EndpointsOf(route.Backend); ok {
				line.Members, line.Unknown = len(members.Members), members.Unknown
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// describeAction says in a few words what happens to the requests of a route.
func describeAction(route *model.Route) string {
	switch {
	case route.Closed != "":
		return "503: " + route.Closed
	case route.Redirect != nil:
		return describeRedirect(route.Redirect)
	case route.Backend == "":
		return fmt.Sprint(route.Status)
	case route.TLSRedirect != nil:
		return fmt.Sprintf("%s %s (http: %d to https)", route.Protocol, route.Backend, route.TLSRedirect.Code)
	default:
		return fmt.Sprintf("%s %s", route.Protocol, route.Backend)
	}
}

// describeRedirect writes the target of a redirect as its annotation does.
func describeRedirect(to *model.Redirect) string {
	port := ""
	if to.Port != 0 {
		port = fmt.Sprintf(":%d", to.Port)
	}
	return fmt.Sprintf("%d %s://%s%s%s", to.Code, cmp.Or(to.Scheme, "$scheme"), cmp.Or(to.Host, "$host"), port, to.Path)
}

func printRoutes(out io.Writer, format string, lines []routeLine) error {
	if format == "json" {
		return printJSON(out, lines)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "HOST\tMATCH\tPATH\tACTION\tENDPOINTS\tFROM")
	for _, l := range lines {
		endpoints := fmt.Sprint(l.Members)
		if l.Unknown {
			endpoints = "unknown"
		}
		fmt.Fprintf(w, "%s\t%s\t%q\t%s\t%s\t%s\n", l.Host, l.Kind, l.Path, l.Action, endpoints, joinWords(l.Object, l.Field, l.Place))
	}
	return w.Flush()
}

// joinWords joins what is not empty.
func joinWords(words ...string) string {
	text := ""
	for _, word := range words {
		if word != "" && text != "" {
			text += " "
		}
		text += word
	}
	return text
}

// printJSON prints a value for programs, indented for people.
func printJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
