package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestBytesHideTheirContent(t *testing.T) {
	secret := &Secret{Data: []SecretEntry{{Key: "k", Value: Bytes("PLANTED")}}}
	value := secret.Data[0].Value
	var printed []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%U"} {
		printed = append(printed, fmt.Sprintf(verb, value), fmt.Sprintf(verb, secret.Data), fmt.Sprintf(verb, *secret))
	}
	text, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "value", value, "secret", secret)
	printed = append(printed, string(text), log.String(), fmt.Sprint(value), value.String(), value.GoString())
	for _, p := range printed {
		lower := strings.ToLower(p)
		for _, form := range []string{"planted", "504c414e544544", "80 76 65 78", "UExBTlRFRA", "0x50"} {
			if strings.Contains(lower, strings.ToLower(form)) {
				t.Errorf("the content shows in %q", p)
			}
		}
		if !strings.Contains(p, "7 secret bytes") {
			t.Errorf("the length does not show in %q", p)
		}
	}
}
