package prompts

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"text/template"
)

// Bounds of one rendering, in bytes. Templates are programs, and those that are
// stored with a run may be anybody's: none takes all memory, or goes on for ever.
const (
	maxSteps  = 4 << 20  // of templates that are executed
	maxMade   = 64 << 20 // that are written, or read or made by functions
	maxString = 1 << 20  // in the result of one function
)

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

// buffers are what templates have written to before: prompts are long. Those of texts
// that no prompt comes to are not kept.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// execute returns what a template writes.
func (r *rendering) execute(name string, data any) (string, error) {
	return r.written(name, data, func(text []byte) []byte { return text })
}

// trimmed is what a template writes, with one line end.
func (r *rendering) trimmed(name string, data any) (string, error) {
	return r.written(name, data, func(text []byte) []byte { return append(bytes.TrimSpace(text), '\n') })
}

// written is what finish, which may change its argument, makes of what a template
// writes.
func (r *rendering) written(name string, data any, finish func([]byte) []byte) (string, error) {
	w := &writer{rendering: r, name: name, text: buffers.Get().(*bytes.Buffer)}
	w.text.Reset()
	defer func() {
		if w.text.Cap() <= maxString {
			buffers.Put(w.text)
		}
	}()
	if err := r.templates.ExecuteTemplate(w, name, data); err != nil {
		return "", err
	}
	return string(finish(w.text.Bytes())), nil
}

// writer is what the templates of a rendering write to.
type writer struct {
	*rendering
	name string // of the template
	text *bytes.Buffer
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
