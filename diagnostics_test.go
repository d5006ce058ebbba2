package headgate_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/headgate/headgate/diag"
)

// provokers are the tests that provoke what no golden file shows: diagnostics of folders, clusters, proxies and flags, and those that need
// keys. They stand in the folder that is named first.
var provokers = map[diag.Code]string{
	diag.InputLimit.Code:             "manifest TestLimits",
	diag.ObjectRepeated.Code:         "manifest TestRepeatedObjects",
	diag.InputUnreadable.Code:        "watch TestFiles",
	diag.InputTooLarge.Code:          "watch TestReadPathsLimits",
	diag.InputLink.Code:              "watch TestReadPaths",
	diag.InputName.Code:              "watch TestFiles",
	diag.InputKept.Code:              "watch TestFiles",
	diag.ClassesUnreadable.Code:      "watch TestCluster",
	diag.InputUnsettled.Code:         "watch TestAFileThatIsWrittenInPlaceSlowlyLosesNothing",
	diag.ObjectKept.Code:             "retain TestAnIngressIsKept",
	diag.ObjectNotKept.Code:          "retain TestAnIngressIsKept",
	diag.WithdrawalHeld.Code:         "retain TestTheBrake",
	diag.InputEmpty.Code:             "cmd/headgate TestAnEmptyInputFails",
	diag.AnnotationRisk.Code:         "configmap TestOperatorRules",
	diag.AnnotationBlocked.Code:      "configmap TestOperatorRules",
	diag.AnnotationSnippet.Code:      "configmap TestOperatorRules",
	diag.ValueSpelling.Code:          "configmap TestWhatABadValueCosts",
	diag.AnnotationInert.Code:        "configmap TestWhatABadValueCosts",
	diag.SettingInert.Code:           "configmap TestSettingValues",
	diag.EndpointsBound.Code:         "translate TestEndpointsAreBounded",
	diag.PortsBound.Code:             "translate TestPortsAreBounded",
	diag.CanariesBound.Code:          "translate TestCanariesOfAPathAreBounded",
	diag.SizeBound.Code:              "translate TestPathsOfAnIngressAreBounded",
	diag.CookiePath.Code:             "translate TestCookiePath",
	diag.CanaryInherits.Code:         "translate TestCanaryTakesOtherAnnotationsFromTheMainIngress",
	diag.NoneTaken.Code:              "translate TestNoneTaken",
	diag.WildcardCertificate.Code:    "translate TestWildcardOfAnotherNamespaceLendsItsCertificate",
	diag.CertificateHost.Code:        "translate TestCommonNames",
	diag.CertificatePlaceholder.Code: "cmd/headgate TestCommandLines",
	diag.TemplateFault.Code:          "render/nginx TestTemplateThatFailsCostsWhatItPrints",
	diag.StreamModule.Code:           "render/nginx TestWithoutStreamModule",
	diag.CheckRefused.Code:           "reload TestDiagnostics",
	diag.CheckSkipped.Code:           "reload TestHAProxySidecarWithoutBinary",
	diag.CheckWarned.Code:            "reload TestHAProxyCheckWarns",
	diag.ReloadFailed.Code:           "reload TestDiagnostics",
	diag.ProxyUnreachable.Code:       "reload TestDiagnostics",
	diag.ProxyLate.Code:              "reload TestDiagnostics",
	diag.OldWorkers.Code:             "reload TestDiagnostics",
	diag.PortBusy.Code:               "cmd/headgate TestPortsOfTheProxyItselfAreNotBusy",
	diag.AddressMissing.Code:         "cmd/headgate TestAddressesOfOtherMachines",
}

// TestEveryCodeIsProvoked: a diagnostic that no test provokes may never come, or say anything.
func TestEveryCodeIsProvoked(t *testing.T) {
	golden, variables := codesOfGoldens(t), codeVariables(t)
	for _, c := range diag.Codes() {
		provoker, listed := provokers[c.Code]
		switch {
		case listed:
			dir, test, _ := strings.Cut(provoker, " ")
			if why := names(t, dir, test, []string{c.Slug, "diag." + variables[c.Number]}); why != "" {
				t.Errorf("%s: %s", c.Code, why)
			}
		case !golden[c.Number]:
			t.Errorf("%s: no want.diag has it; add a case to testdata, or to the table provokers the test that provokes it", c.Code)
		}
	}
}

var codeInGolden = regexp.MustCompile(`\b(?:info|warning|error)\[(\d{4}) [a-z0-9-]+\]`)

// codesOfGoldens are the codes in what cases want: of testdata, and of the loader.
func codesOfGoldens(t *testing.T) map[int]bool {
	t.Helper()
	seen := map[int]bool{}
	for _, pattern := range []string{"testdata/*/*/want.diag", "manifest/testdata/load/*.want"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("nothing is like %s: %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range codeInGolden.FindAllSubmatch(data, -1) {
				number, _ := strconv.Atoi(string(match[1]))
				seen[number] = true
			}
		}
	}
	return seen
}

// codeVariables are the variables of package diag that hold the codes, by number.
func codeVariables(t *testing.T) map[int]string {
	t.Helper()
	variables := map[int]string{}
	for _, file := range parsed(t, "diag", func(name string) bool { return strings.HasPrefix(name, "codes_") }) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			if call, ok := spec.Values[0].(*ast.CallExpr); ok && len(call.Args) > 0 {
				if literal, ok := call.Args[0].(*ast.BasicLit); ok {
					number, _ := strconv.Atoi(literal.Value)
					variables[number] = spec.Names[0].Name
				}
			}
			return true
		})
	}
	return variables
}

// names says why a test does not name a code; empty if it does, or else what stands beside it in the same file: tables, and what tests
// have in common.
func names(t *testing.T, dir, test string, words []string) string {
	t.Helper()
	for _, file := range parsed(t, dir, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		found, exists := false, false
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				exists = exists || n.Recv == nil && n.Name.Name == test
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok {
					found = found || matches(x.Name+"."+n.Sel.Name, words)
				}
			case *ast.BasicLit:
				found = found || matches(n.Value, words)
			}
			return true
		})
		switch {
		case exists && found:
			return ""
		case exists:
			return "the file of " + test + " in " + dir + " does not name it"
		}
	}
	return "there is no " + test + " in " + dir
}

// matches reports whether one of some words stands in a text, not as a part of a longer one.
func matches(text string, words []string) bool {
	for _, word := range words {
		for rest := text; ; {
			before, after, found := strings.Cut(rest, word)
			if !found {
				break
			}
			if !endsInWord(before) && !beginsWithWord(after) {
				return true
			}
			rest = after
		}
	}
	return false
}

const wordBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

func endsInWord(s string) bool     { return s != "" && strings.IndexByte(wordBytes, s[len(s)-1]) >= 0 }
func beginsWithWord(s string) bool { return s != "" && strings.IndexByte(wordBytes, s[0]) >= 0 }

// parsed are the Go files of a folder that a condition admits.
func parsed(t *testing.T, dir string, admits func(name string) bool) []*ast.File {
	t.Helper()
	entries, err := fs.ReadDir(os.DirFS(dir), ".")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") && admits(name) {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	return files
}
