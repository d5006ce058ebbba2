package diag

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

// thousands says which file holds which group of codes.
var thousands = map[string]int{
	"codes_input.go": 1, "codes_settings.go": 2, "codes_conflict.go": 3, "codes_reference.go": 4,
	"codes_owner.go": 3, "codes_target.go": 5, "codes_check.go": 6, "codes_reload.go": 7, "codes_watch.go": 1,
}

func TestCodesAreUniqueAndDocumented(t *testing.T) {
	slug := regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)
	numbers, slugs := map[int]string{}, map[string]int{}
	for _, c := range Codes() {
		if other, taken := numbers[c.Number]; taken {
			t.Errorf("%d is both %s and %s", c.Number, other, c.Slug)
		}
		if other, taken := slugs[c.Slug]; taken {
			t.Errorf("%s is both %d and %d", c.Slug, other, c.Number)
		}
		numbers[c.Number], slugs[c.Slug] = c.Slug, c.Number
		if !slug.MatchString(c.Slug) {
			t.Errorf("%s: the slug is not of lower-case words and dashes", c.Code)
		}
		if len(c.Doc) < 60 || !strings.HasSuffix(c.Doc, ".") {
			t.Errorf("%s: the documentation is not a paragraph: %q", c.Code, c.Doc)
		}
	}
	if len(numbers) < 20 {
		t.Errorf("only %d codes were found", len(numbers))
	}
}

func TestCodesStandInTheFileOfTheirThousand(t *testing.T) {
	found := 0
	for file, thousand := range thousands {
		syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || fmt.Sprint(call.Fun) != "code" {
				return true
			}
			found++
			if number := call.Args[0].(*ast.BasicLit).Value; number[0] != byte('0'+thousand) || len(number) != 4 {
				t.Errorf("%s holds the code %s", file, number)
			}
			return true
		})
	}
	if found != len(Codes()) {
		t.Errorf("%d codes are declared in the files of codes, %d exist", found, len(Codes()))
	}
}
