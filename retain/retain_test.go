package retain

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/translate"
)

// noon is when the mistakes of these tests happen.
var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

func snapshot(t *testing.T, texts ...string) *manifest.Snapshot {
	t.Helper()
	var objects []manifest.Object
	for i, text := range texts {
		some, diags := manifest.Load([]manifest.Input{{Name: fmt.Sprintf("%d.yaml", i), Data: []byte(text)}}, manifest.LoadOptions{})
		errors := slices.DeleteFunc(slices.Clone(diags), func(d diag.Diagnostic) bool { return d.Code == diag.AnnotationsMisplaced.Code })
		if worst, _ := errors.Worst(); worst == diag.Error {
			t.Fatalf("the input of the test: %v", diags)
		}
		objects = append(objects, some...)
	}
	s, _ := manifest.NewSnapshot(objects)
	return s
}

func settings() translate.Settings {
	s := translate.DefaultSettings()
	s.Class.AssumeName = true
	s.ConfigMap = translate.Name{Namespace: "ops", Name: "global"}
	s.TCPServices = translate.Name{Namespace: "ops", Name: "tcp"}
	return s
}

// after serves one Snapshot, then another, and returns the State and the remarks about the second.
func after(t *testing.T, before, now *manifest.Snapshot) (State, diag.List) {
	t.Helper()
	state, remarks := State{}.Next(before, settings(), noon.Add(-time.Hour))
	if len(remarks) > 0 {
		t.Fatalf("remarks about what is served for the first time: %v", remarks)
	}
	return state.Next(now, settings(), noon)
}

