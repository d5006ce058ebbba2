package configmap

var mirrorAnnotations = group("mirror",
	Spec{Key: MirrorTarget, Type: URL, Pattern: regexText, Variables: true, Risk: High,
		Doc: "Sends a copy of each request to this URL and throws the answer away. The other keys of the group count only with it."},
	Spec{Key: MirrorRequestBody, Type: Enum, Values: onOff, Default: "on",
		Doc: "Copies the body as well, or, with off, the header only."},
	Spec{Key: MirrorHost, Type: String, Pattern: regexText, Variables: true, Risk: High,
		Doc: "Is the Host header of the copy. Without it, it is the host of mirror-target."},
)
