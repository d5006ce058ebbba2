package main

import (
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/translate"
)

// Names of flags that are spoken of in more than one place.
const (
	configFlag   = "config"
	filenameFlag = "filename"
)

// inputFlags say where the manifests are.
type inputFlags struct {
	paths []string
	// namespace is that of objects that do not say theirs.
	namespace string
}

func (f *inputFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&f.paths, filenameFlag, "f", nil, "manifest `file` or folder (read recursively), - for standard input; may be repeated")
	flags.StringVarP(&f.namespace, "namespace", "n", "default", "`namespace` of objects in manifests that name none")
}

// targetFlags say what proxy the configuration is for.
type targetFlags struct {
	proxy     string
	version   string
	templates string
	// streamModule is the file of nginx's stream module, noModule, or empty.
	streamModule string
}

func (f *targetFlags) register(flags *pflag.FlagSet) {
	f.proxy = proxyNginx
	flags.Var(oneOf(&f.proxy, proxyNames...), "proxy", "`name` of the proxy: "+strings.Join(proxyNames, " or "))
	flags.StringVar(&f.version, "proxy-version", "", "`version` of the proxy; without it, nginx 1.22 or haproxy 2.6 is assumed, and run asks the binary")
	flags.StringVar(&f.streamModule, "stream-module", "",
		"`file` of nginx's stream module where that is a dynamic one, or none; without it, render takes it for built in, and run asks the binary")
	flags.StringVar(&f.templates, "templates", "", "`folder` with templates that replace built-in ones of the same name")
}

// meaningFlags say what is taken from the manifests, and how it is meant.
type meaningFlags struct {
	settings translate.Settings
}

func (f *meaningFlags) register(flags *pflag.FlagSet) {
	f.settings = translate.DefaultSettings()
	s := &f.settings
	flags.StringVar(&s.Class.Name, "ingress-class", s.Class.Name, "`name` that the annotation kubernetes.io/ingress.class must have")
	flags.StringVar(&s.Class.Controller, "controller-class", s.Class.Controller, "`controller` that an IngressClass must name")
	flags.BoolVar(&s.Class.ByName, "ingress-class-by-name", false, "take the IngressClass called --ingress-class too, whatever its controller")
	flags.BoolVar(&s.Class.WithoutClass, "watch-ingress-without-class", false, "take Ingresses that name no class, too")
	flags.StringVar(&s.AnnotationsPrefix, "annotations-prefix", s.AnnotationsPrefix, "`prefix` of the annotations that are read")
	flags.StringVar(&s.WatchNamespace, "watch-namespace", "", "the only `namespace` whose Ingresses are taken; empty for all")
	flags.Var(objectName{&s.ConfigMap}, "configmap", "global ConfigMap, as `namespace/name`")
	flags.Var(objectName{&s.TCPServices}, "tcp-services-configmap", "ConfigMap with TCP ports, as `namespace/name`")
	flags.Var(objectName{&s.UDPServices}, "udp-services-configmap", "ConfigMap with UDP ports, as `namespace/name`")
	flags.Var(objectName{&s.DefaultBackend}, "default-backend-service", "Service for requests that match no rule, as `namespace/name`")
	flags.Var(objectName{&s.DefaultTLSSecret}, "default-ssl-certificate", "Secret with the certificate for hosts without one, as `namespace/name`")
	flags.Var(port{&s.HTTPPort}, "http-port", "`port` for plain HTTP")
	flags.Var(port{&s.HTTPSPort}, "https-port", "`port` for HTTP over TLS")
	flags.Var(addresses{&s.Bind}, "bind", "`address` to listen on, may be repeated; empty for all")
	flags.Var(objectName{&s.ReplicaService}, "replicas-of", "Service, as `namespace/name`, whose ready endpoints are the proxies that share the clients; comes before --replicas")
	flags.Var(count{&s.Replicas}, "replicas", "`number` of proxies that share the clients; rate limits are divided among them")
	flags.BoolVar(&s.TLSPassthrough, "enable-ssl-passthrough", s.TLSPassthrough, "pass the TLS connections of hosts with the annotation ssl-passthrough through unopened")
	flags.BoolVar(&s.LocalEndpoints, "allow-local-endpoints", false, "send requests to endpoints with loopback and link-local addresses, too")
	flags.BoolVar(&s.StrictHosts, "strict-host-ownership", false, "refuse paths on hosts of another namespace; a host belongs to that of its oldest Ingress")
	flags.BoolVar(&s.NoCatchAll, "disable-catch-all", false, "ignore Ingresses with a spec.defaultBackend")
	flags.BoolVar(&s.NoExternalNames, "disable-svc-external-name", false, "treat Services of type ExternalName as without endpoints")
}

// validate refuses ports that cannot be two.
func (f *meaningFlags) validate() error {
	if f.settings.HTTPPort == f.settings.HTTPSPort {
		return usageError("--http-port and --https-port are both %d", f.settings.HTTPPort)
	}
	return nil
}

// reportFlags say how diagnostics are printed, and which of them fail the command.
type reportFlags struct {
	format string
	failOn string
}

// failNever is the value of --fail-on that no diagnostic reaches.
const failNever = "never"

func (f *reportFlags) register(flags *pflag.FlagSet) {
	f.format, f.failOn = string(diag.Text), diag.Error.String()
	var formats []string
	for _, known := range diag.Formats() {
		formats = append(formats, string(known))
	}
	flags.Var(oneOf(&f.format, formats...), "format", "`format` of the diagnostics: text, json, sarif or github")
	flags.Var(oneOf(&f.failOn, "info", "warning", "error", failNever), "fail-on", "lowest `severity` that makes the exit code 1: info, warning, error or never")
}

// notices is where a command may say what is no diagnostic: nowhere if a program reads the diagnostics.
func (f *reportFlags) notices(stderr io.Writer) io.Writer {
	if f.format == string(diag.JSON) || f.format == string(diag.SARIF) {
		return io.Discard
	}
	return stderr
}

// print prints diagnostics in the chosen form.
func (f *reportFlags) print(w io.Writer, list diag.List) error {
	return diag.Print(w, diag.Format(f.format), list)
}

// verdict is what a list of diagnostics means for the exit code.
func (f *reportFlags) verdict(list diag.List) error {
	bound, ok := diag.ParseSeverity(f.failOn)
	if worst, some := list.Worst(); ok && some && worst >= bound {
		return errFindings
	}
	return nil
}
