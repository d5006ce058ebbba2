package retain

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/translate"
)

var options = BrakeOptions{Delay: 10 * time.Minute, Percent: 50, MinHosts: 10}

const (
	ours   = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: k8s.io/ingress-nginx}\n"
	theirs = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: example.com/other}\n"
	other  = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: other}\nspec: {controller: example.com/other}\n"
)

// tenants are Ingresses with a host each, from one number to another.
func tenants(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {namespace: shop, name: t%02d}\n", i)
		fmt.Fprintf(&b, "spec: {ingressClassName: nginx, rules: [{host: t%02d.example}]}\n", i)
	}
	return b.String()
}

// lost says that Ingresses are lost because a file is empty.
func lost(from, to int) manifest.Option {
	var list []manifest.LostObject
	for i := from; i <= to; i++ {
		ref := diag.Ref{Kind: "Ingress", Namespace: "shop", Name: fmt.Sprintf("t%02d", i)}
		list = append(list, manifest.LostObject{Ref: ref, Cause: "tenants.yaml is empty"})
	}
	return manifest.WithLost(list)
}

func TestTheBrake(t *testing.T) {
	twenty := tenants(1, 20)
	for _, c := range []struct {
		name        string
		before, now *manifest.Snapshot
		// held is how many hosts are held back, served how many are served.
		held, served int
		cause        string
	}{
		{"the IngressClass has gone", snapshot(t, twenty, ours), snapshot(t, twenty, other), 20, 20, "IngressClass nginx has gone"},
		{"the IngressClass names another controller", snapshot(t, twenty, ours), snapshot(t, twenty, theirs), 20, 20, "names another controller"},
		{"a first IngressClass", snapshot(t, twenty), snapshot(t, twenty, other), 20, 20, "other IngressClasses"},
		{"fewer than ten", snapshot(t, tenants(1, 9), ours), snapshot(t, tenants(1, 9), other), 0, 0, ""},
		{"Ingresses are deleted", snapshot(t, twenty, ours), snapshot(t, tenants(1, 2), ours), 0, 2, ""},
		{"Ingresses are deleted with their class", snapshot(t, twenty, ours), snapshot(t, tenants(1, 2), other), 0, 0, ""},
		{"Ingresses get another class", snapshot(t, twenty, ours), snapshot(t, strings.ReplaceAll(twenty, "ingressClassName: nginx", "ingressClassName: other"), ours), 0, 0, ""},
		{"a file is empty", snapshot(t, twenty), snapshot(t, tenants(1, 9)).With(lost(10, 20)), 11, 20, "tenants.yaml is empty"},
		{"exactly half", snapshot(t, twenty), snapshot(t, tenants(1, 10)).With(lost(11, 20)), 0, 10, ""},
		{"some deleted, some lost", snapshot(t, twenty), snapshot(t, tenants(1, 2)).With(lost(3, 14)), 12, 14, "tenants.yaml is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, _, _ := Brake{}.Next(c.before, settings(), options, noon)
			b, served, remarks := b.Next(c.now, settings(), options, noon)
			if b.Held() != c.held || hosts(served) != c.served {
				t.Errorf("%d held, %d served, want %d and %d", b.Held(), hosts(served), c.held, c.served)
			}
			if c.held == 0 && len(remarks) > 0 || c.held > 0 && (count(remarks, diag.WithdrawalHeld) != 1 || !strings.Contains(remarks[0].Message, c.cause)) {
				t.Errorf("remarks %v", remarks)
			}
			if c.held == 0 {
				return
			}
			if until := b.Until(options); !until.Equal(noon.Add(10 * time.Minute)) {
				t.Errorf("held until %v", until)
			}
			released, now, remarks := b.Next(c.now, settings(), options, noon.Add(10*time.Minute))
			if released.Held() != 0 || now != c.now || len(remarks) > 0 {
				t.Errorf("after the delay %d held, %d served; %v", released.Held(), hosts(now), remarks)
			}
			if again, now, _ := released.Next(c.now.With(), settings(), options, noon.Add(11*time.Minute)); again.Held() != 0 || hosts(now) != hosts(c.now) {
				t.Errorf("what went is held again")
			}
			cancelled, now, remarks := b.Next(c.before, settings(), options, noon.Add(time.Minute))
			if cancelled.Held() != 0 || now != c.before || len(remarks) > 0 {
				t.Errorf("what came back is held: %d; %v", cancelled.Held(), remarks)
			}
		})
	}
}

