package configmap

import "regexp"

// Patterns of values, named by what they allow. They list characters: nothing is allowed because it was not thought of.
const (
	plain     = `[A-Za-z0-9/\-._~:]+`
	plainSp   = `[A-Za-z0-9/\-._~: ]+`
	urlChars  = `[A-Za-z0-9/\-._~:,?&=]+`
	urlSp     = `[A-Za-z0-9/\-._~:,?&= ]+`
	authChars = `[A-Za-z0-9/\-._~:, ?&=$]+`
	regexText = `[A-Za-z0-9/\-._~:^$\[\](){}*+?|&=\\]+`
	variables = `[A-Za-z0-9\-_${}]+`
	rewritten = `/?[A-Za-z0-9\-._~/:$]+`
	rooted    = `/[A-Za-z0-9\-._~/:$]*`
	word      = `[A-Za-z0-9_\-]+`
	dotted    = `[A-Za-z0-9.\-_]+`
	letters   = `[A-Za-z]+`
	ciphers   = `[A-Za-z0-9!:+\-_]+(@STRENGTH|@SECLEVEL=[0-2]|[A-Za-z0-9!:+\-_])*`
	peerCiph  = `[A-Za-z0-9+:_\-!]+`
	fieldName = `[A-Za-z0-9\-_]+`
	// printableName is a header name that can be given to every proxy, variableName one that they have variables for.
	printableName = `[A-Za-z0-9\-]{1,200}`
	variableName  = `[A-Za-z0-9\-_]{1,200}`
	domains       = `off|[A-Za-z0-9\-._~/:]+ +[A-Za-z0-9\-._~/:]+`
	origin        = `\*|null|[a-z]+://(\*\.)?[A-Za-z0-9\-.]+(:[0-9]{1,5})?`
	errorPage     = `@[A-Za-z0-9_\-]+|(https?://[A-Za-z0-9\-.]+(:[0-9]{1,5})?)?(/[A-Za-z0-9\-_.]*)*`
	cacheFor      = `([0-9]{3} +)*([0-9]+(ms|[smhdwMy]))( +[0-9]+(ms|[smhdwMy]))*`
	subject       = `CN=.+`
	pathStart     = `/[A-Za-z0-9\-._~/:%@+]*`
	plainType     = `[A-Za-z0-9.+\-_]+/[A-Za-z0-9.+\-_]+`
	mediaType     = `\*|[A-Za-z0-9!#$&^_.+\-]+/[A-Za-z0-9!#$&^_.+*\-]+`
	filePath      = `off|stdout|stderr|[A-Za-z0-9/\-._:=,$]+`
	tableSize     = `[a-z_]+ *: *[0-9]+[kKmM]?`
	hostName      = `[A-Za-z0-9\-._:]*`
	variable      = `\$[A-Za-z0-9_${}\-.:]*`
)

// plainText matches what a reference to an object may be made of.
var plainText = regexp.MustCompile(`\A` + plain + `\z`)
