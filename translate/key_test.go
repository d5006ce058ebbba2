package translate

import (
	"testing"

	"github.com/headgate/headgate/model"
)

func TestParseKeyRefuses(t *testing.T) {
	for _, text := range []string{"$", "a$", "${", "${}", "${host", "$upstream_addr", "$http_", "$cookie_a-b$", "$connection", "$arg_"} {
		if key, err := parseKey(text); err == nil {
			t.Errorf("%q: got the key %v", text, key)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	for _, seed := range []string{"$request_uri", "${host}-x$http_X_User", "$$", "${}", "a{b}c", "$arg_é", "\x00$uri"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, err := parseKey(text)
		if err != nil {
			return
		}
		for _, part := range key {
			named := part.Source == model.KeyText || part.Source == model.KeyHeader || part.Source == model.KeyCookie || part.Source == model.KeyParameter
			if named != (part.Name != "") {
				t.Errorf("%q: the part %+v has a name where it should not, or none where it should", text, part)
			}
			if part.Source != model.KeyText && !isPlainName(part.Name) {
				t.Errorf("%q: the name %q is not of letters, digits, dashes and underscores", text, part.Name)
			}
		}
	})
}

func isPlainName(name string) bool {
	for _, r := range name {
		if !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_') {
			return false
		}
	}
	return true
}
