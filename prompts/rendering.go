package prompts

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/template"
	"text/template/parse"
)

// Bounds of one rendering, in bytes. Templates are programs, and those that are
// stored with a run may be anybody's: none takes all memory, or goes on for ever.
const (
	maxSteps  = 4 << 20  // of templates that are executed
	maxMade   = 64 << 20 // that are written, or read or made by functions
	maxString = 1 << 20  // in the result of one function
)

// listSteps is what the list of nodes of a template costs besides its text: it
// bounds how deep templates nest.
const listSteps = 64

// mark stands for itself where templates write it: that so many bytes of a template
// are about to be executed.
var mark [maxTemplate + listSteps]byte

// rendering is one use of a Set, with what it may still do. It is not safe for
// concurrent use.
type rendering struct {
	known       *cache
	templates   *template.Template // clones that call this rendering's functions
	steps, made int
	entry       bool // the template of an entry is being executed
}

func (s *Set) begin() (*rendering, error) {
	r := &rendering{known: &s.known, steps: maxSteps, made: maxMade}
	t, err := s.templates.Clone()
	if err != nil {
		return nil, err
	}
	r.templates = t.Funcs(r.functions())
	return r, nil
}

// execute returns what a template writes.
func (r *rendering) execute(name string, data any) (string, error) {
	w := &writer{rendering: r, name: name}
	err := r.templates.ExecuteTemplate(w, name, data)
	return w.text.String(), err
}

// writer is what the templates of a rendering write to.
type writer struct {
	*rendering
	name string // of the template
	text bytes.Buffer
}

// Write counts p and keeps it, unless it is the mark.
func (w *writer) Write(p []byte) (int, error) {
	count, keep := w.make, w.text.Write
	if len(p) > 0 && &p[0] == &mark[0] {
		count, keep = w.step, io.Discard.Write
	}
	if err := count(len(p)); err != nil {
		return 0, fmt.Errorf("template %q: %w", w.name, err)
	}
	return keep(p)
}

func (r *rendering) step(n int) error {
	if r.steps -= n; r.steps < 0 {
		return fmt.Errorf("it executes more than %d bytes of templates", maxSteps)
	}
	return nil
}

func (r *rendering) make(n int) error {
	if r.made -= n; r.made < 0 {
		return fmt.Errorf("it makes more than %d bytes of text", maxMade)
	}
	return nil
}

// result counts what a function has made.
func (r *rendering) result(text string) (string, error) {
	if len(text) > maxString {
		return "", fmt.Errorf("a text of more than %d bytes", maxString)
	}
	return text, r.make(len(text))
}

// functions are what templates can call: some of text/template's own are here so
// that they are counted.
func (r *rendering) functions() template.FuncMap {
	return template.FuncMap{
		"percent":  percent,
		"verdict":  verdict,
		"line":     r.edits(line),
		"trim":     r.edits(strings.TrimSpace),
		"code":     r.edits(code),
		"quote":    r.edits(quote),
		"names":    func(entries []Entry) (string, error) { return r.result(names(entries)) },
		"entry":    func(e Entry) (string, error) { return r.text("entry.tmpl", e) },
		"rejected": func(e Entry) (string, error) { return r.text("rejected.tmpl", e) },
		"print":    r.prints(fmt.Sprint),
		"println":  r.prints(fmt.Sprintln),
		"html":     r.prints(template.HTMLEscaper),
		"js":       r.prints(template.JSEscaper),
		"urlquery": r.prints(template.URLQueryEscaper),
		"printf":   r.printf,
	}
}

// edits counts what f reads and makes.
func (r *rendering) edits(f func(string) string) func(string) (string, error) {
	return func(text string) (string, error) {
		if err := r.make(len(text)); err != nil {
			return "", err
		}
		return r.result(f(text))
	}
}

// prints counts what f reads and makes of values.
func (r *rendering) prints(f func(...any) string) func(...any) (string, error) {
	return func(values ...any) (string, error) {
		if _, err := r.longest(values); err != nil {
			return "", err
		}
		return r.result(f(values...))
	}
}

// longest counts values as they print, and returns the length of the longest.
func (r *rendering) longest(values []any) (n int, err error) {
	for _, v := range values {
		size := len(fmt.Sprint(v))
		if err := r.make(size); err != nil {
			return 0, err
		}
		n = max(n, size)
	}
	return n, nil
}

// A verb makes at most so many bytes of one byte of a value, and so many besides.
const (
	verbFactor = 32
	verbWidth  = 1 << 20
)

func (r *rendering) printf(format string, values ...any) (string, error) {
	longest, err := r.longest(values)
	if err != nil {
		return "", err
	}
	if strings.Count(format, "%")*(verbFactor*longest+verbWidth) > maxMade {
		return "", errors.New("printf has too many verbs for such values")
	}
	return r.result(fmt.Sprintf(format, values...))
}

// meter puts a mark at the head of a list of nodes and of those within it.
func meter(list *parse.ListNode) {
	if list == nil {
		return
	}
	steps := listSteps
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.IfNode:
			steps += meterBranch(&n.BranchNode)
		case *parse.RangeNode:
			steps += meterBranch(&n.BranchNode)
		case *parse.WithNode:
			steps += meterBranch(&n.BranchNode)
		default:
			steps += len(n.String())
		}
	}
	head := &parse.TextNode{NodeType: parse.NodeText, Text: mark[:min(steps, len(mark))]}
	list.Nodes = append([]parse.Node{head}, list.Nodes...)
}

func meterBranch(b *parse.BranchNode) int {
	meter(b.List)
	meter(b.ElseList)
	return len(b.Pipe.String())
}
