package nginx

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/headgate/headgate/render/nginx/conf"
)

// mapView is a variable that nginx looks up when it is needed.
type mapView struct {
	Source   conf.Expr
	Variable conf.Name
	// Default and the values are texts, Exprs or Names.
	Default any
	Entries []mapEntry
}

// mapEntry is one line of a map.
type mapEntry struct {
	// Key is a text, which is compared without regard to case, or a Regex. Value is a text or an Expr.
	Key, Value any
}

// variableName makes the name of a variable that belongs to something with an ID. Names of variables cannot hold what IDs can.
func variableName(purpose, id string) conf.Name { return conf.Name(purpose + "_" + shortHash(id)) }

// shortHash tells things apart in names. 64 bits are enough for names that nobody outside can choose in large numbers.
func shortHash(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:8])
}

// cookieValue is the value of a cookie: nginx's own variable where its name can be part of one, otherwise a variable of ours, which
// the second result defines.
func cookieValue(name, id string) (conf.Expr, []mapView, error) {
	if conf.IsVariableName(name) {
		return conf.Variable(conf.Name("cookie_" + strings.ToLower(name))), nil, nil
	}
	variable := variableName("cookie", id)
	found := conf.Name(string(variable) + "_found")
	pattern, err := conf.NewRegex(`(?:^|; *)` + conf.LiteralRegex(name) + ` *= *(?<` + string(found) + `>[^;]*)`)
	if err != nil {
		return conf.Expr{}, nil, err
	}
	return conf.Variable(variable), []mapView{{
		Source: conf.Variable("http_cookie"), Variable: variable, Default: "",
		Entries: []mapEntry{{Key: pattern.Fold(), Value: conf.Variable(found)}},
	}}, nil
}

// exactly matches one text, with regard to case.
func exactly(text string) conf.Regex { return conf.OwnRegex("^" + conf.LiteralRegex(text) + "$") }

// atFirst matches a text, with regard to case, that is the whole of a header or the first of several values: nginx puts the lines of a
// header into one from 1.23 on, and knows the first line only before.
func atFirst(text string) conf.Regex {
	if strings.Contains(text, ", ") {
		return exactly(text)
	}
	return conf.OwnRegex("^" + conf.LiteralRegex(text) + "(?:$|, )")
}
