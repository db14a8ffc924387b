package prompts

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// percent writes a share of dpo's gain: +0.42 %.
func percent(x float64) string { return fmt.Sprintf("%+.2f %%", 100*x) }

func verdict(v string) string {
	switch v {
	case "better", "worse":
		return v + " than dpo"
	case "same":
		return "the same as dpo"
	}
	return "not yet told apart from dpo"
}

// line puts text on one line, without what has no shape: a candidate may be
// anybody's, and is not to pass for another part of the prompt.
func line(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}

// clause is a package clause and what stands before it.
var clause = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)\A.*?(?m:^package \w+$)`)
})

// code prepares source for a fence, which it must not close, in the form that a
// candidate has: known losses are packages of this module.
func code(source string) string {
	source = strings.ReplaceAll(source, `"github.com/objdisco/discover/sandbox/objective"`, `"objective"`)
	source = clause().ReplaceAllLiteralString(source, "package candidate")
	return strings.ReplaceAll(strings.TrimSpace(source), "```", "'''")
}

// quote quotes text of several lines.
func quote(text string) string {
	return "> " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n> ")
}

// names lists entries: `a` (id 1) and `b` (id 2).
func names(entries []Entry) string {
	var out []string
	for _, e := range entries {
		out = append(out, fmt.Sprintf("`%s` (id %s)", line(e.Name), e.ID))
	}
	return strings.Join(out, " and ")
}
