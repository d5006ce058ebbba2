package main

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/headgate/headgate/model"
)

func newExplainCommand() *cobra.Command {
	var (
		offline offlineFlags
		headers []string
	)
	cmd := &cobra.Command{
		Use:   "explain -f PATH... URL",
		Short: "Show how a request is routed and which object decides",
		Long: "Explain answers for one request what the proxy would do with it: which host and route take it, where it goes, what the endpoint\n" +
			"sees, and which field of which object decided. Diagnostics go to standard error.",
		Example: "  headgate explain -f manifests/ https://shop.example/cart?item=1\n" +
			"  headgate explain -f manifests/ -H 'X-Canary: always' https://shop.example/cart",
		Args: oneURL,
		RunE: func(cmd *cobra.Command, args []string) error {
			request, err := parseRequest(args[0])
			if err != nil {
				return err
			}
			if request.Headers, err = parseHeaders(headers); err != nil {
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
	cmd.Flags().StringArrayVarP(&headers, headerFlag, "H", nil, "`header` of the request, as \"Name: value\", cookies included; may be repeated")
	onCommandLineOnly(cmd, headerFlag)
	return cmd
}

// headerFlag names headers of the request that is explained.
const headerFlag = "header"

// parseHeaders reads headers as people write them.
func parseHeaders(texts []string) ([]model.Field, error) {
	var fields []model.Field
	for _, text := range texts {
		name, value, ok := strings.Cut(text, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, usageError("%q is not a header, as \"X-Canary: always\"", text)
		}
		fields = append(fields, model.Field{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
	}
	return fields, nil
}

func oneURL(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError("%s needs one URL, as https://shop.example/cart", cmd.CommandPath())
	}
	return nil
}

// parseRequest takes a URL apart. The target stays as it was written: encoded bytes in it matter.
func parseRequest(text string) (model.Request, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return model.Request{}, usageError("%q is not a URL with http or https, as https://shop.example/cart", text)
	}
	target := text[strings.Index(text, "://")+len("://"):]
	if start := strings.IndexAny(target, "/?#"); start >= 0 {
		target = target[start:]
	} else {
		target = ""
	}
	target, _, _ = strings.Cut(target, "#")
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	return model.Request{Scheme: u.Scheme, Host: u.Host, Target: target}, nil
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
			e.Protocol = route.Protocol.String()
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
	return e
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
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, value)
		}
	}
	host := e.Host
	if host == "" {
		host = "(any other host)"
	}
	line("host", host)
	line("route", e.Route)
	line("from", joinWords(e.Object, e.Field, e.Place))
	line("because", e.Because)
	line("location", e.Location)
	if e.Backend == "" {
		line("answer", fmt.Sprint(e.Status))
		return w.Flush()
	}
	if len(e.Shares) > 0 {
		line("drawn from", strings.Join(e.Shares, ", "))
	}
	line("backend", e.Protocol+" "+e.Backend)
	line("target", e.Target)
	if e.Unknown {
		line("endpoints", "unknown: the input holds no EndpointSlices")
	} else {
		line("endpoints", strings.Join(e.Members, ", "))
	}
	return w.Flush()
}
