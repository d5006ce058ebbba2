package model

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/dlclark/regexp2"
)

// compileBytes compiles for matching bytes, as PCRE does without UTF in the locale "C": every byte of pattern and text is one character,
// and those beyond ASCII are no letters, digits or blanks and have no other case. Package regexp2 reads Unicode, so these bytes are
// moved to where Unicode knows nothing about them.
func compileBytes(pattern string, options regexp2.RegexOptions) (*regexp2.Regexp, error) {
	pattern = beyondASCII.ReplaceAllStringFunc(pattern, func(escape string) string {
		if len(escape) != len(`\xff`) {
			return escape
		}
		b, _ := strconv.ParseUint(escape[2:], 16, 8)
		return string([]byte{byte(b)})
	})
	pattern = namedClass.ReplaceAllStringFunc(pattern, func(name string) string { return namedClasses[name[2:len(name)-2]] })
	return regexp2.Compile(wide(pattern), options)
}

// compileRegex is compileBytes without regard to case.
func compileRegex(pattern string) (*regexp2.Regexp, error) {
	return compileBytes(pattern, regexp2.IgnoreCase)
}

// beyondASCII finds the escapes of bytes that [QuoteRegex] writes; to be sure where they begin it finds all escapes.
var beyondASCII = regexp.MustCompile(`(?s)\\(?:x[89a-f][0-9a-f]|.)`)

// namedClass finds what stands for several bytes in a bracket; [CheckRegex] admits it nowhere else.
var namedClass = regexp.MustCompile(`\[:[a-z]+:\]`)

// namedClasses are the bytes of the named classes, which regexp2 does not know. Without regard to case lower and upper are alike.
var namedClasses = map[string]string{
	"alnum": `0-9A-Za-z`, "alpha": `A-Za-z`, "ascii": `\x00-\x7f`, "blank": `\t `, "cntrl": `\x00-\x1f\x7f`, "digit": `0-9`, "graph": `!-~`,
	"lower": `a-z`, "print": ` -~`, "punct": "!-/:-@\\[-`{-~", "space": `\t-\r `, "upper": `A-Z`, "word": `0-9A-Za-z_`, "xdigit": `0-9A-Fa-f`,
}

// private is the beginning of the characters that Unicode leaves to others.
const private = 0xe000

// wide makes one character of each byte.
func wide(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		if runes[i] = rune(s[i]); s[i] >= 0x80 {
			runes[i] += private
		}
	}
	return string(runes)
}

// narrow makes bytes of characters again.
func narrow(s string) string {
	var b strings.Builder
	for _, c := range s {
		b.WriteByte(byte(c))
	}
	return b.String()
}
