package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/translate"
)

// portsFlags name what the patches are for.
type portsFlags struct {
	service   translate.Name
	workload  string
	container string
}

// workloads are the kinds that Headgate may run in, by the word of the flag.
var workloads = map[string]string{"deployment": "Deployment", "daemonset": "DaemonSet", "statefulset": "StatefulSet"}

func (f *portsFlags) register(flags *pflag.FlagSet) {
	f.service = translate.Name{Namespace: "headgate", Name: "headgate"}
	flags.Var(objectName{&f.service}, "service", "Service that leads to the proxy, as `namespace/name`")
	flags.StringVar(&f.workload, "workload", "deployment/headgate", "what the proxy runs in, in the same namespace, as `kind/name`: deployment, daemonset or statefulset")
	flags.StringVar(&f.container, "container", "", "`name` of the proxy's container; without it, the name of the proxy")
}

func newPortsCommand() *cobra.Command {
	var (
		offline offlineFlags
		flags   portsFlags
	)
	cmd := &cobra.Command{
		Use:   "ports -f PATH...",
		Short: "Print what must be added to the Service and the container for the TCP and UDP ports",
		Long: "Ports prints, as YAML, a patch for the Service in front of the proxy and one for the container that it runs in: the TCP and UDP\n" +
			"ports that manifests ask for have to be open there, too. Both are strategic merge patches; what is there stays.",
		Example: "  headgate ports -f manifests/ --tcp-services-configmap headgate/tcp --service edge/proxy --workload daemonset/proxy",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			patches, err := flags.patches(offline.target.proxy)
			if err != nil {
				return err
			}
			var ports []openPort
			offline.adjust = func(cfg *model.Config) { ports = takePorts(cfg) }
			result, err := offline.compile(cmd, secretsOmit, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := patches.print(cmd.OutOrStdout(), ports); err != nil {
				return err
			}
			return offline.report.verdict(result.remarks)
		},
	}
	offline.register(cmd.Flags())
	flags.register(cmd.Flags())
	return cmd
}

// openPort is a port that the proxy listens on for layer 4.
type openPort struct {
	name, protocol string
	port           int
}

// takePorts returns the ports that are to be opened. They are not rendered: beside HAProxy, UDP is another proxy's work.
func takePorts(cfg *model.Config) []openPort {
	var ports []openPort
	for i := range cfg.Streams {
		s := &cfg.Streams[i]
		ports = append(ports, openPort{fmt.Sprintf("%s-%d", s.Protocol, s.Port), strings.ToUpper(s.Protocol.String()), s.Port})
	}
	cfg.Streams = nil
	return ports
}

// doublePorts are the numbers that are asked for by TCP and by UDP.
func doublePorts(ports []openPort) []string {
	var double []string
	seen := map[int]bool{}
	for _, o := range ports {
		if seen[o.port] {
			double = append(double, strconv.Itoa(o.port))
		}
		seen[o.port] = true
	}
	return double
}

// patches are the objects to be patched.
type patches struct {
	service                   translate.Name
	kind, workload, container string
}

// patches reads the flags.
func (f *portsFlags) patches(proxy string) (patches, error) {
	word, name, found := strings.Cut(f.workload, "/")
	kind := workloads[strings.ToLower(word)]
	if !found || kind == "" || name == "" {
		return patches{}, usageError("--workload: must be kind/name, the kind one of deployment, daemonset and statefulset")
	}
	return patches{service: f.service, kind: kind, workload: name, container: cmp.Or(f.container, proxy)}, nil
}

// patch is a part of an object of Kubernetes, in the order in which it is printed.
type patch struct {
	APIVersion string        `yaml:"apiVersion"`
	Kind       string        `yaml:"kind"`
	Metadata   patchMetadata `yaml:"metadata"`
	Spec       any           `yaml:"spec"`
}

type patchMetadata struct {
	Name      string `yaml:"name"`
	Namespace string `yaml:"namespace"`
}

type servicePatch struct {
	Ports []servicePort `yaml:"ports"`
}

type servicePort struct {
	Name       string `yaml:"name"`
	Port       int    `yaml:"port"`
	Protocol   string `yaml:"protocol"`
	TargetPort int    `yaml:"targetPort"`
}

type workloadPatch struct {
	Template struct {
		Spec struct {
			Containers []containerPatch `yaml:"containers"`
		} `yaml:"spec"`
	} `yaml:"template"`
}

type containerPatch struct {
	Name  string          `yaml:"name"`
	Ports []containerPort `yaml:"ports"`
}

type containerPort struct {
	Name          string `yaml:"name"`
	ContainerPort int    `yaml:"containerPort"`
	Protocol      string `yaml:"protocol"`
}

// print prints both patches, or nothing but a remark if there is nothing to add.
func (p *patches) print(w io.Writer, ports []openPort) error {
	if len(ports) == 0 {
		_, err := fmt.Fprintln(w, "# There are no TCP and UDP ports.")
		return err
	}
	if double := doublePorts(ports); len(double) > 0 {
		fmt.Fprintf(w, "# Over TCP and UDP: %s. kubectl patch drops one of two entries with one number; Kustomize keeps both.\n", strings.Join(double, ", "))
	}
	var service servicePatch
	container := containerPatch{Name: p.container}
	for _, o := range ports {
		service.Ports = append(service.Ports, servicePort{Name: o.name, Port: o.port, Protocol: o.protocol, TargetPort: o.port})
		container.Ports = append(container.Ports, containerPort{Name: o.name, ContainerPort: o.port, Protocol: o.protocol})
	}
	var workload workloadPatch
	workload.Template.Spec.Containers = []containerPatch{container}
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	for _, doc := range []patch{
		{"v1", "Service", patchMetadata{p.service.Name, p.service.Namespace}, service},
		{"apps/v1", p.kind, patchMetadata{p.workload, p.service.Namespace}, workload},
	} {
		if err := encoder.Encode(doc); err != nil {
			return fmt.Errorf("printing the patches: %w", err)
		}
	}
	return encoder.Close()
}
