package diag

// 2xxx: annotations, the global ConfigMap and the flags.
var (
	AnnotationInvalid = code(2001, "annotation-invalid", Error,
		"The value of an annotation is not of the annotation's type or range. The message says what happens instead: the default applies, the route is closed, or the whole Ingress is refused.")
)
