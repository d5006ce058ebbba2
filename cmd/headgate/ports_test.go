package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const portsYAML = `apiVersion: v1
kind: ConfigMap
metadata: {name: tcp, namespace: edge}
data: {"9000": "shop/db:5432", "9001": "shop/nobody:1"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: udp, namespace: edge}
data: {"53": "shop/dns:53"}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {ports: [{port: 5432}]}
---
apiVersion: v1
kind: Service
metadata: {name: dns, namespace: shop}
spec: {ports: [{port: 53, protocol: UDP}]}
`

func TestPorts(t *testing.T) {
	const flags = "ports --fail-on never --tcp-services-configmap edge/tcp --udp-services-configmap edge/udp --service edge/front --workload daemonset/edge -f -"
	for _, c := range []struct{ more, want string }{
		{"", `apiVersion: v1
kind: Service
metadata:
  name: front
  namespace: edge
spec:
  ports:
    - name: tcp-9000
      port: 9000
      protocol: TCP
      targetPort: 9000
    - name: udp-53
      port: 53
      protocol: UDP
      targetPort: 53
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: edge
  namespace: edge
spec:
  template:
    spec:
      containers:
        - name: nginx
          ports:
            - name: tcp-9000
              containerPort: 9000
              protocol: TCP
            - name: udp-53
              containerPort: 53
              protocol: UDP
`},
		{" --proxy haproxy --container gate", `apiVersion: v1
kind: Service
metadata:
  name: front
  namespace: edge
spec:
  ports:
    - name: tcp-9000
      port: 9000
      protocol: TCP
      targetPort: 9000
    - name: udp-53
      port: 53
      protocol: UDP
      targetPort: 53
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: edge
  namespace: edge
spec:
  template:
    spec:
      containers:
        - name: gate
          ports:
            - name: tcp-9000
              containerPort: 9000
              protocol: TCP
            - name: udp-53
              containerPort: 53
              protocol: UDP
`},
	} {
		got := headgate(t, portsYAML, strings.Fields(flags+c.more)...)
		if diff := cmp.Diff(c.want, got.out); diff != "" || got.code != exitFine {
			t.Errorf("%s: exit code %d (-want +got):\n%s%s", c.more, got.code, diff, got.errout)
		}
	}
	if got := headgate(t, "", "ports", "-f", "-"); got.out != "# There are no TCP and UDP ports.\n" {
		t.Errorf("nothing to open gave %q", got.out)
	}
	both := strings.Replace(portsYAML, `"9000"`, `"53"`, 1)
	if got := headgate(t, both, strings.Fields(flags)...); !strings.HasPrefix(got.out, "# Over TCP and UDP: 53. ") {
		t.Errorf("a port of both protocols gave\n%s", got.out)
	}
	if got := headgate(t, portsYAML, "ports", "--workload", "pod/x", "-f", "-"); got.code != exitUsage {
		t.Errorf("a Pod as workload: exit code %d", got.code)
	}
}
