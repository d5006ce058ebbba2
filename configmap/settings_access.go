package configmap

var accessSettings = group("access",
	global(DenyListSourceRange, CIDRs, "", Spec{OnInvalid: CloseRoute, Guards: true,
		Doc: "Answers 403 to these clients where the Ingress has no list of its own."}),
	global(WhitelistSourceRange, CIDRs, "", Spec{OnInvalid: CloseRoute, Guards: true,
		Doc: "Lets only these clients in where the Ingress has no list of its own."}),
	global(BlockCIDRs, CIDRs, "", Spec{OnInvalid: CloseRoute, Guards: true,
		Doc: "Answers 403 to these clients on all hosts."}),
	global(BlockUserAgents, List, "", Spec{Pattern: `[ -~]+`, OnInvalid: CloseRoute, Guards: true,
		Doc: "Answers 403 to these User-Agents: exact texts, or with ~ or ~* in front regular expressions."}),
	global(BlockReferers, List, "", Spec{Pattern: `[ -~]+`, OnInvalid: CloseRoute, Guards: true,
		Doc: "Answers 403 to these Referers: exact texts, or with ~ or ~* in front regular expressions."}),
	global(NginxStatusIPv4Whitelist, CIDRs, "127.0.0.1", Spec{SkipItems: true, OnInvalid: UseNothing,
		Doc: "Lists the IPv4 clients that may read the status page."}),
	global(NginxStatusIPv6Whitelist, CIDRs, "::1", Spec{SkipItems: true, OnInvalid: UseNothing,
		Doc: "Lists the IPv6 clients that may read the status page."}),
	global(LimitRate, Int, "0", Spec{Max: maxInt,
		Doc: "Slows each response down to this many kilobytes per second; 0 does not."}),
	global(LimitRateAfter, Int, "0", Spec{Max: maxInt,
		Doc: "Lets this many kilobytes of each response through before limit-rate begins."}),
	global(LimitConnZoneVariable, String, "$binary_remote_addr", Spec{Pattern: variable, Variables: true,
		Doc: "Is what limits are counted by."}),
	global(LimitReqStatusCode, Int, "503", Spec{Min: 400, Max: 599,
		Doc: "Is the answer beyond limit-rps and limit-rpm."}),
	global(LimitConnStatusCode, Int, "503", Spec{Min: 400, Max: 599,
		Doc: "Is the answer beyond limit-connections."}),
	global(UseGeoIP2, Bool, "false", Spec{
		Doc: "Offers the variables of GeoIP2, if there are databases."}),
	global(GeoIP2AutoReloadInMinutes, Int, "0", Spec{Max: maxInt,
		Doc: "Is how often those databases are read again, in minutes; 0 does not."}),
)

var authSettings = group("auth",
	global(GlobalAuthURL, URL, "", Spec{Pattern: authChars, Variables: true, OnInvalid: CloseRoute, OnUnusable: CloseRoute, Guards: true,
		Doc: "Asks this service about each request of every Ingress. A bad value closes all routes, where ingress-nginx drops the authentication."}),
	global(GlobalAuthMethod, Enum, "", Spec{Values: methods,
		Doc: "Chooses the method of the request to the auth service."}),
	global(GlobalAuthSignin, URL, "", Spec{Pattern: authChars, Variables: true,
		Doc: "Sends the client to this page instead of answering 401."}),
	global(GlobalAuthSigninRedirectParam, String, "rd", Spec{Pattern: urlChars,
		Doc: "Names the parameter of the sign-in page that holds the address the client asked for. It needs global-auth-signin."}),
	global(GlobalAuthResponseHeaders, HeaderNames, "", Spec{Pattern: fieldName, SkipItems: true, OnInvalid: CloseRoute, Guards: true,
		Doc: "Copies these headers of the auth service's answer into the request to the endpoint, over anything that the client sent."}),
	global(GlobalAuthRequestRedirect, String, "", Spec{Pattern: `[A-Za-z0-9/\-._~:,?&=${}]+`, Variables: true,
		Doc: "Sets X-Auth-Request-Redirect for the auth service."}),
	global(GlobalAuthSnippet, Snippet, "", Spec{OnInvalid: CloseRoute, Guards: true,
		Doc: "Puts raw configuration into the location of the request to the auth service."}),
	global(GlobalAuthCacheKey, String, "", Spec{Pattern: `[A-Za-z0-9\-_${}./:|]+`, Variables: true,
		Doc: "Remembers answers of the auth service under this key."}),
	global(GlobalAuthCacheDuration, List, "200 202 401 5m", Spec{Pattern: cacheFor,
		Doc: "Says how long remembered answers hold."}),
	global(GlobalAuthAlwaysSetCookie, Bool, "false", Spec{
		Doc: "Passes cookies of the auth service on with every status."}),
	global(GlobalExternalAuth, String, "", Spec{Inert: "it is an inner result of the global-auth keys and not a setting",
		Doc: "Is where ingress-nginx keeps what the global-auth keys say."}),
	global(NoAuthLocations, List, "/.well-known/acme-challenge", Spec{Pattern: pathStart,
		Doc: "Lists prefixes; paths of Ingresses that begin with one need no authentication."}),
)

var firewallSettings = group("firewall",
	global(EnableModSecurity, Bool, "false", Spec{OnInvalid: CloseRoute, Guards: true,
		Doc: "Runs the web application firewall on all paths."}),
	global(EnableOWASPModSecurityCRS, Bool, "false", Spec{OnInvalid: CloseRoute, Guards: true,
		Doc: "Adds the OWASP rules to it."}),
	global(ModSecuritySnippet, Snippet, "", Spec{OnInvalid: CloseRoute, Guards: true,
		Doc: "Holds firewall rules in place of the recommended ones."}),
)

var snippetSettings = group("snippet",
	global(MainSnippet, Snippet, "", Spec{
		Doc: "Puts raw configuration at the top of the configuration."}),
	global(HTTPSnippet, Snippet, "", Spec{
		Doc: "Puts raw configuration into the part for HTTP."}),
	global(ServerSnippet, Snippet, "", Spec{
		Doc: "Puts raw configuration into every server."}),
	global(StreamSnippet, Snippet, "", Spec{
		Doc: "Puts raw configuration into the part for TCP and UDP."}),
	global(LocationSnippet, Snippet, "", Spec{
		Doc: "Puts raw configuration into every location."}),
)
