package prompts

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
)

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
