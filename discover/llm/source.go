package llm

import (
	"regexp"
	"strings"
	"sync"
)

// block is a fenced part of a text.
type block struct {
	text string
	open bool // the closing fence is missing
}

// pattern is a regular expression that is compiled when it is first used.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

var fenceInfo = pattern("^`*[A-Za-z0-9_+-]*[ \t]*(\n|$)")

// fences returns the blocks between ``` marks.
func fences(text string) []block {
	parts := strings.Split(text, "```")
	var out []block
	for i := 1; i < len(parts); i += 2 {
		body := strings.Trim(fenceInfo().ReplaceAllString(parts[i], ""), "`")
		out = append(out, block{text: body, open: i == len(parts)-1})
	}
	return out
}

var loss = pattern(`\bfunc\s+Loss\s*\(`)

func definesLoss(code string) bool { return loss().MatchString(code) }

// declared returns the end of the last complete declaration with a body, 0 if
// there is none, and whether another one is open at the end of the text.
func declared(text string) (end int, open bool) {
	depth := 0
	for i, c := range text {
		switch c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				end = i + 1
			}
		}
	}
	return end, depth > 0
}

// whole returns code that may be cut off if it is all there, else "". What may
// follow the last declaration is what follows the code in a reply.
func whole(code string) string {
	end, open := declared(code)
	if open || end == 0 || strings.Trim(code[end:], " \t\n`\"'}],") != "" {
		return ""
	}
	return code[:end] + "\n"
}

var (
	namedLine   = pattern(`(?im)^\W*name\W*[:=]\W*([a-z][\w -]{1,60})`)
	thoughtLine = pattern(`(?im)^\W*(?:thought|idea)\W*[:=]\s*(\S.*)$`)
	goStart     = pattern(`(?m)^[ \t]*(?:package|import|func|const)\b`)
)

// fromSource reads an answer from Go source that is not in JSON: the last fenced
// block that defines Loss, else bare source. Name and thought come from hint or
// from the prose.
func fromSource(text string, hint Answer) (Answer, bool) {
	blocks := fences(text)
	for i := len(blocks) - 1; i >= 0; i-- {
		code := blocks[i].text
		if blocks[i].open {
			code = whole(code)
		}
		if definesLoss(code) {
			return named(strings.TrimSpace(code)+"\n", text[:strings.Index(text, "```")], text, hint), true
		}
	}
	start := goStart().FindStringIndex(text)
	if start == nil || !definesLoss(text) {
		return Answer{}, false
	}
	code := bare(text[start[0]:])
	if !definesLoss(code) {
		return Answer{}, false
	}
	return named(code, text[:start[0]], text, hint), true
}

// bare returns Go source without the prose that follows it, "" if it is cut off.
func bare(text string) string {
	end, open := declared(text)
	if open {
		return ""
	}
	return strings.TrimSpace(text[:end]) + "\n"
}

// named adds a name and a thought to code.
func named(code, before, text string, hint Answer) Answer {
	a := Answer{Thought: hint.Thought, Name: hint.Name, Code: code}
	if m := namedLine().FindStringSubmatch(text); m != nil && (a.Name == "" || a.Name == "unnamed") {
		a.Name = tidyName(m[1])
	}
	if m := thoughtLine().FindStringSubmatch(text); m != nil && a.Thought == "" {
		a.Thought = tidyThought(m[1])
	}
	if a.Name == "" {
		a.Name = "unnamed"
	}
	if a.Thought == "" {
		a.Thought = tidyThought(before)
	}
	return a
}
