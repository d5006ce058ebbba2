package configmap

import (
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// console is where logs can go.
var console = Targets{
	Nginx:   Support{Level: Partial, Reason: "no files and no syslog"},
	HAProxy: Support{Level: Partial, Reason: "no files and no syslog"},
}

var logSettings = group("log",
	global(AccessLogPath, String, "/var/log/nginx/access.log", Spec{Pattern: filePath, Obeyed: true, Targets: console,
		Doc: "Is where the access log goes, for HTTP and for streams: off, /dev/stdout or /dev/stderr. The default stands for standard output; so does every file, with a warning."}),
	global(HTTPAccessLogPath, String, "", Spec{Pattern: filePath, Obeyed: true, Targets: console,
		Doc: "Is where the access log for HTTP goes, if it differs."}),
	global(StreamAccessLogPath, String, "", Spec{Pattern: filePath, Obeyed: true, Targets: console,
		Doc: "Is where the access log for streams goes, if it differs."}),
	global(AccessLogParams, Words, "", Spec{Pattern: `[a-z]+(=[A-Za-z0-9$_.]+)?`,
		Doc: "Holds further parameters of the access log, such as buffer=16k flush=1m."}),
	global(ErrorLogPath, String, "/var/log/nginx/error.log", Spec{Pattern: filePath,
		Doc: "Is the file of the error log."}),
	global(ErrorLogLevel, Enum, "notice", Spec{Values: []string{"debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"}, Obeyed: true, Targets: nginxOnly("HAProxy has no levels and no escaping to choose"),
		Doc: "Is how bad a thing must be to get into the error log."}),
	global(DisableAccessLog, Bool, "false", Spec{Obeyed: true,
		Doc: "Writes no access log at all. No annotation brings it back."}),
	global(DisableHTTPAccessLog, Bool, "false", Spec{Obeyed: true,
		Doc: "Writes no access log for HTTP."}),
	global(DisableStreamAccessLog, Bool, "false", Spec{Obeyed: true,
		Doc: "Writes no access log for streams."}),
	global(EnableAccessLogForDefaultBackend, Bool, "false", Spec{
		Doc: "Logs requests that no host and path matches."}),
	global(EnableAuthAccessLog, Bool, "false", Spec{
		Doc: "Logs the requests to the auth service."}),
	global(SkipAccessLogURLs, List, "", Spec{Pattern: `[!-~]+`,
		Doc: "Lists request URIs, or with ~ in front regular expressions, that are not logged."}),
	global(LogFormatUpstream, Text,
		`$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" `+
			`$request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr `+
			`$upstream_response_length $upstream_response_time $upstream_status $req_id`,
		Spec{Variables: true, Obeyed: true,
			Doc: "Is a line of the HTTP access log. It may hold $namespace, $ingress_name, $service_name, $service_port and $location_path beside nginx's variables."}),
	global(LogFormatStream, Text, `[$remote_addr] [$time_local] $protocol $status $bytes_sent $bytes_received $session_time`,
		Spec{Variables: true, Obeyed: true,
			Doc: "Is a line of the stream access log."}),
	global(LogFormatEscapeJSON, Bool, "false", Spec{Obeyed: true, Targets: nginxOnly("HAProxy has no levels and no escaping to choose"),
		Doc: "Escapes variables of the HTTP access log for JSON."}),
	global(LogFormatEscapeNone, Bool, "false", Spec{Obeyed: true, Targets: nginxOnly("HAProxy has no levels and no escaping to choose"),
		Doc: "Does not escape variables of the HTTP access log. It wins over log-format-escape-json."}),
	global(EnableSyslog, Bool, "false", Spec{
		Doc: "Sends the HTTP logs to syslog instead of into files."}),
	global(SyslogHost, String, "", Spec{Pattern: hostName,
		Doc: "Is the syslog server."}),
	global(SyslogPort, Int, "514", Spec{Min: 1, Max: 65535,
		Doc: "Is the port of the syslog server."}),
)

var tracingSettings = group("tracing",
	global(EnableOpenTelemetry, Bool, "false", Spec{
		Doc: "Traces requests of all paths."}),
	global(OpenTelemetryConfig, String, "/etc/ingress-controller/telemetry/opentelemetry.toml", Spec{Pattern: filePath,
		Doc: "Is where ingress-nginx writes the configuration of its exporter."}),
	global(OpenTelemetryOperationName, String, "", Spec{Pattern: `[A-Za-z0-9 /\-._~:${}]+`, Variables: true,
		Doc: "Names the spans."}),
	global(OpenTelemetryTrustIncomingSpan, Bool, "true", Spec{
		Doc: "Goes on with the traces of clients."}),
	global(OTLPCollectorHost, String, "", Spec{Pattern: hostName,
		Doc: "Is the collector."}),
	global(OTLPCollectorPort, Int, "4317", Spec{Min: 1, Max: 65535,
		Doc: "Is the port of the collector."}),
	global(OTelServiceName, String, "nginx", Spec{Pattern: plainSp,
		Doc: "Is the service.name of the spans."}),
	global(OTelSampler, Enum, "AlwaysOn", Spec{Values: []string{"AlwaysOn", "AlwaysOff", "TraceIdRatioBased"},
		Doc: "Chooses which requests are traced."}),
	global(OTelSamplerRatio, Float, "0.01", Spec{Min: 0, Max: 1,
		Doc: "Is the share of requests that TraceIdRatioBased traces."}),
	global(OTelSamplerParentBased, Bool, "true", Spec{
		Doc: "Follows the client's choice where it made one."}),
	global(OTelMaxQueueSize, Int, "2048", Spec{Min: 1, Max: 1 << 20,
		Doc: "Limits the spans that wait to be sent."}),
	global(OTelScheduleDelayMillis, Int, "5000", Spec{Min: 1, Max: maxInt,
		Doc: "Is the time between two sendings, in milliseconds."}),
	global(OTelMaxExportBatchSize, Int, "512", Spec{Min: 1, Max: 1 << 20,
		Doc: "Limits the spans of one sending."}),
)

func (r *settingsReader) log() model.Log {
	l := model.Log{
		ErrLevel:     r.str(ErrorLogLevel),
		Format:       r.str(LogFormatUpstream),
		StreamFormat: r.str(LogFormatStream),
		Escape:       "default",
	}
	switch {
	case r.bool(LogFormatEscapeNone):
		l.Escape = "none"
	case r.bool(LogFormatEscapeJSON):
		l.Escape = "json"
	}
	l.Access, l.AccessTo = r.accessLog(DisableHTTPAccessLog, HTTPAccessLogPath)
	l.Stream, l.StreamTo = r.accessLog(DisableStreamAccessLog, StreamAccessLogPath)
	return l
}

// accessLog says whether an access log is written, and where. The path that ingress-nginx has by default is its
// container's standard output.
func (r *settingsReader) accessLog(disable BoolKey, path StringKey) (on bool, to model.LogTarget) {
	if r.bool(DisableAccessLog) || r.bool(disable) {
		return false, model.Stdout
	}
	if r.str(path) == "" {
		path = AccessLogPath
	}
	switch value := r.str(path); value {
	case "off":
		return false, model.Stdout
	case "stderr", "/dev/stderr":
		return true, model.Stderr
	case "stdout", "/dev/stdout", "/var/log/nginx/access.log":
		return true, model.Stdout
	default:
		r.diags.Add(diag.LogFile.At(r.set.Pos(path), r.ref, path.String(),
			"access logs go to standard output or standard error only, not to %q; these lines go to standard output", value))
		return true, model.Stdout
	}
}
