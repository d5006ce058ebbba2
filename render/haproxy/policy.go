package haproxy

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// authority is the host that a redirect leads to, without port.
func authority() conf.Expr {
	return conf.Variable("authority").Then("lower").Then("regsub", `:[^]:]*\z`, "", "i").Then("regsub", `\.\z`, "", "i")
}

// tlsLocation is where a request goes that has to come over TLS.
func tlsLocation(t *model.TLSRedirect) conf.Format {
	f := conf.Text("https://").Value(authority())
	if t.Port != 0 {
		f = f.Text(":" + strconv.Itoa(t.Port))
	}
	target := conf.Fetch("pathq")
	if !t.KeepSlash {
		target = target.Then("regsub", `/\z`, "", "i")
	}
	return f.Value(target)
}

// oddBytes finds what [url_enc] has encoded and nginx encodes in a path, too; the rest is decoded again.
const oddBytes = `%(?=[01]|2[0235]|3[CEF]|5[CE]|60|7[BCDF]|[89A-F])`

// query is that of the request with its question mark. A question mark without a query is lost, as in Match.
func query() conf.Expr { return conf.Fetch("pathq").Then("regsub", `^[^?]*(?:\?\z)?`, "", "i") }

// slashLocation is the path asked for with a slash behind it.
func slashLocation() conf.Format {
	path := conf.Variable("path").Then("url_enc").Then("regsub", oddBytes, "%25", "g").Then("url_dec")
	return conf.Format{}.Value(conf.Variable("scheme")).Text("://").Value(authority()).Value(path).Text("/").Value(query())
}

func compareRefs(a, b diag.Ref) int {
	return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
}
