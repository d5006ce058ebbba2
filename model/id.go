package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// maxID keeps an ID usable as a file name with a suffix.
const maxID = 200

// ID joins names injectively to one that can stand in a proxy's configuration and be a file name: names of letters, digits, dashes
// and dots joined by "_", which none of them can contain. If a name is of other bytes, or the whole is too long, the ID is a hash.
func ID(parts ...string) string {
	id := strings.Join(parts, "_")
	if len(id) <= maxID && plain(parts) {
		return id
	}
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return "h_" + hex.EncodeToString(h.Sum(nil)[:16])
}

func plain(parts []string) bool {
	for i, p := range parts {
		if p == "" || p[0] == '.' || p[0] == '-' || i == 0 && p == "h" {
			return false
		}
		for j := range len(p) {
			if c := p[j]; !isAlphanumeric(c) && c != '-' && c != '.' {
				return false
			}
		}
	}
	return len(parts) > 0
}
