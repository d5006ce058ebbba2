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
	ObjectKept = code(1060, "object-kept", Error,
		"An object that served was changed and cannot be used as it is written now. While headgate run goes on, its last good version is served instead, without the hosts and paths that the new version does not name any more; of a ConfigMap, only the former values of the entries concerned. It stays so until the object can be used again or is deleted. After a restart only what is written counts: repair it before.")
	ObjectNotKept = code(1061, "object-not-kept", Warning,
		"An Ingress that served was changed and cannot be used as it is written now. Its last good version is not served instead, because the change adds or changes an annotation that decides who gets in: the former version may let in somebody who was to be kept out.")
	WithdrawalHeld = code(1062, "withdrawal-held", Error,
		"Many hosts would be gone at once, and not because their Ingresses were deleted: an IngressClass has gone or changed, or files are empty, cut off or no longer there. They stay as they were for --withdrawal-delay and go then, unless the cause has gone before. If it is meant, restart headgate or delete the Ingresses.")
	InputUnsettled = code(1063, "input-unsettled", Warning,
		"A file is still being written: another process has it open for writing, or it changed a moment ago, or it is suddenly empty or cut off. It is read as soon as it has not changed for a while; until then, what it held before stays in force.")
)