// web is an Ingress with annotations and rules, both in YAML's flow style.
func web(annotations, rules string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {namespace: shop, name: web, annotations: {" + annotations +
		"}}\nspec: {ingressClassName: nginx, rules: [" + rules + "]}\n"
}

func rule(host string, paths ...string) string {
	var list []string
	for _, p := range paths {
		list = append(list, fmt.Sprintf("{path: %q, pathType: ImplementationSpecific, backend: {service: {name: web, port: {number: 80}}}}", p))
	}
	return fmt.Sprintf("{host: %q, http: {paths: [%s]}}", host, strings.Join(list, ", "))
}

func annotation(key, value string) string {
	return fmt.Sprintf("nginx.ingress.kubernetes.io/%s: %q", key, value)
}

// classAnnotated is an Ingress that names its class by the old annotation.
func classAnnotated(class string) string {
	named := web("kubernetes.io/ingress.class: "+class, rule("a.example", "/"))
	return strings.Replace(named, "ingressClassName: nginx, ", "", 1)
}

func count(remarks diag.List, code diag.CodeInfo) int {
	n := 0
	for _, d := range remarks {
		if d.Code == code.Code {
			n++
		}
	}
	return n
}

// places lists what an Ingress serves, as host and path.
func places(ing *manifest.Ingress) string {
	var list []string
	for _, r := range ing.Rules {
		for _, p := range r.Paths {
			list = append(list, r.Host+p.Path)
		}
	}
	return strings.Join(list, " ")
}

func TestAnIngressIsKept(t *testing.T) {
	plain := rule("a.example", "/")
	for _, c := range []struct {
		name, before, now string
		// served are the places that are served, code is the one remark about the decision, if any.
		served string
		code   diag.CodeInfo
	}{
		{"refused for a typo", web("", plain), web(annotation("load-balance", "ewwma"), plain), "a.example/", diag.ObjectKept},
		{"a value that falls back to its default", web(annotation("backend-protocol", "HTTPS"), plain), web(annotation("backend-protocol", "HTPS"), plain),
			"a.example/", diag.ObjectKept},
		{"a new annotation that falls back to its default", web("", plain), web(annotation("backend-protocol", "HTPS"), plain), "a.example/", diag.CodeInfo{}},
		{"a broken host", web("", plain), web("", rule("a_b.example", "/")), "a.example/", diag.ObjectKept},
		{"a broken path", web("", rule("a.example", "/", "/x")), web("", rule("a.example", "/", "x")), "a.example/ a.example/x", diag.ObjectKept},
		{"a broken expression", web(annotation("use-regex", "true"), rule("a.example", "/(a|b)")), web(annotation("use-regex", "true"), rule("a.example", "/(a|b")),
			"a.example/(a|b)", diag.ObjectKept},
		{"a rewrite that cannot be printed", web(annotation("rewrite-target", "/$1"), rule("a.example", "/x/(.*)")),
			web(annotation("rewrite-target", "/$x"), rule("a.example", "/x/(.*)")), "a.example/x/(.*)", diag.ObjectKept},
		{"what the new version withdraws", web("", rule("a.example", "/", "/old")+", "+rule("b.example", "/")),
			web(annotation("load-balance", "ewwma"), rule("a.example", "/", "/new")), "a.example/", diag.ObjectKept},
		{"a broken host beside a typo", web("", plain), web(annotation("load-balance", "ewwma"), rule("a_b.example", "/")), "a.example/", diag.ObjectKept},
		{"the type of a path is written out", strings.ReplaceAll(web("", plain), "ImplementationSpecific", "Prefix"), web(annotation("load-balance", "ewwma"), plain),
			"a.example/", diag.ObjectKept},
		{"a path is narrowed", web("", plain), strings.ReplaceAll(web(annotation("load-balance", "ewwma"), plain), "ImplementationSpecific", "Exact"),
			"a.example/", diag.CodeInfo{}},
		{"nothing of it is left", web("", plain), web(annotation("load-balance", "ewwma"), rule("b.example", "/")), "b.example/", diag.CodeInfo{}},
		{"a guard is added", web("", plain), web(annotation("limit-rps", "5")+", "+annotation("load-balance", "ewwma"), plain), "a.example/", diag.ObjectNotKept},
		{"a guard that is not a number", web(annotation("limit-rps", "50"), plain), web(annotation("limit-rps", "5O"), plain), "a.example/", diag.ObjectNotKept},
		{"a guard that closes", web("", plain), web(annotation("auth-url", "http://auth.example/"), plain), "a.example/", diag.ObjectNotKept},
		{"a list of guests is shortened", web(annotation("limit-allowlist", "10.0.0.0/8"), plain), web(annotation("limit-allowlist", "10.0.0.0/88"), plain),
			"a.example/", diag.ObjectNotKept},
		{"a guard is taken away beside a typo", web(annotation("limit-rps", "5"), plain), web(annotation("load-balance", "ewwma"), plain), "a.example/", diag.ObjectKept},
		{"the name of an annotation is misspelt", web(annotation("rewrite-target", "/x"), plain), web(annotation("rewrite-targte", "/x"), plain), "a.example/", diag.ObjectKept},
		{"the name of a guard is misspelt", web(annotation("limit-connections", "10"), plain), web(annotation("limit-conections", "5"), plain), "a.example/", diag.ObjectKept},
		{"the prefix is misspelt", web(annotation("rewrite-target", "/x"), plain), web(`nginx.ingres.kubernetes.io/rewrite-target: /x`, plain), "a.example/", diag.ObjectKept},
		{"a misspelt annotation is new", web("", plain), web(annotation("rewrite-targte", "/x"), plain), "a.example/", diag.CodeInfo{}},
		{"an annotation is taken away", web(annotation("rewrite-target", "/x"), plain), web("", plain), "a.example/", diag.CodeInfo{}},
		{"usable in another way", web("", plain), web(annotation("load-balance", "ewma"), plain), "a.example/", diag.CodeInfo{}},
		{"a slip in the class", web("", plain), strings.Replace(web("", plain), "ingressClassName: nginx", "ingressClassName: ngnix", 1), "a.example/", diag.ObjectKept},
		{"an empty class", web("", plain), strings.Replace(web("", plain), "ingressClassName: nginx", `ingressClassName: ""`, 1), "a.example/", diag.ObjectKept},
		{"a slip in the old annotation for the class", classAnnotated("nginx"), classAnnotated("ngnix"), "a.example/", diag.ObjectKept},
		{"another class in the old annotation", classAnnotated("nginx"), classAnnotated("traefik"), "a.example/", diag.CodeInfo{}},
		{"a slip in the class beside a new guard", web("", plain), strings.Replace(web(annotation("limit-rps", "5"), plain), "ingressClassName: nginx", "ingressClassName: ngnix", 1),
			"a.example/", diag.ObjectNotKept},
		{"a slip in the field of the class", web("", plain), strings.Replace(web("", plain), "ingressClassName", "ingressclassName", 1), "a.example/", diag.ObjectKept},
		{"a slip in the field of a host", web("", plain), strings.Replace(web("", plain), "host:", "hosts:", 1), "a.example/", diag.ObjectKept},
		{"annotations that are misplaced", web(annotation("limit-rps", "5"), plain), strings.Replace(web(annotation("limit-rps", "5"), plain), "annotations:", "annotation:", 1),
			"a.example/", diag.ObjectKept},
		{"a slip that was there before", strings.Replace(web("", plain), "rules:", "rule: [], rules:", 1), strings.Replace(web("", rule("a.example", "/x")), "rules:", "rule: [], rules:", 1),
			"a.example/x", diag.CodeInfo{}},
		{"given to another class", web("", plain), strings.Replace(web(annotation("load-balance", "ewwma"), plain), "ingressClassName: nginx", "ingressClassName: other", 1),
			"a.example/", diag.CodeInfo{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, now := snapshot(t, c.before), snapshot(t, c.now)
			state, remarks := after(t, before, now)
			got := state.Served().Ingresses[0]
			if places(got) != c.served {
				t.Errorf("%q is served, want %q", places(got), c.served)
			}
			kept := got != now.Ingresses[0]
			if want := c.code == diag.ObjectKept; kept != want || state.Kept()["Ingress"] == 1 != want {
				t.Errorf("kept: %t, want %t (%v)", kept, want, state.Kept())
			}
			for _, code := range []diag.CodeInfo{diag.ObjectKept, diag.ObjectNotKept} {
				if n := count(remarks, code); n > 1 || n == 1 != (code.Code == c.code.Code) {
					t.Errorf("%d remarks of %s: %v", n, code.Code, remarks)
				}
			}
		})
	}
}

func TestWhatIsWrongIsSaidWhileSomethingIsKept(t *testing.T) {
	bad := snapshot(t, web(annotation("load-balance", "ewwma"), rule("a.example", "/")))
	state, remarks := after(t, snapshot(t, web("", rule("a.example", "/"))), bad)
	if len(remarks) != 2 || count(remarks, diag.AnnotationInvalid) != 1 {
		t.Fatalf("remarks %v", remarks)
	}
	for _, d := range remarks {
		if d.Pos.File != "0.yaml" || !strings.Contains(d.Message, "last good version is served instead") {
			t.Errorf("remark %+v", d)
		}
	}
	if !strings.Contains(fmt.Sprint(remarks), "since 2026-11-29T12:00:00Z") {
		t.Errorf("no time in %v", remarks)
	}
	// Later and unchanged, the same is said.
	_, later := state.Next(bad, settings(), noon.Add(time.Hour))
	if fmt.Sprint(later) != fmt.Sprint(remarks) {
		t.Errorf("first %v, then %v", remarks, later)
	}
}

func TestAnObjectIsKeptUntilItCanBeUsedOrIsDeleted(t *testing.T) {
	good, bad := web("", rule("a.example", "/")), web(annotation("load-balance", "ewwma"), rule("a.example", "/"))
	state, _ := after(t, snapshot(t, good), snapshot(t, bad))
	worse := snapshot(t, web(annotation("load-balance", "ewwma"), rule("a.example", "/", "/b")))
	state, _ = state.Next(worse, settings(), noon)
	if got := state.Served().Ingresses[0]; places(got) != "a.example/" {
		t.Errorf("%q is served after a second bad version", places(got))
	}
	mended := snapshot(t, web(annotation("load-balance", "ewma"), rule("a.example", "/b")))
	next, remarks := state.Next(mended, settings(), noon)
	if next.Served().Ingresses[0] != mended.Ingresses[0] || len(remarks) > 0 || next.Kept()["Ingress"] != 0 {
		t.Errorf("mended: kept %v, remarks %v", next.Kept(), remarks)
	}
	next, remarks = state.Next(snapshot(t, ""), settings(), noon)
	if len(next.Served().Ingresses) > 0 || len(remarks) > 0 || next.Kept()["Ingress"] != 0 {
		t.Errorf("deleted: kept %v, remarks %v", next.Kept(), remarks)
	}
}

func TestWhatIsWithdrawnFromAKeptIngressStaysAway(t *testing.T) {
	two := web("", rule("a.example", "/")+", "+rule("b.example", "/"))
	state, _ := after(t, snapshot(t, two), snapshot(t, web(annotation("load-balance", "ewwma"), rule("a.example", "/"))))
	state, _ = state.Next(snapshot(t, web(annotation("load-balance", "ewwma"), rule("b.example", "/"))), settings(), noon)
	if got := places(state.Served().Ingresses[0]); got != "b.example/" {
		t.Errorf("%q is served, want what the newest version names", got)
	}
}

func TestAnObjectThatWasNeverGoodIsNotKept(t *testing.T) {
	first := snapshot(t, web(annotation("load-balance", "ewwma"), rule("a.example", "/")))
	second := snapshot(t, web(annotation("load-balance", "ewwwma"), rule("a.example", "/")))
	state, remarks := after(t, first, second)
	if state.Served().Ingresses[0] != second.Ingresses[0] || len(remarks) > 0 {
		t.Errorf("remarks %v", remarks)
	}
}

func TestARuleOfTheOperatorHoldsForWhatIsKept(t *testing.T) {
	good, bad := web(annotation("rewrite-target", "/x"), rule("a.example", "/")), web(annotation("rewrite-target", "/x y"), rule("a.example", "/"))
	state, _ := after(t, snapshot(t, good), snapshot(t, bad))
	if state.Kept()["Ingress"] != 1 {
		t.Fatalf("kept %v", state.Kept())
	}
	now := snapshot(t, bad, "apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: ops, name: global}\ndata: {annotations-risk-level: Low}\n")
	state, remarks := state.Next(now, settings(), noon)
	if state.Kept()["Ingress"] != 0 {
		t.Errorf("a version that the operator does not allow any more is served: %v", remarks)
	}
}

// pair makes a certificate for hosts and its key, as the data of a Secret.
func pair(t *testing.T, hosts ...string) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: hosts, NotAfter: noon.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", keyDER)
}

func encode(kind string, der []byte) string {
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func secret(certificate, key string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {namespace: shop, name: cert}\ndata: {tls.crt: %q, tls.key: %q}\n", certificate, key)
}

func TestASecretIsKept(t *testing.T) {
	const (
		tlsIngress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {namespace: shop, name: web}\n" +
			"spec: {ingressClassName: nginx, tls: [{hosts: [a.example], secretName: cert}], rules: [{host: a.example}]}\n"
		tcp = "apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: ops, name: tcp}\ndata: {\"9000\": \"shop/web:80:::cert\"}\n"
	)
	certificate, key := pair(t, "a.example")
	other, otherKey := pair(t, "b.example")
	garbage := base64.StdEncoding.EncodeToString([]byte("garbage"))
	for _, c := range []struct {
		name, use string
		now       string
		kept      bool
	}{
		{"the key of another certificate", tlsIngress, secret(certificate, otherKey), true},
		{"garbage", tlsIngress, secret(garbage, garbage), true},
		{"another host's certificate", tlsIngress, secret(other, otherKey), true},
		{"garbage for a TCP port", tcp, secret(garbage, key), true},
		{"another host's certificate for a TCP port", tcp, secret(other, otherKey), false},
		{"garbage for the default certificate", "default", secret(garbage, garbage), true},
		{"nobody uses it", "", secret(garbage, garbage), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			settings, use := settings(), c.use
			if use == "default" {
				settings.DefaultTLSSecret, use = translate.Name{Namespace: "shop", Name: "cert"}, ""
			}
			before, now := snapshot(t, use, secret(certificate, key)), snapshot(t, use, c.now)
			state, _ := State{}.Next(before, settings, noon)
			state, remarks := state.Next(now, settings, noon)
			if kept := state.Served().Secrets[0] == before.Secrets[0]; kept != c.kept || state.Kept()["Secret"] == 1 != c.kept || count(remarks, diag.ObjectKept) == 1 != c.kept {
				t.Errorf("kept: %t, want %t; remarks %v", kept, c.kept, remarks)
			}
			if text := fmt.Sprint(remarks); strings.Contains(text, key) || strings.Contains(text, otherKey) {
				t.Error("the remarks hold a key")
			}
		})
	}
}

func TestEntriesOfConfigMapsAreKept(t *testing.T) {
	configMap := func(name, data string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: ops, name: " + name + "}\ndata: {" + data + "}\n"
	}
	for _, c := range []struct{ name, object, before, now, served string }{
		{"a setting", "global", `proxy-body-size: "8m"`, `proxy-body-size: "8mm", proxy-read-timeout: "5"`, "8m 5"},
		{"a setting that was never good", "global", `proxy-body-size: "8mm"`, `proxy-body-size: "8mmm"`, "8mmm"},
		{"a setting that is taken away", "global", `proxy-body-size: "8m"`, `proxy-read-timeout: "5"`, "5"},
		{"a list of guests", "global", `whitelist-source-range: "10.0.0.0/8"`, `whitelist-source-range: "10.0.0.0/88"`, "10.0.0.0/88"},
		{"a port", "tcp", `"9000": "shop/web:80"`, `"9000": "shop.web:80", "9001": "shop/web:81"`, "shop/web:80 shop/web:81"},
		{"a port that was to get TLS", "tcp", `"9000": "shop/web:80"`, `"9000": "shop/web:80:::shop/x/y"`, "shop/web:80:::shop/x/y"},
		{"another ConfigMap", "other", `proxy-body-size: "8m"`, `proxy-body-size: "8mm"`, "8mm"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := snapshot(t, configMap(c.object, c.now))
			state, remarks := after(t, snapshot(t, configMap(c.object, c.before)), now)
			var got []string
			for _, e := range state.Served().ConfigMaps[0].Data {
				got = append(got, e.Value)
			}
			if strings.Join(got, " ") != c.served {
				t.Errorf("%q is served, want %q (%v)", got, c.served, remarks)
			}
			if kept := state.Served() != now; kept != (count(remarks, diag.ObjectKept) == 1) || kept != (state.Kept()["ConfigMap"] == 1) {
				t.Errorf("kept %t, remarks %v", kept, remarks)
			}
		})
	}
}

