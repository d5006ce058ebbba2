package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headgate/headgate/render"
)

// listFile, in an output folder, lists the files that were written there. Only what it lists is ever removed again.
const listFile = ".headgate-files"

// writtenBy begins the line of the list that says how its folder was written.
const writtenBy = "# headgate "

// writeFolder makes a folder hold the files, and removes those of an earlier rendering that are no more. Files that headgate did not
// write stay. All access goes through a handle of the folder, so that no link in it leads elsewhere.
func writeFolder(dir string, files []render.File, how string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the output folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("opening the output folder: %w", err)
	}
	defer root.Close()
	if err := removeStale(root, files); err != nil {
		return fmt.Errorf("removing files of an earlier rendering from %s: %w", dir, err)
	}
	var list strings.Builder
	list.WriteString(writtenBy + how + "\n")
	for _, f := range files {
		if err := writeInto(root, f); err != nil {
			return fmt.Errorf("writing to %s: %w", dir, err)
		}
		list.WriteString(f.Path + "\n")
	}
	if err := writeInto(root, render.File{Path: listFile, Mode: 0o644, Data: []byte(list.String())}); err != nil {
		return fmt.Errorf("writing to %s: %w", dir, err)
	}
	return nil
}

// writeInto writes one file. It is made anew, so that its mode is right and a link in its place is not followed.
func writeInto(root *os.Root, f render.File) error {
	if err := root.MkdirAll(path.Dir(f.Path), 0o755); err != nil {
		return err
	}
	if err := root.Remove(f.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return root.WriteFile(f.Path, f.Data, fs.FileMode(f.Mode))
}

// removeStale removes the listed files that are not among the new ones, and the folders that become empty by it.
func removeStale(root *os.Root, files []render.File) error {
	kept := byPath(files)
	listed, err := readList(root)
	if err != nil {
		return err
	}
	for name := range listed {
		if _, again := kept[name]; again {
			continue
		}
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for dir := path.Dir(name); dir != "." && root.Remove(dir) == nil; dir = path.Dir(dir) {
		}
	}
	return nil
}

// readList reads which files of a folder headgate wrote; none where there is no list.
func readList(root *os.Root) (map[string]bool, error) {
	text, err := root.ReadFile(listFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	listed := map[string]bool{}
	for name := range strings.Lines(string(text)) {
		if name = strings.TrimSuffix(name, "\n"); fs.ValidPath(name) && !strings.HasPrefix(name, "#") {
			listed[name] = true
		}
	}
	return listed, nil
}

// refuseForeign is an error if writing the files would overwrite some that headgate did not write. Nothing is written then.
func refuseForeign(dir string, files []render.File) error {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening the output folder: %w", err)
	}
	defer root.Close()
	listed, err := readList(root)
	if err != nil {
		return fmt.Errorf("reading the output folder: %w", err)
	}
	var foreign []string
	for _, f := range files {
		if listed[f.Path] {
			continue
		}
		there, err := root.ReadFile(f.Path)
		if err == nil && !bytes.Equal(there, f.Data) {
			foreign = append(foreign, f.Path)
		}
	}
	if len(foreign) > 0 {
		return fmt.Errorf("%s holds files that headgate did not write: %s; nothing was written. Give another folder, or --force to overwrite them",
			dir, strings.Join(foreign, ", "))
	}
	return nil
}

// checkFolder compares a committed folder with the files and prints the difference. Key material is not compared.
func checkFolder(out, notices io.Writer, dir, how string, files []render.File) error {
	committed, err := readFolder(dir)
	if err != nil {
		return fmt.Errorf("reading the folder to compare with: %w", err)
	}
	differing := 0
	rendered := byPath(files)
	if err := dropForeign(dir, committed, rendered); err != nil {
		return fmt.Errorf("reading the folder to compare with: %w", err)
	}
	for _, name := range namesOf(committed, files) {
		file := rendered[name]
		if file != nil && file.Sensitive {
			continue
		}
		diff := compareFile(dir, name, committed, file)
		if diff == "" {
			continue
		}
		differing++
		if _, err := io.WriteString(out, diff); err != nil {
			return err
		}
	}
	if differing == 0 {
		return nil
	}
	reportFlagsOf(notices, dir, how)
	fmt.Fprintf(notices, "headgate: %d of the files differ from %s; the same command with -o %s instead of --check writes them\n", differing, dir, dir)
	return errFindings
}

// dropForeign leaves out of the comparison what is beside the configuration, as a README. What headgate wrote once, and what the proxy
// could read because it stands beside files of the same kind, is compared.
func dropForeign(dir string, committed map[string]string, rendered map[string]*render.File) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	listed, err := readList(root)
	if err != nil {
		return err
	}
	kinds := map[string]bool{}
	for name := range rendered {
		kinds[kindOfFile(name)] = true
	}
	for name := range listed {
		kinds[kindOfFile(name)] = true
	}
	for name := range committed {
		if rendered[name] == nil && !listed[name] && !kinds[kindOfFile(name)] {
			delete(committed, name)
		}
	}
	return nil
}

// kindOfFile is what files that a proxy reads together have in common: folder and extension.
func kindOfFile(name string) string { return path.Dir(name) + "/*" + path.Ext(name) }

// reportFlagsOf says so if a folder was written with other flags than it is compared with: then most of the difference is theirs.
func reportFlagsOf(notices io.Writer, dir, how string) {
	text, err := os.ReadFile(filepath.Join(dir, listFile))
	first, _, _ := strings.Cut(string(text), "\n")
	if before, known := strings.CutPrefix(first, writtenBy); err == nil && known && before != how {
		fmt.Fprintf(notices, "headgate: %s was written by %q, and this is %q\n", dir, "headgate "+before, "headgate "+how)
	}
}

// byPath makes files findable.
func byPath(files []render.File) map[string]*render.File {
	index := make(map[string]*render.File, len(files))
	for i := range files {
		index[files[i].Path] = &files[i]
	}
	return index
}

// compareFile prints how a committed file differs from the rendered one, either of which may be missing; the latter is nil then.
func compareFile(dir, name string, committed map[string]string, rendered *render.File) string {
	oldName, newName, text := filepath.ToSlash(filepath.Join(dir, name)), "rendered/"+name, ""
	old, exists := committed[name]
	if !exists {
		oldName = os.DevNull
	}
	if rendered == nil {
		newName = os.DevNull
	} else {
		text = string(rendered.Data)
	}
	if diff := unified(oldName, newName, old, text); diff != "" || oldName != os.DevNull && newName != os.DevNull {
		return diff
	}
	return fmt.Sprintf("--- %s\n+++ %s\n", oldName, newName) // an empty file that is missing on one side
}

// namesOf returns the names of both sides, sorted.
func namesOf(committed map[string]string, files []render.File) []string {
	var names []string
	for name := range committed {
		names = append(names, name)
	}
	for _, f := range files {
		names = append(names, f.Path)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// readFolder reads all files below a folder but the list and what version control keeps there.
func readFolder(dir string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(dir, name)
		if err != nil || relative == listFile || entry.Name() == ".gitattributes" || entry.Name() == ".gitignore" {
			return err
		}
		data, err := os.ReadFile(name)
		files[filepath.ToSlash(relative)] = string(data)
		return err
	})
	return files, err
}
