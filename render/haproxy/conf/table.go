package conf

import "strings"

// row gives the same words to all statements that it names.
type row struct {
	names string
	spec
}

func fixed(args ...kind) spec { return spec{args: args} }

// answer are the words of an action that ends in an answer of ours.
var answer = map[string]kind{
	"status": kindStatus, "deny_status": kindStatus, "content-type": kindLiteral, "string": kindLiteral, "lf-string": kindFormat,
	"file": kindFile, "lf-file": kindFile, "errorfile": kindFile, "errorfiles": kindName, "hdr": kindHeader, "hdr=": kindLine,
}

// statements is the table of all statements whose words may be printed. Which of them evaluate %[…] is tried on the real HAProxy.
var statements = index(
	// Sections.
	row{"backend frontend listen defaults userlist peers cache ring http-errors", spec{args: []kind{kindName}, params: map[string]kind{"from": kindName}}},

	// Process.
	row{`maxconn nbthread retries fullconn ulimit-n fd-hard-limit tune.bufsize tune.maxrewrite tune.http.maxhdr tune.ssl.cachesize
		tune.ssl.maxrecord tune.h2.max-concurrent-streams tune.ssl.default-dh-param tune.stick-counters`, fixed(kindNumber)},
	row{"hard-stop-after close-spread-time tune.ssl.lifetime stats_timeout", fixed(kindTime)},
	row{"stats_socket", spec{args: []kind{kindSocket}, params: map[string]kind{"mode": kindWord, "level": kindWord, "user": kindName, "group": kindName}}},
	row{"log", spec{rest: kindWord}},
	row{"log-tag description", fixed(kindLiteral)},
	row{"ssl-default-bind-ciphers ssl-default-bind-ciphersuites ssl-default-server-ciphers", fixed(kindWord)},
	row{"ssl-default-bind-options ssl-default-server-options", spec{rest: kindWord}},
	row{"crt-base ca-base", fixed(kindFile)},
	row{"default-path", fixed(kindWord, kindFile)},

	// Proxies.
	row{"mode balance http-reuse hash-type option", spec{rest: kindWord, params: map[string]kind{"hash": kindExpr}}},
	row{"timeout", fixed(kindWord, kindTime)},
	row{"retry-on", spec{rest: kindWord}},
	row{"default_backend", fixed(kindName)},
	row{"use_backend", fixed(kindBackend)},
	row{"log-format log-format-sd unique-id-format", fixed(kindFormat)},
	row{"errorfile", fixed(kindStatus, kindFile)},
	row{"http-error", spec{params: answer}},
	row{"acl", spec{args: []kind{kindName, kindExpr}, params: map[string]kind{"-f": kindFile, "--": kindPattern, "-m": kindWord}}},
	row{"bind", spec{args: []kind{kindAddress}, params: map[string]kind{
		"crt": kindFile, "crt-list": kindFile, "ca-file": kindFile, "crl-file": kindFile, "alpn": kindWord, "ciphers": kindWord,
		"ciphersuites": kindWord, "curves": kindWord, "name": kindName, "ssl-min-ver": kindWord, "ssl-max-ver": kindWord,
		"verify": kindWord, "maxconn": kindNumber, "backlog": kindNumber, "mode": kindWord,
	}}},
	row{"server default-server", spec{args: []kind{kindName, kindAddress}, params: map[string]kind{
		"weight": kindNumber, "maxconn": kindNumber, "id": kindNumber, "ca-file": kindFile, "crt": kindFile, "crl-file": kindFile,
		"sni": kindExpr, "verifyhost": kindLiteral, "cookie": kindLiteral, "alpn": kindWord, "proto": kindWord, "verify": kindWord,
		"ciphers": kindWord, "pool-max-conn": kindNumber, "pool-purge-delay": kindTime, "inter": kindTime, "slowstart": kindTime,
	}}},
	row{"user", spec{args: []kind{kindLiteral}, params: map[string]kind{"password": kindLiteral, "insecure-password": kindLiteral}}},
	row{"stick", spec{params: map[string]kind{"table": kindName}}},
	row{"filter_bwlim-out", spec{params: map[string]kind{"default-limit": kindNumber, "default-period": kindTime}}},
	row{"stick-table", spec{params: map[string]kind{"type": kindWord, "size": kindNumber, "expire": kindTime, "store": kindWord}}},
	row{"cookie", spec{args: []kind{kindWord}, params: map[string]kind{"domain": kindLiteral, "attr": kindLiteral}}},
	row{"dynamic-cookie-key", fixed(kindLiteral)},

	// Rules.
	row{rules("set-header add-header"), fixed(kindHeader, kindLine)},
	row{rules("replace-header replace-value"), fixed(kindHeader, kindPattern, kindLine)},
	row{rules("del-header"), fixed(kindPattern)},
	row{rules("set-var"), fixed(kindExpr)},
	row{rules("set-var-fmt"), fixed(kindFormat)},
	row{rules("set-status"), fixed(kindStatus)},
	row{rules("return deny"), spec{params: answer}},
	row{"http-request_set-path http-request_set-pathq http-request_set-uri http-request_set-query http-request_set-method", fixed(kindLine)},
	row{"http-request_replace-path http-request_replace-pathq http-request_replace-uri", fixed(kindPattern, kindLine)},
	row{"http-request_set-src http-request_set-dst", fixed(kindExpr)},
	row{"http-request_redirect http-response_redirect", spec{params: map[string]kind{
		"code": kindStatus, "location": kindLine, "prefix": kindLine, "scheme": kindLine,
	}}},
	row{"http-request_wait-for-body", spec{params: map[string]kind{"time": kindTime, "at-least": kindNumber}}},
	row{"http-request_auth", spec{params: map[string]kind{"realm": kindLiteral}}},
	row{"http-request_capture http-response_capture", spec{args: []kind{kindExpr}, params: map[string]kind{"len": kindNumber}}},
	row{"http-request_sc-set-gpt http-request_sc-set-gpt0", fixed(kindExpr)},
	row{"http-request_track-sc0 http-request_track-sc1 http-request_track-sc2", spec{args: []kind{kindExpr}, params: map[string]kind{"table": kindName}}},
	row{"tcp-request", spec{}},
	row{"tcp-request_inspect-delay", fixed(kindTime)},
)

// rules names actions in all three sets of rules.
func rules(actions string) string {
	var names []string
	for action := range strings.FieldsSeq(actions) {
		names = append(names, "http-request_"+action, "http-response_"+action, "http-after-response_"+action)
	}
	return strings.Join(names, " ")
}

// index makes the table. In names, "_" stands for a blank, except in those of the two statements that are spelt with it.
func index(rows ...row) map[string]spec {
	table := map[string]spec{}
	for _, r := range rows {
		for name := range strings.FieldsSeq(r.names) {
			if name != "use_backend" && name != "default_backend" {
				name = strings.ReplaceAll(name, "_", " ")
			}
			table[name] = r.spec
		}
	}
	return table
}
