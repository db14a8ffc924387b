package llm

import "strings"

// Bounds of the search for objects, so that reading a reply takes linear time.
const (
	maxStarts = 64 // braces at which an object is tried
	maxDepth  = 8  // of nested objects and arrays
)

// fields are the string values of an object, by key in lower case. Fields of
// nested objects count as the object's own where it has none of that name.
type fields struct {
	values    map[string]string
	truncated bool // the text ended before the object did
}

// objects finds the objects in text that have one of the wanted keys, in order.
func objects(text string, wanted func(fields) bool) []fields {
	var found []fields
	starts := 0
	for i := 0; i < len(text) && starts < maxStarts; i++ {
		if text[i] != '{' || !startsObject(text[i+1:]) {
			continue
		}
		starts++
		for _, trusting := range []bool{true, false} {
			p := loose{text: text, at: i, trusting: trusting}
			f := fields{values: map[string]string{}}
			if !p.object(f.values, 0) || !wanted(f) {
				continue
			}
			f.truncated = p.truncated
			found = append(found, f)
			i = p.at - 1
			break
		}
	}
	return found
}

// startsObject reports whether what follows a brace looks like a first key.
func startsObject(rest string) bool {
	rest = strings.TrimLeft(rest[:min(len(rest), 64)], " \t\r\n")
	if strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "/*") {
		return true
	}
	for _, quote := range quotes {
		if strings.HasPrefix(rest, quote.open) {
			return true
		}
	}
	word := rest[:wordLen(rest)]
	after := strings.TrimLeft(rest[len(word):], " ")
	return word != "" && strings.HasPrefix(after, ":") && !strings.HasPrefix(after, ":=")
}

// loose reads objects that are almost JSON: line breaks and unknown escapes in
// strings, other quotes, bare keys, missing or trailing commas, comments, an end
// that is missing. What is JSON it reads as JSON.
type loose struct {
	text      string
	at        int
	trusting  bool // a quote ends its string; otherwise only one that something fitting follows
	truncated bool
}

// object reads an object into values and reports whether there is one.
func (p *loose) object(values map[string]string, depth int) bool {
	p.at++
	for {
		p.space(", ")
		switch {
		case p.end():
			return true
		case p.text[p.at] == '}':
			p.at++
			return true
		}
		key, ok := p.key()
		if !ok || !p.value(strings.ToLower(key), values, depth) {
			return false
		}
		if p.space(""); p.end() {
			return true
		}
		if c := p.text[p.at]; c != ',' && c != '}' && !p.quoted() {
			return false
		}
	}
}

// key reads a key and its colon.
func (p *loose) key() (string, bool) {
	key, ok := p.string(":")
	if !ok {
		n := wordLen(p.text[p.at:])
		key = p.text[p.at : p.at+n]
		p.at += n
	}
	if p.space(""); p.end() {
		return key, true
	}
	if key == "" || p.text[p.at] != ':' {
		return "", false
	}
	p.at++
	return key, true
}

// value reads a value; strings and lists of strings, joined by line breaks, go
// into values.
func (p *loose) value(key string, values map[string]string, depth int) bool {
	if p.space(""); p.end() {
		return true
	}
	if depth == maxDepth {
		return false
	}
	set := func(text string) {
		if _, taken := values[key]; !taken {
			values[key] = text
		}
	}
	switch {
	case p.text[p.at] == '{':
		inner := map[string]string{}
		ok := p.object(inner, depth+1)
		for k, v := range inner {
			if _, taken := values[k]; !taken {
				values[k] = v
			}
		}
		return ok
	case p.text[p.at] == '[':
		lines, ok := p.list(depth + 1)
		set(strings.Join(lines, "\n"))
		return ok
	}
	if text, ok := p.string(",}"); ok {
		set(text)
		return true
	}
	n := strings.IndexAny(p.text[p.at:], ",}]\n\"")
	if n < 0 {
		n = len(p.text) - p.at
	}
	p.at += n
	return n > 0
}

// list reads an array and returns its strings.
func (p *loose) list(depth int) (lines []string, ok bool) {
	p.at++
	for {
		p.space(", ")
		switch {
		case p.end():
			return lines, true
		case p.text[p.at] == ']':
			p.at++
			return lines, true
		case p.quoted():
			line, _ := p.string(",]")
			lines = append(lines, line)
		case !p.value("", map[string]string{}, depth):
			return nil, false
		}
	}
}

// end reports whether the text is used up, which then truncates the object.
func (p *loose) end() bool {
	if p.at >= len(p.text) {
		p.truncated = true
	}
	return p.truncated
}

// space skips white space, comments and the other characters of also.
func (p *loose) space(also string) {
	for p.at < len(p.text) {
		rest := p.text[p.at:]
		switch {
		case strings.ContainsRune(" \t\r\n"+also, rune(rest[0])):
			p.at++
		case strings.HasPrefix(rest, "//"):
			p.skipPast(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			p.skipPast(rest, "*/")
		default:
			return
		}
	}
}

func (p *loose) skipPast(rest, end string) {
	if n := strings.Index(rest, end); n >= 0 {
		p.at += n + len(end)
	} else {
		p.at = len(p.text)
	}
}
