package diag

// 1xxx from 1051: where the input comes from.
var (
	InputUnreadable = code(1051, "input-unreadable", Error,
		"A file or folder cannot be read. While Headgate runs, what it last held stays in force until it can be read again; it is not taken for empty.")
	InputTooLarge = code(1052, "input-too-large", Error,
		"A file is larger than Headgate reads, folders are nested too deeply, or all files together are too much. What is beyond the limit is not read; while Headgate runs, what it last held stays in force.")
	InputLink = code(1053, "input-link", Warning,
		"A symbolic link stands in a folder of manifests. Only the links of mounted ConfigMaps and Secrets (to ..data beside them) are followed; any other could lead out of the folder and is passed over. Name the link's target on the command line instead.")
	InputName = code(1054, "input-name", Warning,
		"The name of a file holds control characters or bytes that are no text. The file is passed over.")
	InputKept = code(1055, "input-kept", Warning,
		"A file that was good has an error now. The objects that it held before and that cannot be read any more stay in force as they were until the file is repaired; what can be read counts.")
	ClassesUnreadable = code(1056, "classes-unreadable", Warning,
		"The API server does not let Headgate list IngressClasses. Ingresses are taken then if spec.ingressClassName, or else the annotation kubernetes.io/ingress.class, is the name of --ingress-class; the controller of the class is not looked at. Grant list and watch on ingressclasses to have it looked at.")
)
