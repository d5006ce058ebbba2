package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
)

// Options say what a set of templates is for.
type Options struct {
	// Entries are the templates that [Set.Execute] may be asked for, each with the context that its output stands in, in the words
	// of the language ("" is the top of a file). All other templates are reached from these by {{template}}.
	Entries map[string]string
	// Override, if not nil, replaces single templates: a file replaces the template of its name, a {{define}} or {{block}} in it the
	// template of that name, wherever it was defined.
	Override fs.FS
	// OverrideSkip is a folder of Override that belongs to another language.
	OverrideSkip string
	// OverrideName is how messages call the root of Override, usually its path.
	OverrideName string
}

// suffix is what the names of template files end in.
const suffix = ".tmpl"

// Load reads all files *.tmpl of fsys, checks what every action fills, and adds the encoder of its position to each. The name of a
// file's template is its path without the suffix. The error joins a [*LoadError] for each fault.
func Load(fsys fs.FS, lang Language, opts Options) (*Set, error) {
	names, funcs := functions(lang)
	l := &loader{lang: lang, names: names, trees: map[string]*definition{}}
	l.readAll(fsys, "")
	if opts.Override != nil {
		l.overriding, l.skip = true, opts.OverrideSkip
		l.readAll(opts.Override, opts.OverrideName)
	}
	if len(l.errs) > 0 {
		return nil, errors.Join(l.errs...)
	}
	c := &checker{lang: lang, trees: l.trees, derived: map[string]*parse.Tree{}, replaced: opts.Override != nil, used: map[string]int{}}
	set := &Set{lang: lang, entries: map[string]string{}}
	for _, entry := range slices.Sorted(maps.Keys(opts.Entries)) {
		set.entries[entry] = c.enter(entry, opts.Entries[entry])
	}
	if len(c.errs) == 0 {
		c.refuseUnused()
	}
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	set.sites = c.sites
	set.templates = template.New("").Option("missingkey=error").Funcs(funcs).Funcs(template.FuncMap{encoderName: set.encode})
	for _, name := range slices.Sorted(maps.Keys(c.derived)) {
		if _, err := set.templates.AddParseTree(name, c.derived[name]); err != nil {
			return nil, fmt.Errorf("adding template %s: %w", name, err)
		}
	}
	return set, nil
}

// definition is a template as it was written.
type definition struct {
	tree   *parse.Tree
	source source
	// overrides says that it comes from Options.Override.
	overrides bool
}

type loader struct {
	lang       Language
	names      map[string]any
	trees      map[string]*definition
	overriding bool
	skip       string
	errs       []error
}

// readAll parses every template file below a root. Hidden files and folders are passed over: in a mounted ConfigMap they hold a second
// copy of everything.
func (l *loader) readAll(fsys fs.FS, root string) {
	err := fs.WalkDir(fsys, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file == l.skip, entry.IsDir() && file != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir() || strings.HasPrefix(entry.Name(), ".") || !strings.HasSuffix(file, suffix):
			return nil
		}
		text, err := readRegular(fsys, file)
		if err != nil {
			return err
		}
		l.parse(strings.TrimSuffix(file, suffix), source{file: path.Join(root, file), text: string(text)})
		return nil
	})
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("reading templates: %w", err))
	}
}

// readRegular reads a file, or what a link leads to. A pipe would keep the reader waiting for ever.
func readRegular(fsys fs.FS, file string) ([]byte, error) {
	info, err := fs.Stat(fsys, file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", file)
	}
	return fs.ReadFile(fsys, file)
}

// parse adds the templates of one file.
func (l *loader) parse(name string, src source) {
	trees := map[string]*parse.Tree{}
	if _, err := parse.New(name).Parse(src.text, "{{", "}}", trees, l.names); err != nil {
		l.errs = append(l.errs, parseError(name, src, err))
		return
	}
	for _, defined := range slices.Sorted(maps.Keys(trees)) {
		tree := trees[defined]
		// A file that only defines blocks leaves an empty template under its own name.
		if defined == name && len(trees) > 1 && parse.IsEmptyTree(tree.Root) {
			continue
		}
		if old := l.trees[defined]; old != nil && old.overrides == l.overriding {
			l.errs = append(l.errs, src.at(int(tree.Root.Position()),
				"the template %q is defined a second time, first in %s; keep one of the two", defined, old.source.file))
			continue
		}
		l.trees[defined] = &definition{tree: tree, source: src, overrides: l.overriding}
	}
}

// parseError gives an error of the template parser, which knows the line only, the column of the first action on that line.
func parseError(name string, src source, err error) error {
	reason := strings.TrimPrefix(err.Error(), "template: "+name+":")
	number, rest, found := strings.Cut(reason, ":")
	line, convErr := strconv.Atoi(number)
	if !found || convErr != nil {
		return &LoadError{File: src.file, Reason: reason}
	}
	e := &LoadError{File: src.file, Line: line, Column: 1, Reason: strings.TrimSpace(rest)}
	if lines := strings.Split(src.text, "\n"); line <= len(lines) {
		e.Column += max(strings.Index(lines[line-1], "{{"), 0)
	}
	if strings.Contains(rest, "not defined") {
		e.Reason += fmt.Sprintf("; the functions are %s", strings.Join(Functions(), ", "))
	}
	return e
}

// Functions are the names of what templates of every language may call.
func Functions() []string {
	return slices.Sorted(slices.Values(slices.Concat(sprigNames, builtinNames)))
}
