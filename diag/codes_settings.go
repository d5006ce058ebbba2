package diag

// 2xxx: annotations, the global ConfigMap and the flags.
var (
	AnnotationInvalid = code(2001, "annotation-invalid", Error,
		"The value of an annotation is not of the annotation's type or range. The message says what happens instead: the default applies, the route is closed, or the whole Ingress is refused.")
	AnnotationRisk = code(2002, "annotation-risk", Error,
		"The annotation's risk is above the operator's annotations-risk-level. The whole Ingress is refused and its paths answer 503. The operator can raise the level, or the annotation can go.")
	AnnotationBlocked = code(2003, "annotation-blocked-word", Error,
		"The value of an annotation contains a text that the operator has forbidden by annotation-value-word-blocklist. The whole Ingress is refused and its paths answer 503.")
	AnnotationUnknown = code(2004, "annotation-unknown", Warning,
		"An annotation under Headgate's prefix is not in its table. It has no effect; most often its name is misspelt, left ingress-nginx long ago or never existed, and the hint says what to write instead. It is an error if that guards something: the routes are served without it, as ingress-nginx serves them. If what was meant is written as well it is an info.")
	AnnotationNotObeyed = code(2005, "annotation-not-supported", Warning,
		"Headgate knows the annotation but does not act upon it in this version. If it guards something, this is an error and the routes of the Ingress answer 503; otherwise it has no effect.")
	AnnotationDeprecated = code(2006, "annotation-deprecated", Info,
		"The annotation is written in an old spelling. It is read where the new spelling is absent or empty.")
	AnnotationPrefix = code(2007, "annotation-prefix", Warning,
		"An annotation stands under a prefix that Headgate does not read: a misspelt one, none at all, or one of another controller. It has no effect; the hint gives what has the same meaning here. It is an error if that guards something, and an info if it is written as well or if there is nothing like it.")
	AnnotationSnippet = code(2008, "annotation-snippet", Error,
		"An annotation holds raw configuration, and the operator has not allowed that (allow-snippet-annotations). The annotation is left out, the rest of the Ingress is served.")
	ValueSpelling = code(2009, "value-spelling", Info,
		"A word is written in another case than Headgate gives it out. It is read as the message says. ingress-nginx treats some such spellings differently.")
	AnnotationInert = code(2010, "annotation-inert", Info,
		"The annotation never has an effect, here as in ingress-nginx. It can be removed.")
	ValueEmpty = code(2011, "value-empty", Warning,
		"The value of an annotation or setting is empty. It is treated as unset, except where an empty list would mean something; then it is an invalid value.")
	ItemSkipped = code(2012, "item-skipped", Warning,
		"One item of a list cannot be used. It is passed over and the other items hold. In a list that guards something this is an error.")
	ValueWithoutEffect = code(2020, "value-without-effect", Warning,
		"The value of an annotation is valid and has no effect as things stand, because something is missing beside it. The message says what.")
	KeyUnknown = code(2021, "key-unknown", Error,
		"A text that requests are to be hashed or counted by holds a variable that requests cannot be told apart by, or that only one proxy knows. The message says what is used instead; a limit holds all the same.")
	SettingInvalid = code(2101, "setting-invalid", Error,
		"The value of a key of the global ConfigMap is not of its type or range. The message says what applies instead; other keys are unaffected.")
	SettingUnknown = code(2102, "setting-unknown", Warning,
		"A key of the global ConfigMap is not in Headgate's table. It has no effect; the hint says what to write instead. It is an error if that guards something.")
	SettingNotObeyed = code(2103, "setting-not-supported", Warning,
		"Headgate knows the key but does not act upon it in this version. If it guards something, this is an error and all routes answer 503; otherwise it has no effect.")
	SettingInert = code(2104, "setting-inert", Info,
		"The key never has an effect, here as in ingress-nginx. It can be removed.")
	SettingCase = code(2105, "setting-case", Info,
		"A key of the global ConfigMap is written with other capitals than in the table. It is read where the exact spelling is absent.")
	LogFile = code(2106, "log-file", Warning,
		"The access log is to go to a file or to syslog. Headgate has the proxies write it to standard output or standard error, where a container's logs are collected: a file that cannot be opened would cost the whole configuration, and HAProxy writes none.")
	StreamInvalid = code(2201, "stream-invalid", Error,
		"An entry of the TCP or UDP services ConfigMap is not of the form port: namespace/service:port. The port is not opened; the other entries hold.")
	StreamOption = code(2202, "stream-option", Warning,
		"An entry of the TCP or UDP services ConfigMap has an option that is unknown or that its protocol does not have. The entry is served without the option.")
	PassthroughOff = code(2203, "passthrough-off", Warning,
		"An Ingress asks for its TLS connections to be passed through unopened, which needs the flag --enable-ssl-passthrough, as in ingress-nginx. Without it the annotation is ignored and TLS ends at the proxy, with the certificate of the host.")
	PassthroughHost = code(2204, "passthrough-host", Warning,
		"TLS connections can be passed through by a whole host name only, and to the Service of the path / of that host. This host is a wildcard, all hosts, or has no such path; its TLS ends at the proxy.")
	PathLiteral = code(2030, "path-literal", Warning,
		"A path looks like a regular expression, and nothing on its host makes it one (use-regex, or a rewrite-target that differs from the path): it is compared letter by letter, as in ingress-nginx, and matches next to nothing. A path of type Prefix needs no star at its end.")
	KeyConstant = code(2031, "key-constant", Warning,
		"A text that requests are to be hashed by holds no variable, most often because the dollar sign is missing. It is the same for all requests, so that all of them go to one endpoint, as with ingress-nginx.")
	AnnotationElsewhere = code(2032, "annotation-elsewhere", Warning,
		"An annotation of Ingresses stands on a Service. ingress-nginx and Headgate read them on Ingresses only, so that it has no effect. It is an error if it guards something.")
	LogVariable = code(2033, "log-variable", Warning,
		"A log format holds variables that this proxy does not have, or that Headgate does not let through. Each is printed as a dash; the rest of the line is as written. The message names them.")
)
