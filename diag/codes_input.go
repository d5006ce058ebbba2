package diag

// 1xxx: the input itself, before its Kubernetes meaning.
var (
	InputSyntax = code(1001, "input-syntax", Error,
		"A document is not YAML or JSON. The document is passed over; the other documents of the same file and all other files are read.")
	InputLimit = code(1002, "input-limit", Error,
		"A file or document is larger, deeper or more numerous than Headgate reads, or its YAML aliases expand to too much. What is beyond the limit is passed over. Real manifests are far below these limits; split the file if yours is not.")
	DocumentShape = code(1003, "document-shape", Error,
		"A document, or an item of a List, is not a Kubernetes object: it is not a mapping, or its kind or apiVersion is not text. It is passed over.")
	KindMissing = code(1004, "kind-missing", Warning,
		"A document has no kind, so that it is not known what it is; values and kustomization files look like this. It is passed over.")
	VersionUnknown = code(1005, "version-unknown", Error,
		"An object is of a kind that Headgate reads, but of an apiVersion that it does not know. The object is passed over. The message lists the versions that are read.")
	VersionOld = code(1006, "version-old", Info,
		"An object is written in an old apiVersion that today's API servers do not serve any more. It is converted and used like its newest form.")
	KeyDuplicate = code(1007, "key-duplicate", Error,
		"A key stands twice in the same mapping, and readers of YAML differ in which one counts. The object is refused, as kubectl refuses it.")
	FieldType = code(1008, "field-type", Error,
		"A field is of the wrong type: text where a number belongs, a list where a mapping belongs. The object is refused, as the API server refuses it; of a ConfigMap only the entry is ignored.")
	FieldInvalid = code(1009, "field-invalid", Error,
		"The value of a field is not one that the API server accepts: a name with forbidden characters, a port out of range, a host that is no DNS name. The object is refused; of a ConfigMap only the entry is ignored.")
	FieldMissing = code(1010, "field-missing", Error,
		"A field that the API server requires is missing. The object is refused.")
	ValueUnquoted = code(1011, "value-unquoted", Error,
		"The value of an annotation or of a ConfigMap or Secret key is a number or a truth value, and Kubernetes takes text only. kubectl reads yes, no, on and off without quotes as truth values, too. The object is refused, as the API server refuses it; of a ConfigMap only the entry is ignored. Put the value in quotes.")
	TagCustom = code(1012, "tag-custom", Error,
		"A YAML tag other than those of plain data is used. Tags ask the reader to build objects of other types, which Kubernetes manifests never need. The object is refused.")
	APIForeign = code(1013, "api-foreign", Info,
		"An object has the name of a kind that Headgate reads but belongs to the API of another project, like the Service of Knative. It is passed over.")
	PathTypeMissing = code(1014, "path-type-missing", Warning,
		"A path of an Ingress has no pathType, which networking.k8s.io/v1 requires. It is treated like ImplementationSpecific; the API server would refuse the Ingress.")
	ObjectRepeated = code(1015, "object-repeated", Warning,
		"Two objects have the same kind, namespace and name. The one that was created first counts; if that is not known, the one whose file name, then line, is the smaller. The other is ignored.")
	FieldUnknown = code(1020, "field-unknown", Warning,
		"An object has a field that its kind does not have: misspelt, in other capitals, or at the wrong level. It has no effect, as in a cluster, where the API server drops it, or refuses the object if it is asked to be strict. The rest of the object is used. Of kinds other than Ingress only fields near a known one are reported.")
	AnnotationsMisplaced = code(1021, "annotations-misplaced", Error,
		"Annotations stand where nobody reads them: under spec, at the top of the object, among the labels, or under a misspelt name. They have no effect, and what they were to guard is open; the rest of the object is used, as in a cluster.")
	KindMisspelt = code(1022, "kind-misspelt", Error,
		"A document is of a kind that does not exist, and whose name is that of one that Headgate reads but for a slip, or it has no kind although its apiVersion or a field like Kind shows that it was to be an object. The document is passed over; the API server refuses it.")
	SliceUnlabelled = code(1023, "slice-unlabelled", Warning,
		"An EndpointSlice lacks the label kubernetes.io/service-name, which says what Service its endpoints belong to. They get no requests.")
	InputEmpty = code(1024, "input-empty", Error,
		"The input holds neither an Ingress nor a TCP or UDP port, so that nothing is served: most often the path is wrong, or what should have made the manifests failed. --allow-empty makes this an info.")
	AddressesUnused = code(1025, "addresses-unused", Info,
		"An EndpointSlice holds names in place of addresses (addressType: FQDN). Neither ingress-nginx nor Headgate uses these endpoints; a Service of type ExternalName is the way to lead to a name.")
)
