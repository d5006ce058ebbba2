package nginx

import (
	"bytes"
	"testing"
	"testing/fstest"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render/engine"
)

func TestSmoke(t *testing.T) {
	files := fstest.MapFS{
		"host.tmpl": {Data: []byte(`{{range .Maps}}
# {{.From}}
map {{.Source}} {{.Var}} {
default "";
{{- range .Entries}}
    {{.Key}} {{.Value}};
{{- end}}
}
{{end}}
server {
    listen {{.Port}}{{if .Default}} default_server{{end}};
    server_name{{range .Names}} {{.}}{{end}};


    {{- range .Locations}}{{template "location" .}}{{end}}
    {{.Snippet}}
}
`)},
		"location.tmpl": {Data: []byte(`{{define "location"}}
location {{if .Exact}}= {{.Path}}{{else}}{{.Path}}{{end}} {
    proxy_set_header X {{.Value}};
    if ($http_x = {{.Value}}) {
        return 403 {{.Value}};
    }
    limit_req {{param "zone" .Zone}} {{param "burst" 3}} nodelay;
    proxy_pass {{.Zone}};
}

{{end}}`)},
	}
	set, err := engine.Load(files, Language{}, engine.Options{Entries: map[string]string{"host": "http"}})
	if err != nil {
		t.Fatal(err)
	}
	snippet, _ := ParseBlock("add_header A 'b c'; location /x { return 200; }")
	type m = map[string]any
	view := m{"Port": 80, "Default": true, "Names": []Host{"a.test", "*.b.test"}, "Snippet": snippet,
		"Maps": []m{{"From": engine.NewOrigin(diag.Ref{Kind: "Ingress", Namespace: "a", Name: "b"}, diag.Pos{File: "x.yaml", Line: 3}),
			"Source": Variable("http_x"), "Var": Name("v1"), "Entries": []m{{"Key": "a$b", "Value": "x$y\n\""}}}},
		"Locations": []m{{"Exact": true, "Path": Path("/a b"), "Value": "v$al", "Zone": Name("z_1")}, {"Exact": false, "Path": Path("/a"), "Value": "v;}al", "Zone": Name("z_1")}}}
	var b bytes.Buffer
	if err := set.Execute(&b, "host", view); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", b.String())
	if _, err := Parse(b.Bytes()); err != nil {
		t.Fatal(err)
	}
}
