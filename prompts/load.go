package prompts

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
)

//go:embed templates
var builtin embed.FS

// Set is a complete set of templates. It is safe for concurrent use.
type Set struct {
	templates *template.Template
	known     cache
}

// Load returns the built-in templates, replaced by those of own, which may be nil
// and has the form of ReadFolder. A name that is not a template's, a text that does
// not parse and one that does not render are errors.
func Load(own map[string]string) (*Set, error) {
	texts, err := read(builtin, "templates")
	if err != nil {
		return nil, err
	}
	for name, text := range own {
		if _, ok := texts[name]; !ok {
			return nil, fmt.Errorf("%q is not a template; there are %s", name, strings.Join(sorted(texts), ", "))
		}
		if len(text) > maxTemplate {
			return nil, fmt.Errorf("%q is larger than %d bytes", name, maxTemplate)
		}
		texts[name] = text
	}
	s := &Set{}
	s.templates = template.New("").Funcs((&rendering{}).functions()).Option("missingkey=error")
	for _, name := range sorted(texts) {
		if _, err := s.templates.New(name).Parse(texts[name]); err != nil {
			return nil, err
		}
	}
	for _, t := range s.templates.Templates() {
		if t.Tree != nil {
			meter(t.Root)
		}
	}
	return s, s.try()
}

func sorted(texts map[string]string) []string { return slices.Sorted(maps.Keys(texts)) }

// try renders everything once, and a prompt without a history, so that a template that
// fails does so before a search begins.
func (s *Set) try() error {
	sample := []Entry{{ID: "1", Name: "a", Thought: "t", Facts: []string{"f"}, Nearest: "n", Reason: "r", Hint: "h"}, {ID: "2", Name: "b"}}
	inputs := []Input{{Language: "l", MicroBatch: 2, Scored: sample, Rejected: sample, Operator: New}}
	for _, op := range Operators() {
		inputs = append(inputs, Input{Language: "l", MicroBatch: 2, Scored: sample, Rejected: sample, HistoryTokens: 1e6, Operator: op, Parents: []string{"1", "2"}})
	}
	for _, in := range inputs {
		if _, err := s.Render(in); err != nil {
			return err
		}
	}
	_, err := s.Repair("r")
	return err
}