// hosts counts the Ingresses that are taken; each of these tests' has one host.
func hosts(s *manifest.Snapshot) int { return len(translate.Taken(s, settings())) }

func TestWhatIsHeldFollowsTheInput(t *testing.T) {
	before := snapshot(t, tenants(1, 20), ours)
	b, _, _ := Brake{}.Next(before, settings(), options, noon)
	b, _, _ = b.Next(snapshot(t, tenants(1, 20)+tenants(21, 22), other), settings(), options, noon)
	if b.Held() != 20 {
		t.Fatalf("%d held", b.Held())
	}
	// One is deleted, one is new: both count at once.
	b, served, _ := b.Next(snapshot(t, tenants(2, 20)+tenants(23, 23), other), settings(), options, noon.Add(time.Minute))
	if b.Held() != 19 || hosts(served) != 20 {
		t.Errorf("%d held, %d served", b.Held(), hosts(served))
	}
	if until := b.Until(options); !until.Equal(noon.Add(options.Delay)) {
		t.Errorf("the delay began anew: %v", until)
	}
}

func TestServicesThatAreLostCountAsHosts(t *testing.T) {
	var services strings.Builder
	var refs []manifest.LostObject
	for i := range 12 {
		fmt.Fprintf(&services, "---\napiVersion: v1\nkind: Service\nmetadata: {namespace: shop, name: s%02d}\nspec: {ports: [{port: 80}]}\n", i)
		refs = append(refs, manifest.LostObject{Ref: diag.Ref{Kind: "Service", Namespace: "shop", Name: fmt.Sprintf("s%02d", i)}, Cause: "services.yaml is empty"})
	}
	before := snapshot(t, tenants(1, 20), services.String())
	b, _, _ := Brake{}.Next(before, settings(), options, noon)
	b, served, remarks := b.Next(snapshot(t, tenants(1, 20)).With(manifest.WithLost(refs)), settings(), options, noon)
	if b.Held() == 0 || len(served.Services) != 12 || served.Service("shop", "s03") == nil || len(remarks) != 1 {
		t.Errorf("%d Services served; %v", len(served.Services), remarks)
	}
}

// TestTheRestOfAReleaseStaysWithItsIngressClass: `helm uninstall` removes the global ConfigMap as well.
func TestTheRestOfAReleaseStaysWithItsIngressClass(t *testing.T) {
	global := "apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: ops, name: global}\ndata: {ssl-redirect: \"false\"}\n"
	before := snapshot(t, tenants(1, 20), ours, global)
	b, _, _ := Brake{}.Next(before, settings(), options, noon)
	b, served, _ := b.Next(snapshot(t, tenants(1, 20)), withoutAssumption(), options, noon)
	if b.Held() != 20 || served.ConfigMap("ops", "global") == nil {
		t.Errorf("%d held, ConfigMaps %v", b.Held(), served.ConfigMaps)
	}
	if _, served, _ = b.Next(snapshot(t, tenants(1, 20), ours), withoutAssumption(), options, noon); served.ConfigMap("ops", "global") != nil {
		t.Error("a ConfigMap that was deleted stays without the hosts")
	}
}

// withoutAssumption are settings as for a cluster, which always knows its classes.
func withoutAssumption() translate.Settings {
	s := settings()
	s.Class.AssumeName = false
	return s
}

func TestTheBrakeCanBeSwitchedOff(t *testing.T) {
	off := BrakeOptions{Percent: 50, MinHosts: 10}
	b, _, _ := Brake{}.Next(snapshot(t, tenants(1, 20), ours), settings(), off, noon)
	if b, served, _ := b.Next(snapshot(t, tenants(1, 20), other), settings(), off, noon); b.Held() != 0 || hosts(served) != 0 {
		t.Errorf("%d held, %d served", b.Held(), hosts(served))
	}
}
