package headgate_test

import (
	"bufio"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/headgate/headgate/model"
)

// TestForwardedPrefix looks at the prefix that endpoints are told of: the groups of the path as they are, and no byte that would begin
// another header.
func TestForwardedPrefix(t *testing.T) {
	tests := []struct {
		target, prefix string
		status         int
	}{
		{"/one/a", "/onex/a", 200},
		{"/TWO/a%20b?c", "/TWOx/a b", 200},
		{"/two/%C3%A9%22%25%3F%23", "/twox/\xc3\xa9\"%?#", 200},
		{"/two/", "/twox/", 200},
		{"/two/a%0D%0AX-Evil:%201", "", 400},
		{"/two/a%0DX-Evil:%201", "", 400},
	}
	for _, r := range runners {
		for _, binary := range r.binaries(t) {
			t.Run(r.target.name+"-"+binary.Version, func(t *testing.T) {
				tc := readCase(t, "testdata/routing/rewrite-texts")
				tc.settings.DefaultCertificate, tc.version = testCertificate(t), binary.Version
				w := newWorld(t, tc)
				w.start(t, r, binary)
				for _, test := range tests {
					status, prefix := w.prefix(t, test.target)
					if status != test.status || prefix != test.prefix {
						t.Errorf("%s: got %d %q, want %d %q", test.target, status, prefix, test.status, test.prefix)
					}
				}
			})
		}
	}
}

// prefix sends a request and returns the X-Forwarded-Prefix that the endpoint got.
func (w *world) prefix(t *testing.T, target string) (status int, prefix string) {
	t.Helper()
	conn, err := w.dial(probe{model.Request{Scheme: "http", Host: "prefix.test"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: prefix.test\r\nConnection: close\r\n\r\n", target)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode, response.Header.Get("X-Prefix")
}
