package diag

import (
	"io"
	"net/url"
	"slices"
	"strconv"
)

const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://json.schemastore.org/sarif-2.1.0.json"
	toolName     = "headgate"
	toolURI      = "https://github.com/headgate/headgate"
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	URI   string      `json:"informationUri"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Description sarifText    `json:"fullDescription"`
	HelpURI     string       `json:"helpUri"`
	Default     sarifDefault `json:"defaultConfiguration"`
}

type sarifDefault struct {
	Level string `json:"level"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

func printSARIF(w io.Writer, l List) error {
	rules := usedCodes(l)
	run := sarifRun{
		Tool:       sarifTool{Driver: sarifDriver{Name: toolName, URI: toolURI, Rules: make([]sarifRule, len(rules))}},
		ColumnKind: "unicodeCodePoints",
		Results:    make([]sarifResult, len(l)),
	}
	for i, c := range rules {
		run.Tool.Driver.Rules[i] = sarifRule{
			ID: strconv.Itoa(c.Number), Name: c.Slug, Description: sarifText{c.Doc}, HelpURI: c.URL(), Default: sarifDefault{sarifLevel(c.Severity)},
		}
	}
	for i, d := range l {
		run.Results[i] = newSARIFResult(d)
		run.Results[i].RuleIndex = slices.IndexFunc(rules, func(c CodeInfo) bool { return c.Code == d.Code })
	}
	return encodeJSON(w, sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}})
}

// usedCodes returns the codes of the list, by number.
func usedCodes(l List) []CodeInfo {
	used := make(map[Code]bool)
	for _, d := range l {
		used[d.Code] = true
	}
	return slices.DeleteFunc(Codes(), func(c CodeInfo) bool { return !used[c.Code] })
}

func newSARIFResult(d Diagnostic) sarifResult {
	text := d.subject() + d.Message
	if d.Hint != "" {
		text += ". Hint: " + d.Hint
	}
	r := sarifResult{RuleID: strconv.Itoa(d.Code.Number), Level: sarifLevel(d.Severity), Message: sarifText{printable(text)}}
	var at sarifLocation
	if d.Pos.File != "" {
		// A path becomes a URI reference: blanks, percent signs and colons in it must not change its meaning.
		uri := url.URL{Path: d.Pos.File}
		at.Physical = &sarifPhysical{Artifact: sarifArtifact{URI: uri.String()}}
		if d.Pos.Line > 0 {
			at.Physical.Region = &sarifRegion{StartLine: d.Pos.Line, StartColumn: d.Pos.Column}
		}
	}
	if !d.Ref.IsZero() {
		at.Logical = []sarifLogical{{Name: d.Ref.String(), Kind: "resource"}}
	}
	if at.Physical != nil || at.Logical != nil {
		r.Locations = []sarifLocation{at}
	}
	return r
}

func sarifLevel(s Severity) string {
	if s == Info {
		return "note"
	}
	return s.String()
}
