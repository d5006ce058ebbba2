package translate_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/translate"
)

// TestLargeKeysAreNotRead: reading a key takes a time that grows with the square of its size.
func TestLargeKeysAreNotRead(t *testing.T) {
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 20<<10)))
	text := strings.Replace(string(ingress("shop", "/", "web")), "spec:\n", "spec:\n  tls: [{hosts: [host.example], secretName: large}]\n", 1) +
		fmt.Sprintf("---\napiVersion: v1\nkind: Secret\nmetadata: {name: large, namespace: shop}\ndata: {tls.crt: eA==, tls.key: %s}\n", key)
	objects, _ := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(text)}}, manifest.LoadOptions{})
	snap, _ := manifest.NewSnapshot(objects)
	_, diags := translate.Run(snap, settings())
	for _, d := range diags {
		if strings.Contains(d.Message, "tls.key more than 16384") {
			return
		}
	}
	t.Errorf("the size is no reason: %v", diags)
}
