package conf

// kind is what an argument means to nginx, which decides what values may stand there and how they are written.
type kind uint8

const (
	// kindNone is where nothing may be printed.
	kindNone kind = iota
	// kindStatement takes a Block, kindComment an engine.Origin.
	kindStatement
	kindComment
	// kindLiteral is taken as it stands; kindText has its $variables evaluated.
	kindLiteral
	kindText
	// kindLine is kindText that ends up in a header line: no control bytes.
	kindLine
	kindHeaderName
	kindHeaderValue
	kindParameterName
	kindRealm
	kindMapKey
	kindGeoKey
	kindShare
	kindMime
	kindRegex
	// kindLocation is the path, regex or name of a location without modifier.
	kindLocation
	kindPath
	// kindTarget is where a request goes on inside a server: a path, a named location, an expression.
	kindTarget
	// kindErrorTarget is a kindTarget or one of the codes before it.
	kindErrorTarget
	kindReplacement
	kindRewrite
	kindOperand
	kindAnswer
	kindTime
	kindSize
	kindRate
	kindNumber
	kindSwitch
	kindWord
	kindSwitchWord
	kindName
	kindVariable
	kindNetwork
	kindAddress
	kindListen
	kindMember
	kindHost
	kindPass
	kindGRPCPass
	kindFastCGIPass
	kindStreamPass
	kindFile
	kindFileText
	kindLog
	kindCache
	kindZone
	kindFrequency
	kindParam
)

// spec says what the arguments of a directive are: args by index, rest for all that follow.
type spec struct {
	args []kind
	rest kind
	// byWords, if not nil, decides by the words in front of the argument instead.
	byWords func(words []string) kind
	params  map[string]kind
}

// at returns the kind of the next argument, and whether a list may stand there. With open, more words than those given may stand in
// front of it.
func (s spec) at(words []string, open bool) (k kind, list bool) { //nolint:revive // open is what is known of the words, not a switch
	i := len(words) - 1
	if s.byWords != nil {
		if open {
			return kindNone, false
		}
		return s.byWords(words), false
	}
	if !open {
		if i < len(s.args) {
			return s.args[i], false
		}
		return s.rest, s.rest != kindNone
	}
	for _, k := range s.args[min(i, len(s.args)):] {
		if k != s.rest {
			return kindNone, false
		}
	}
	return s.rest, s.rest != kindNone
}

// entryKind is what an action at the beginning of a statement prints, by the block that it stands in.
func entryKind(parent string) kind {
	switch parent {
	case "map":
		return kindMapKey
	case "geo":
		return kindGeoKey
	case "split_clients":
		return kindShare
	case "types":
		return kindMime
	default:
		return kindStatement
	}
}

// lookup finds the spec of a directive, or of an entry of a list-like block.
func lookup(path, parent, name string) (spec, bool) {
	if s, ok := entries[parent]; ok {
		if name == "include" {
			return directives["include"], true
		}
		return s, true
	}
	if s, ok := directives[parent+"/"+name]; ok {
		return s, true
	}
	if inStream(path) {
		if s, ok := directives["stream/"+name]; ok {
			return s, true
		}
	}
	s, ok := directives[name]
	return s, ok
}

func inStream(path string) bool {
	return len(path) >= 6 && path[:6] == "stream" && (len(path) == 6 || path[6] == '/')
}
