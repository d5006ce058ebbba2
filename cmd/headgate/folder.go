package main

import (
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

// writeFolder makes a folder hold the files, and removes those of an earlier rendering that are no more. Files that headgate did not
// write stay. All access goes through a handle of the folder, so that no link in it leads elsewhere.
func writeFolder(dir string, files []render.File) error {
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
	listed, err := root.ReadFile(listFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for name := range strings.Lines(string(listed)) {
		name = strings.TrimSuffix(name, "\n")
		if _, again := kept[name]; again || !fs.ValidPath(name) {
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

// checkFolder compares a committed folder with the files and prints the difference. Key material is not compared.
func checkFolder(out, stderr io.Writer, dir string, files []render.File) error {
	committed, err := readFolder(dir)
	if err != nil {
		return fmt.Errorf("reading the folder to compare with: %w", err)
	}
	differing := 0
	rendered := byPath(files)
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
	fmt.Fprintf(stderr, "headgate: %d of the files differ from %s; the same command with -o %s instead of --check writes them\n", differing, dir, dir)
	return errFindings
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
