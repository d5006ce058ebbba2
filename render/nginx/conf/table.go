package conf

import (
	"strings"
)

// entries are the statements of blocks that are lists.
var entries = map[string]spec{
	"map":           {args: []kind{kindText}},
	"geo":           {args: []kind{kindLiteral}},
	"split_clients": {args: []kind{kindLiteral}},
	"types":         {rest: kindWord},
}

// row gives the same arguments to all directives that it names. "upstream/server" is the server of an upstream block, "stream/x" the
// x of the stream module where the two differ.
type row struct {
	names string
	spec
}

func fixed(args ...kind) spec { return spec{args: args} }

func variadic(rest kind, args ...kind) spec { return spec{args: args, rest: rest} }

// directives is the table of all directives whose arguments may be printed. Which of them evaluate variables was tried on nginx 1.22
// and 1.30 with a variable that does not exist; see the fuzz tests.
var directives = index(
	row{"http server location events stream upstream limit_except types", spec{}},

	// On and off, numbers, sizes, times.
	row{`accept_mutex absolute_redirect aio_write chunked_transfer_encoding etag fastcgi_buffering fastcgi_ignore_client_abort
		fastcgi_intercept_errors fastcgi_keep_conn fastcgi_pass_request_body fastcgi_pass_request_headers fastcgi_request_buffering
		grpc_intercept_errors grpc_socket_keepalive grpc_ssl_server_name grpc_ssl_session_reuse grpc_ssl_verify gunzip gzip gzip_vary
		http2 ignore_invalid_headers limit_conn_dry_run limit_req_dry_run log_not_found log_subrequest merge_slashes mirror_request_body
		msie_padding multi_accept pcre_jit port_in_redirect proxy_buffering proxy_cache_background_update proxy_cache_convert_head
		proxy_cache_lock proxy_cache_revalidate proxy_force_ranges proxy_ignore_client_abort proxy_intercept_errors
		proxy_pass_request_body proxy_pass_request_headers proxy_pass_trailers proxy_request_buffering proxy_socket_keepalive
		proxy_ssl proxy_ssl_server_name proxy_ssl_session_reuse proxy_ssl_verify real_ip_recursive recursive_error_pages
		reset_timedout_connection rewrite_log server_name_in_redirect sendfile ssi ssl_early_data ssl_prefer_server_ciphers ssl_preread
		ssl_reject_handshake ssl_session_tickets ssl_stapling ssl_stapling_verify sub_filter_last_modified sub_filter_once tcp_nodelay
		tcp_nopush underscores_in_headers`, fixed(kindSwitch)},
	row{`proxy_protocol`, fixed(kindSwitch)},
	row{`satisfy server_tokens ssl_verify_client gzip_static add_header_inherit daemon master_process aio if_modified_since
		lingering_close`, fixed(kindSwitchWord)},
	row{`fastcgi_next_upstream_tries grpc_next_upstream_tries gzip_comp_level http2_max_concurrent_streams http2_max_requests
		keepalive_requests limit_conn_status limit_req_status map_hash_bucket_size map_hash_max_size max_headers
		proxy_cache_min_uses proxy_headers_hash_bucket_size proxy_headers_hash_max_size proxy_next_upstream_tries
		proxy_requests proxy_responses proxy_ssl_verify_depth grpc_ssl_verify_depth server_names_hash_bucket_size
		server_names_hash_max_size ssl_verify_depth types_hash_bucket_size types_hash_max_size variables_hash_bucket_size
		variables_hash_max_size worker_connections worker_rlimit_nofile worker_priority upstream/keepalive
		gzip_min_length`, fixed(kindNumber)},
	row{`worker_processes`, fixed(kindNumber)},
	row{`client_body_buffer_size client_header_buffer_size client_max_body_size connection_pool_size directio fastcgi_buffer_size
		fastcgi_busy_buffers_size fastcgi_max_temp_file_size fastcgi_temp_file_write_size grpc_buffer_size http2_chunk_size
		preread_buffer_size proxy_buffer_size proxy_busy_buffers_size proxy_cache_max_range_offset proxy_max_temp_file_size
		proxy_temp_file_write_size request_pool_size sendfile_max_chunk send_lowat ssl_buffer_size subrequest_output_buffer_size
		postpone_output`, fixed(kindSize)},
	row{"fastcgi_buffers gzip_buffers large_client_header_buffers output_buffers proxy_buffers", fixed(kindNumber, kindSize)},
	row{`client_body_timeout client_header_timeout fastcgi_connect_timeout fastcgi_next_upstream_timeout fastcgi_read_timeout
		fastcgi_send_timeout grpc_connect_timeout grpc_next_upstream_timeout grpc_read_timeout grpc_send_timeout keepalive_min_timeout
		keepalive_time lingering_time lingering_timeout preread_timeout proxy_cache_lock_age proxy_cache_lock_timeout
		proxy_connect_timeout proxy_next_upstream_timeout proxy_protocol_timeout proxy_read_timeout proxy_send_timeout proxy_timeout
		resolver_timeout send_timeout ssl_handshake_timeout ssl_session_timeout upstream/keepalive_timeout
		upstream/keepalive_time worker_shutdown_timeout auth_delay timer_resolution`, fixed(kindTime)},
	row{"keepalive_timeout", fixed(kindTime, kindTime)},
	row{"limit_rate limit_rate_after proxy_limit_rate stream/proxy_download_rate stream/proxy_upload_rate", fixed(kindRate)},
	row{"fastcgi_limit_rate", fixed(kindSize)},
	row{"expires", variadic(kindTime)},

	// Blocks and their heads.
	row{"map split_clients", fixed(kindText, kindVariable)},
	row{"geo", variadic(kindVariable)},
	row{"upstream", fixed(kindName)},
	row{"location", spec{byWords: locationKind}},
	row{"if", spec{byWords: conditionKind}},
	row{"limit_except", variadic(kindWord)},
	row{"server_name", variadic(kindHost)},
	row{"listen", spec{args: []kind{kindListen}, rest: kindParam, params: map[string]kind{"backlog": kindNumber, "fastopen": kindNumber,
		"rcvbuf": kindSize, "sndbuf": kindSize, "so_keepalive": kindSwitchWord, "ipv6only": kindSwitch, "setfib": kindNumber}}},

	// Headers and bodies.
	row{"add_header add_trailer proxy_set_header grpc_set_header", fixed(kindHeaderName, kindHeaderValue)},
	row{`proxy_hide_header proxy_pass_header grpc_hide_header grpc_pass_header fastcgi_hide_header fastcgi_pass_header
		real_ip_header`, fixed(kindHeaderName)},
	row{"proxy_ignore_headers fastcgi_ignore_headers grpc_ignore_headers", variadic(kindHeaderName)},
	row{"fastcgi_param", fixed(kindParameterName, kindLine)},
	row{"fastcgi_index", fixed(kindLiteral)},
	row{"fastcgi_split_path_info", fixed(kindRegex)},
	row{"proxy_set_body sub_filter", fixed(kindText, kindText)},
	row{"default_type charset_types", fixed(kindMime)},
	row{"gzip_types sub_filter_types ssi_types", variadic(kindMime)},
	row{"charset source_charset proxy_http_version gzip_http_version gzip_disable", fixed(kindWord)},
	row{"gzip_proxied", variadic(kindWord)},
	row{"return", spec{byWords: returnKind}},
	row{"rewrite", fixed(kindRegex, kindRewrite)},
	row{"set", fixed(kindVariable, kindText)},
	row{"error_page", variadic(kindErrorTarget)},
	row{"try_files", variadic(kindTarget)},
	row{"root alias", fixed(kindFileText)},
	row{"index", variadic(kindFile)},
	row{"proxy_method", fixed(kindWord)},

	// Access.
	row{"allow deny set_real_ip_from", fixed(kindNetwork)},
	row{"auth_basic", fixed(kindRealm)},
	row{"auth_basic_user_file", fixed(kindFileText)},
	row{"auth_request mirror", fixed(kindPath)},
	row{"auth_request_set", fixed(kindVariable, kindText)},
	row{"limit_req", spec{rest: kindParam, params: map[string]kind{"zone": kindName, "burst": kindNumber, "delay": kindNumber}}},
	row{"limit_conn", fixed(kindName, kindNumber)},
	row{"limit_req_zone limit_conn_zone", spec{args: []kind{kindText}, rest: kindParam,
		params: map[string]kind{"zone": kindZone, "rate": kindFrequency}}},
	row{"limit_req_log_level limit_conn_log_level", fixed(kindWord)},

	// Upstreams and passing on.
	row{"proxy_pass", fixed(kindPass)},
	row{"grpc_pass", fixed(kindGRPCPass)},
	row{"fastcgi_pass", fixed(kindFastCGIPass)},
	row{"stream/proxy_pass stream/pass", fixed(kindStreamPass)},
	row{"stream/proxy_next_upstream", fixed(kindSwitch)},
	row{"proxy_bind grpc_bind", fixed(kindAddress, kindWord)},
	row{"proxy_redirect proxy_cookie_path proxy_cookie_domain", fixed(kindReplacement, kindReplacement)},
	row{"proxy_cookie_flags", variadic(kindWord, kindReplacement)},
	row{"proxy_next_upstream fastcgi_next_upstream grpc_next_upstream", variadic(kindWord)},
	row{"proxy_cache_key fastcgi_cache_key", fixed(kindText)},
	row{"proxy_cache_bypass proxy_no_cache", variadic(kindText)},
	row{"proxy_cache", fixed(kindName)},
	row{"proxy_cache_methods proxy_cache_use_stale", variadic(kindWord)},
	row{"proxy_cache_valid", variadic(kindTime)},
	row{"proxy_cache_path", spec{args: []kind{kindFile}, rest: kindParam, params: map[string]kind{"levels": kindWord,
		"keys_zone": kindZone, "inactive": kindTime, "max_size": kindSize, "min_free": kindSize, "use_temp_path": kindSwitch}}},
	row{"proxy_temp_path client_body_temp_path fastcgi_temp_path", fixed(kindFile)},
	row{"upstream/server", spec{args: []kind{kindMember}, rest: kindParam, params: map[string]kind{"weight": kindNumber,
		"max_fails": kindNumber, "fail_timeout": kindTime, "max_conns": kindNumber, "slow_start": kindTime, "route": kindWord,
		"service": kindHost}}},
	row{"upstream/zone", fixed(kindName, kindSize)},
	row{"upstream/hash", fixed(kindText)},
	row{"upstream/sticky", spec{byWords: stickyKind, params: map[string]kind{"expires": kindTime,
		"domain": kindText, "path": kindPath, "samesite": kindWord, "create": kindText, "lookup": kindText, "zone": kindZone,
		"timeout": kindTime}}},
	row{"resolver", spec{rest: kindAddress, params: map[string]kind{"valid": kindTime, "ipv4": kindSwitch, "ipv6": kindSwitch,
		"status_zone": kindName}}},

	// TLS.
	row{"ssl_certificate ssl_certificate_key", fixed(kindFileText)},
	row{"proxy_ssl_certificate proxy_ssl_certificate_key grpc_ssl_certificate grpc_ssl_certificate_key", fixed(kindFileText)},
	row{`ssl_client_certificate ssl_trusted_certificate ssl_crl ssl_dhparam ssl_password_file ssl_session_ticket_key
		ssl_stapling_file proxy_ssl_trusted_certificate grpc_ssl_trusted_certificate proxy_ssl_crl grpc_ssl_crl
		proxy_ssl_password_file`, fixed(kindFile)},
	row{"ssl_ciphers ssl_ecdh_curve proxy_ssl_ciphers grpc_ssl_ciphers", fixed(kindLiteral)},
	row{"ssl_conf_command proxy_ssl_conf_command grpc_ssl_conf_command", fixed(kindWord, kindLiteral)},
	row{"ssl_protocols proxy_ssl_protocols grpc_ssl_protocols", variadic(kindWord)},
	row{"ssl_alpn", variadic(kindLiteral)},
	row{"proxy_ssl_name grpc_ssl_name", fixed(kindLine)},
	row{"ssl_session_cache", variadic(kindCache)},
	row{"ssl_certificate_cache open_file_cache", spec{rest: kindParam, params: map[string]kind{"max": kindNumber, "inactive": kindTime,
		"valid": kindTime}}},

	// Logs, process, files.
	row{"access_log", spec{args: []kind{kindLog, kindName}, rest: kindParam, params: map[string]kind{"buffer": kindSize,
		"flush": kindTime, "gzip": kindNumber, "if": kindText}}},
	row{"error_log", fixed(kindLog, kindWord)},
	row{"log_format", spec{args: []kind{kindName}, rest: kindText, params: map[string]kind{"escape": kindWord}}},
	row{"pid lock_file include load_module", fixed(kindFile)},
	row{"user", fixed(kindName, kindName)},
	row{"worker_cpu_affinity use", fixed(kindWord)},
	row{"env", fixed(kindParameterName)},
)

