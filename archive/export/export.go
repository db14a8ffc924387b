// Package export writes objectives for use elsewhere.
//
// Whatever the format, the file is made from the objective's graph, the data that
// was scored, and from nothing that a candidate's author wrote: names and thoughts
// are foreign text and appear only in comments, docstrings and data fields, made
// harmless for the place they stand in.
//
//	go     a package in a directory of its own which computes losses and gradients
//	       and imports nothing but the standard library
//	torch  a Python file depending on torch only, and golden vectors for its self-test
//	jax    a Python file with a pure function, and golden vectors for its self-test
//	json   everything the archive knows of it; ReadJSON reads it back losslessly
//	csv    one table of all objectives, a row per cell
//	md     a page
//	latex  a document with the formula
package export

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/graph"
)

// Objective is what there is to export: a candidate with its cells, what it denotes
// and the run that it comes from. A loss from outside any run has the zero Run and
// a Candidate with little more than a Name.
type Objective struct {
	Run       archive.Run       `json:"run"`
	Candidate archive.Candidate `json:"candidate"`
	Cells     []archive.Cell    `json:"cells"`
	Graph     *graph.Graph      `json:"graph"`
}

// file is one file to write, with its path below the directory.
type file struct {
	path string
	data []byte
}

// formats makes the files of each format.
var formats = map[string]func([]Objective) ([]file, error){
	"go":    each(goFiles),
	"json":  each(jsonFiles),
	"csv":   csvFiles,
	"torch": each(torchFiles),
	"md":    each(markdownFiles),
	"jax":   each(jaxFiles),
	"latex": each(latexFiles),
}

// Formats returns the names of the formats.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// Write writes the objectives in a format below dir, which it creates when missing,
// and returns the paths of the files. A file is replaced whole or not at all.
func Write(dir, format string, objectives []Objective) ([]string, error) {
	make, ok := formats[format]
	if !ok {
		return nil, fmt.Errorf("export format %q: want one of %s", format, strings.Join(Formats(), ", "))
	}
	files, err := make(objectives)
	if err != nil {
		return nil, fmt.Errorf("export as %s: %w", format, err)
	}
	var paths []string
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.path))
		if err := writeWhole(path, f.data); err != nil {
			return paths, fmt.Errorf("export as %s: %w: choose a directory that can be written", format, err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// each makes files for one objective at a time.
func each(one func(Objective) ([]file, error)) func([]Objective) ([]file, error) {
	return func(objectives []Objective) ([]file, error) {
		var files []file
		for _, o := range objectives {
			fs, err := one(o)
			if err != nil {
				return nil, fmt.Errorf("candidate %d (%q): %w", o.Candidate.ID, o.Candidate.Name, err)
			}
			files = append(files, fs...)
		}
		return files, nil
	}
}

// writeWhole puts data at path without ever leaving a part of it there.
func writeWhole(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".export")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := fill(f, data); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func fill(f *os.File, data []byte) error {
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}