func TestPortsOfAServiceAreKept(t *testing.T) {
	service := func(ports string) string {
		return fmt.Sprintf("apiVersion: v1\nkind: Service\nmetadata: {namespace: shop, name: web, annotations: {headgate.io/tcp-ports: %q}}\nspec: {ports: [{port: 80}]}\n", ports)
	}
	for _, c := range []struct{ name, before, now, served string }{
		{"a mistake in one", "9000:80, 9001:81", "9000:80, 9001:8I_1, 9002:82", "9000:80,9001:81,9002:82"},
		{"one is to get TLS", "9000:80", "9000:80:::x/y", "9000:80:::x/y"},
		{"one is taken away", "9000:80, 9001:81", "9000:80", "9000:80"},
		{"a new one", "9000:80", "9000:80, 9001:8I_1", "9000:80, 9001:8I_1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			state, remarks := after(t, snapshot(t, service(c.before)), snapshot(t, service(c.now)))
			if got := state.Served().Services[0].Annotations[0].Value; got != c.served {
				t.Errorf("%q is served, want %q; %v", got, c.served, remarks)
			}
			if kept := c.served != c.now; kept != (state.Kept()["Service"] == 1) || kept != (count(remarks, diag.ObjectKept) == 1) {
				t.Errorf("kept %v, remarks %v", state.Kept(), remarks)
			}
		})
	}
}
