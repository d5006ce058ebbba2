package configmap

var corsAnnotations = group("cors",
	Spec{Key: EnableCORS, Type: Bool, Default: "false",
		Doc: "Adds the CORS headers and answers preflight requests with 204. The other keys of the group count only with it."},
	Spec{Key: CORSAllowOrigin, Type: List, Pattern: origin, SkipItems: true, Default: "*", Risk: Medium, OnInvalid: UseNothing,
		Doc: "Lists the origins that may ask, with one label of a host left open by *. Bad items are passed over; if none is left no origin is allowed, where ingress-nginx allows all."},
	Spec{Key: CORSAllowMethods, Type: List, Pattern: letters, Default: "GET, PUT, POST, DELETE, PATCH, OPTIONS", Risk: Medium,
		Doc: "Lists the methods of Access-Control-Allow-Methods."},
	Spec{Key: CORSAllowHeaders, Type: HeaderNames, Pattern: fieldName, Risk: Medium,
		Default: "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization",
		Doc:     "Lists the headers of Access-Control-Allow-Headers."},
	Spec{Key: CORSAllowCredentials, Type: Bool, Default: "true",
		Doc: "Adds Access-Control-Allow-Credentials."},
	Spec{Key: CORSExposeHeaders, Type: List, Pattern: `\*|` + fieldName, Risk: Medium,
		Doc: "Lists the headers of Access-Control-Expose-Headers. Without it that header is left out."},
	Spec{Key: CORSMaxAge, Type: Int, Default: "1728000",
		Doc: "Says how many seconds a browser may remember the answer to a preflight request."},
)
