package translate

import (
	"strings"
	"testing"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// said translates manifests as an offline verb does and returns what is said with a code.
func said(t *testing.T, text string, code diag.CodeInfo) []string {
	t.Helper()
	objects, remarks := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(text)}}, manifest.LoadOptions{})
	snap, _ := manifest.NewSnapshot(objects, manifest.WithRefusals(remarks))
	settings := DefaultSettings()
	settings.Class.AssumeName, settings.PlaceholderEndpoints, settings.PlaceholderCertificates = true, true, true
	_, diags := Run(snap, settings)
	var texts []string
	for _, d := range diags {
		if d.Code == code.Code {
			texts = append(texts, d.Message+" | "+d.Hint)
		}
	}
	return texts
}

const absent = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a, namespace: b}
spec:
  ingressClassName: nginx
  tls: [{hosts: [a.example], secretName: cert}]
  rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
`

const refusedSecret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: cert, namespace: b}\ndata: {tls.crt: 5}\n"

const oneSlice = "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: x, namespace: b, labels: {kubernetes.io/service-name: x}}\n" +
	"addressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: [10.0.0.1]}]\n"

func TestWhatIsSaidOfAnObjectThatIsNotThere(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		code diag.CodeInfo
		want string
	}{
		"a missing Service, endpoints unknown": {absent, diag.ServiceMissing, "is not in the input; its endpoints count as unknown here"},
		"a missing Service, endpoints known":   {absent + oneSlice, diag.ServiceMissing, "is not in the input; the path answers 503"},
		"a refused Service": {
			absent + "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: b}\nspec: {ports: [{port: x}]}\n", diag.ServiceMissing, "was refused (in.yaml:12:"},
		"a missing Secret": {absent, diag.CertificatePlaceholder, "is not in the input; a placeholder"},
		"a refused Secret": {absent + refusedSecret, diag.CertificateUnusable, "was refused (in.yaml:12:"},
	} {
		if got := said(t, c.text, c.code); len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%s: said %q, want %q", name, got, c.want)
		}
	}
	if got := said(t, absent+refusedSecret, diag.CertificatePlaceholder); len(got) > 0 {
		t.Errorf("a placeholder stands in for a refused Secret: %q", got)
	}
	if got := said(t, absent, diag.EndpointsNone); len(got) > 0 {
		t.Errorf("manifests without slices are judged by endpoints: %q", got)
	}
}

func TestHintsForHosts(t *testing.T) {
	for host, want := range map[string]string{
		"https://a.example/x": "write a.example alone",
		"a.example:8080":      "write a.example alone",
		"a.example.":          "write a.example alone",
		"A.example/":          "write a.example alone",
		"*":                   "leave the host out",
		"10.0.0.1:80":         "write a name",
		".a.example":          "write *.a.example",
		"a_b.example":         "underscore",
		"{{ .Values.host }}":  "helm template",
		"a..b":                "",
	} {
		if got := hostHint(host); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("the hint for %q is %q, want %q", host, got, want)
		}
	}
}

func TestPathsThatLookLikeRegularExpressions(t *testing.T) {
	for path, want := range map[string]bool{
		"/": false, "/v1.2/a+b": false, "/$metadata": false, "/Items(1)": false, "/a-b_c~d": false, "/caf\u00e9": false,
		"/ws.*": true, "/api(/|$)(.*)": true, "/(.+)": true, "/foo/*": true, "/[a-z]+": true, "/foo$": true, "/a|b": true, `/\d`: true, "/{id}": true, "/x?": true,
	} {
		if got := looksLikeRegex(path); got != want {
			t.Errorf("%q looks like a regular expression: %v, want %v", path, got, want)
		}
	}
}

func TestHintsForKeys(t *testing.T) {
	for text, want := range map[string]string{
		"$client_ip": "$remote_addr", "$remote_adr": "$remote_addr", "$cookie": "$cookie_NAME", "$http": "$http_NAME", "$header_x": "$http_NAME",
		"$session_id": "$cookie_NAME", "$request_ur": "$request_uri", "$zzzzzzzz": "", "${": "",
	} {
		_, err := parseKey(text)
		if err == nil {
			t.Errorf("%q can be read", text)
			continue
		}
		if got := keyHint(err); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("the hint for %q is %q, want %q", text, got, want)
		}
	}
}
