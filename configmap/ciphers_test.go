package configmap

import "testing"

// TestCipherLists: each of these was given to OpenSSL 3.0; those that it refuses must not pass.
func TestCipherLists(t *testing.T) {
	for list, want := range map[string]bool{
		"ECDHE-RSA-AES128-GCM-SHA256":     true,
		"foo:ECDHE-RSA-AES128-GCM-SHA256": true,
		"DEFAULT":                         true,
		"HIGH:!aNULL:!MD5":                true,
		"ALL:@STRENGTH":                   true,
		"EECDH+AESGCM:EDH+AESGCM":         true,
		"kRSA+AES128+SHA":                 true,
		"ALL:-AES:+AES256":                true,
		"AES:-AES:AES256":                 true,
		"":                                false,
		":":                               false,
		"foo":                             false,
		"ECDSA+foo":                       false,
		"!ALL":                            false,
		"ALL:!ALL":                        false,
		"!AES:!CHACHA20:ALL":              false,
		"ALL:-ALL":                        false,
		"+ALL":                            false,
		"aNULL":                           false,
		"TLS_AES_128_GCM_SHA256":          false,
		"@STRENGTH":                       false,
	} {
		if got := selectsCipher(list); got != want {
			t.Errorf("%q: %t, want %t", list, got, want)
		}
	}
}

func TestGroupLists(t *testing.T) {
	for list, want := range map[string]string{
		"auto":                    "auto",
		"X25519:prime256v1":       "X25519:prime256v1",
		"P-256:prime256v1:X25519": "P-256:X25519",
		"auto:X25519":             "",
		"foo:X25519":              "",
		"":                        "",
	} {
		got, f := readGroups(nil, list)
		if text, _ := got.(string); text != want || (f == nil) != (want != "") {
			t.Errorf("%q: %q, want %q", list, text, want)
		}
	}
}
