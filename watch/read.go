package watch

import (
	"errors"
	"fmt"
	"io"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// Stdin is the path that means standard input.
const Stdin = "-"

// stdinName is the file name in positions of what came from standard input.
const stdinName = "<stdin>"

// ReadPaths reads manifests once: files, folders with all that is below them, and standard input for the path "-". In folders only
// .yaml, .yml and .json files count, hidden ones do not, and of symbolic links only kubelet's are followed; a path that is given may be
// any file and may be a link. What is too large is a diagnostic, what cannot be read an error.
func ReadPaths(paths []string, stdin io.Reader) ([]manifest.Input, diag.List, error) {
	var rest []string
	var inputs []manifest.Input
	var remarks diag.List
	for _, p := range paths {
		if p != Stdin {
			rest = append(rest, p)
			continue
		}
		input, err := readStdin(stdin, &remarks)
		if err != nil {
			return nil, nil, err
		}
		inputs = append(inputs, input)
		stdin = eof{}
	}
	t := readTree(rest, func(string) {})
	for _, f := range t.files {
		inputs = append(inputs, manifest.Input{Name: f.name, Data: f.data})
	}
	remarks = append(remarks, t.remarks...)
	for _, f := range t.failures {
		if !f.isLimit() {
			return nil, nil, fmt.Errorf("reading manifests: %w", f.err)
		}
		remarks.Add(f.remark("it is not read"))
	}
	remarks.Sort()
	return inputs, remarks, nil
}

func readStdin(stdin io.Reader, remarks *diag.List) (manifest.Input, error) {
	data, err := io.ReadAll(io.LimitReader(stdin, maxFileBytes+1))
	if err != nil {
		return manifest.Input{}, fmt.Errorf("reading standard input: %w", err)
	}
	if len(data) > maxFileBytes {
		remarks.Add(failure{stdinName, errTooLarge}.remark("it is not read"))
		data = nil
	}
	return manifest.Input{Name: stdinName, Data: data}, nil
}

// eof is what standard input holds when it is named a second time.
type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

func (f failure) isLimit() bool { return errors.Is(f.err, errTooLarge) || errors.Is(f.err, errTooDeep) }

// remark says what could not be read and what was done about it.
func (f failure) remark(consequence string) diag.Diagnostic {
	code := diag.InputUnreadable
	if f.isLimit() {
		code = diag.InputTooLarge
	}
	return code.At(diag.Pos{File: f.name}, diag.Ref{}, "", "%s; %s", reason(f.err), consequence)
}

// reason is an error without the path, which stands in the position already.
func reason(err error) string {
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		err = cause
	}
	return err.Error()
}
