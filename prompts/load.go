package prompts

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"text/template"
)

//go:embed templates
var builtin embed.FS

// Set is a complete set of templates. It is safe for concurrent use.
type Set struct {
	templates *template.Template
	known     costCache
}

// Load returns the built-in templates, replaced by those that the folder has;
// dir may be "". A file that is not a template's, one that does not parse and one
// that does not render are errors.
func Load(dir string) (*Set, error) {
	texts, err := read(builtin, "templates")
	if err != nil {
		return nil, err
	}
	if dir != "" {
		own, err := readFolder(dir)
		if err != nil {
			return nil, err
		}
		for name, text := range own {
			if _, ok := texts[name]; !ok {
				return nil, fmt.Errorf("prompts folder %q: %q is not a template; there are %s", dir, name, strings.Join(sorted(texts), ", "))
			}
			texts[name] = text
		}
	}
	root := template.New("").Funcs(functions).Option("missingkey=error")
	for _, name := range sorted(texts) {
		if _, err := root.New(name).Parse(texts[name]); err != nil {
			return nil, fmt.Errorf("prompts folder %q: %w", dir, err)
		}
	}
	s := &Set{templates: root}
	return s, s.try(dir)
}

func readFolder(dir string) (map[string]string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("prompts folder %q: %w", dir, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("prompts folder %q: it is a file", dir)
	}
	return read(os.DirFS(dir), ".")
}

func read(files fs.FS, dir string) (map[string]string, error) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, fmt.Errorf("prompts: %w", err)
	}
	texts := map[string]string{}
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".tmpl" {
			continue
		}
		data, err := fs.ReadFile(files, path.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("prompts: %w", err)
		}
		texts[e.Name()] = string(data)
	}
	return texts, nil
}

func sorted(texts map[string]string) []string { return slices.Sorted(maps.Keys(texts)) }

// try renders everything once, so that a template that fails does so before a
// search begins.
func (s *Set) try(dir string) error {
	sample := []Entry{{ID: "1", Name: "a", Thought: "t", Facts: []string{"f"}, Nearest: "n", Reason: "r", Hint: "h"}, {ID: "2", Name: "b"}}
	for _, op := range Operators() {
		in := Input{Language: "l", MicroBatch: 2, Scored: sample, Rejected: sample, HistoryTokens: 1e6, Operator: op, Parents: []string{"1", "2"}}
		if _, err := s.Render(in); err != nil {
			return fmt.Errorf("prompts folder %q: %w", dir, err)
		}
	}
	if _, err := s.Repair("r"); err != nil {
		return fmt.Errorf("prompts folder %q: %w", dir, err)
	}
	return nil
}
