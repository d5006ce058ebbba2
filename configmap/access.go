package configmap

var accessAnnotations = group("access",
	Spec{Key: AllowListSourceRange, Aliases: []Key{WhitelistSourceRange}, Type: CIDRs, Global: WhitelistSourceRange, Risk: Medium,
		OnInvalid: CloseRoute, EmptyInvalid: true, Guards: true, Idle: IdleOpen,
		Doc: "Lets these clients in and answers 403 to all others. It takes the place of the global list."},
	Spec{Key: DenyListSourceRange, Type: CIDRs, Global: DenyListSourceRange, Risk: Medium, OnInvalid: CloseRoute, Guards: true, Idle: IdleNever,
		Doc: "Answers 403 to these clients, before any allow-list is looked at. It takes the place of the global list."},
)
