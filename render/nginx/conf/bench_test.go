package conf

import (
	"fmt"
	"io"
	"testing"
)

const benchTemplate = `{{range .}}
location = {{.Path}} {
    proxy_set_header Host {{.Host}};
    proxy_set_header X-Text {{.Text}};
    proxy_http_version {{.Version}};
    proxy_connect_timeout {{.Timeout}};
    proxy_read_timeout {{.Timeout}};
    proxy_send_timeout {{.Timeout}};
    proxy_buffering {{.Buffering}};
    proxy_buffer_size {{.Size}};
    client_max_body_size {{.Size}};
    proxy_next_upstream{{range .Next}} {{.}}{{end}};
    limit_req {{param "zone" .Upstream}} nodelay;
    proxy_pass {{.Upstream}};
}
{{end}}`

type benchLocation struct {
	Path      Path
	Host      Expr
	Text      string
	Version   Word
	Timeout   Time
	Buffering bool
	Size      Size
	Next      []Word
	Upstream  Name
}

// 2,000 locations of 12 directives have to print in well under 150 ms.
func BenchmarkExecute(b *testing.B) {
	set, err := load(b, "http/server", benchTemplate)
	if err != nil {
		b.Fatal(err)
	}
	var view []benchLocation
	for i := range 2000 {
		view = append(view, benchLocation{Path: Path(fmt.Sprintf("/shop/%d", i)), Host: Variable("host"), Text: "costs 5$", Version: "1.1",
			Timeout: 60, Size: 8192, Next: []Word{"error", "timeout"}, Upstream: "shop_web_80"})
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := set.Execute(io.Discard, "x", view); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	var text []byte
	for i := range 2000 {
		text = fmt.Appendf(text, "location = /shop/%d {\n    proxy_set_header Host $host;\n    proxy_pass http://shop_web_80;\n}\n", i)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
