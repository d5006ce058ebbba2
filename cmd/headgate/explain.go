package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/headgate/headgate/model"
)

func newExplainCommand() *cobra.Command {
	var (
		offline offlineFlags
		asked   requestFlags
	)
	cmd := &cobra.Command{
		Use:   "explain -f PATH... URL",
		Short: "Show how a request is routed, what applies to it, and which objects decide",
		Long: "Explain answers for one request what the proxy would do with it: which host and route take it, where it goes, what the endpoint\n" +
			"sees, and, step by step in the order of decision, what applies to it and which object asks for that. Diagnostics go to standard\n" +
			"error.",
		Example: "  headgate explain -f manifests/ https://shop.example/cart?item=1\n" +
			"  headgate explain -f manifests/ -H 'X-Canary: always' https://shop.example/cart\n" +
			"  headgate explain -f manifests/ -X POST --client 192.0.2.7 https://shop.example/cart",
		Args: oneURL,
		RunE: func(cmd *cobra.Command, args []string) error {
			request, err := asked.request(args[0])
			if err != nil {
				return err
			}
			result, err := offline.compile(cmd, secretsOmit, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := printExplanation(cmd.OutOrStdout(), offline.report.format, explain(result.config, request)); err != nil {
				return err
			}
			return offline.report.verdict(result.remarks)
		},
	}
	offline.register(cmd.Flags())
	asked.register(cmd)
	return cmd
}

func oneURL(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError("%s needs one URL, as https://shop.example/cart", cmd.CommandPath())
	}
	return nil
}

// explanation is what explain prints.
type explanation struct {
	Host     string   `json:"host"`
	Route    string   `json:"route,omitempty"`
	Object   string   `json:"object,omitempty"`
	Field    string   `json:"field,omitempty"`
	Place    string   `json:"place,omitempty"`
	Because  string   `json:"because"`
	Status   int      `json:"status,omitempty"`
	Location string   `json:"location,omitempty"`
	Backend  string   `json:"backend,omitempty"`
	Protocol string   `json:"protocol,omitempty"`
	Target   string   `json:"target,omitempty"`
	Shares   []string `json:"shares,omitempty"`
	Members  []string `json:"endpoints,omitempty"`
	Unknown  bool     `json:"endpointsUnknown,omitempty"`
	// Steps are in the order of decision.
	Steps []explainedStep `json:"steps"`
}

// explainedStep is one thing that applies to the request.
type explainedStep struct {
	Family string `json:"family"`
	What   string `json:"what"`
	Object string `json:"object,omitempty"`
	Field  string `json:"field,omitempty"`
	Place  string `json:"place,omitempty"`
}

// explain asks the model.
func explain(cfg *model.Config, request model.Request) explanation {
	d := model.Match(cfg, request)
	server := &cfg.Servers[d.Server]
	e := explanation{
		Host: server.Host, Because: d.Why, Status: d.Status, Location: d.Location, Backend: d.Backend, Target: d.Target,
		Object: d.From.Ref.String(), Field: d.From.Path, Place: d.From.Pos.String(),
	}
	if d.Route >= 0 {
		route := &server.Routes[d.Route]
		e.Route = route.Match.Kind.String() + " " + route.Match.Path
		if d.Backend != "" {
			e.Protocol = protocolOf(&d, route).String()
		}
	}
	for _, s := range d.Shares {
		e.Shares = append(e.Shares, fmt.Sprintf("%s %.4g %%", s.Backend, 100*s.Part))
	}
	if members, ok := cfg.EndpointsOf(d.Backend); ok {
		e.Unknown = members.Unknown
		for _, m := range members.Members {
			e.Members = append(e.Members, hostPort(m))
		}
	}
	for _, s := range d.Steps {
		e.Steps = append(e.Steps, explainedStep{
			Family: s.Family.String(), What: s.What, Object: s.From.Ref.String(), Field: s.From.Path, Place: s.From.Pos.String(),
		})
	}
	return e
}

// protocolOf is what the endpoint is spoken to in; one that stands in speaks HTTP.
func protocolOf(d *model.Decision, route *model.Route) model.Protocol {
	if d.Fallback {
		return model.HTTP
	}
	return route.Protocol
}

func hostPort(e model.Endpoint) string {
	if strings.Contains(e.Address, ":") {
		return fmt.Sprintf("[%s]:%d", e.Address, e.Port)
	}
	return fmt.Sprintf("%s:%d", e.Address, e.Port)
}

func printExplanation(out io.Writer, format string, e explanation) error {
	if format == "json" {
		return printJSON(out, e)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, l := range e.lines() {
		if l.value != "" {
			fmt.Fprintf(w, "%s\t%s\n", l.name, l.value)
		}
	}
	fmt.Fprintln(w)
	for i, s := range e.Steps {
		from := cmp.Or(joinWords(s.Object, s.Field, s.Place), "-")
		fmt.Fprintf(w, "%d  %s\t%s\t%s\n", i+1, s.Family, s.What, from)
	}
	return w.Flush()
}

// explainedLine is a line of the text.
type explainedLine struct{ name, value string }

// lines are what the text says of the request as a whole.
func (e *explanation) lines() []explainedLine {
	list := []explainedLine{
		{"host", cmp.Or(e.Host, "(any other host)")}, {"route", e.Route}, {"from", joinWords(e.Object, e.Field, e.Place)},
		{"because", e.Because}, {"location", e.Location},
	}
	if e.Backend == "" {
		return append(list, explainedLine{"answer", fmt.Sprint(e.Status)})
	}
	members := strings.Join(e.Members, ", ")
	if e.Unknown {
		members = "unknown: the input holds no EndpointSlices"
	}
	return append(list, explainedLine{"drawn from", strings.Join(e.Shares, ", ")}, explainedLine{"backend", e.Protocol + " " + e.Backend},
		explainedLine{"target", e.Target}, explainedLine{"endpoints", members})
}