func index(rows ...row) map[string]spec {
	table := map[string]spec{}
	for _, r := range rows {
		for name := range strings.FieldsSeq(r.names) {
			table[name] = r.spec
		}
	}
	return table
}

// locationKind tells the path of a location from its regex by the modifier.
func locationKind(words []string) kind {
	if len(words) == 1 {
		return kindLocation
	}
	if len(words) > 2 {
		return kindNone
	}
	switch words[1] {
	case "=", "^~":
		return kindPath
	case "~", "~*":
		return kindRegex
	default:
		return kindNone
	}
}

// conditionKind tells the operands of an if, "( left operator right )", apart.
func conditionKind(words []string) kind {
	last := words[len(words)-1]
	switch {
	case len(words) == 2 && last == "(":
		return kindVariable
	case len(words) < 3 || len(words) > 4:
		return kindNone
	case last == "=" || last == "!=":
		return kindOperand
	case strings.HasPrefix(strings.TrimPrefix(last, "!"), "~"):
		return kindRegex
	default:
		return kindNone
	}
}

// stickyKind tells the name of a cookie from a variable with a route.
func stickyKind(words []string) kind {
	switch {
	case len(words) > 1 && words[1] == "route":
		return kindText
	case len(words) <= 2:
		return kindWord
	default:
		return kindParam
	}
}

// returnKind tells the code of a return from its text, which is a header for a redirect.
func returnKind(words []string) kind {
	switch {
	case len(words) == 1:
		return kindAnswer
	case len(words) > 2:
		return kindNone
	case strings.HasPrefix(words[1], "2") || strings.HasPrefix(words[1], "4") || strings.HasPrefix(words[1], "5"):
		return kindText
	default:
		return kindLine
	}
}
