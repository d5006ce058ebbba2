// Package lex is what the lexers of the configuration languages share: where in a line of a template its text ends, and which words
// of a statement are known there.
package lex

import "errors"

// Place says where between and in words the text ends.
type Place uint8

const (
	// Between is where a word, a statement or a line can begin.
	Between Place = iota
	// AfterBlock is behind statements that an action prints: the line has to end, or the block.
	AfterBlock
	// AfterWord is behind an action, and where quotes end a word behind them: a blank or the end of the statement has to come.
	AfterWord
	// InWord is inside of a word without quotes.
	InWord
	// InDouble is between double quotes.
	InDouble
	// InSingle is between single quotes.
	InSingle
	// InComment is behind the sign of a comment.
	InComment
)

const (
	// WordEnd ends each word in the text of a statement's words; NUL cannot be part of one.
	WordEnd = "\x00"
	// ValueWord stands among the words for one that an action prints.
	ValueWord = "\x01"
)

// CheckAction reports why no action can stand at a place. The noun is what the language calls its words: "an argument", "a word".
func (p Place) CheckAction(noun string) error {
	switch p {
	case InDouble, InSingle:
		return errors.New("an action cannot stand inside quotes; write it without quotes, it is quoted as it needs to be")
	case InWord, AfterWord:
		return errors.New("an action has to be " + noun + " of its own; put a blank between it and what stands before it")
	}
	return nil
}

// CommonWords returns the words, each with [WordEnd] behind it, that two statements have in common at their beginning.
func CommonWords(a, b string) string {
	n := 0
	for i := 0; i < min(len(a), len(b)) && a[i] == b[i]; i++ {
		if a[i] == WordEnd[0] {
			n = i + 1
		}
	}
	return a[:n]
}

// IsAlnum reports whether a byte is a letter or a digit of ASCII.
func IsAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
