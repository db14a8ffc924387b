package report

import (
	"html/template"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/objdisco/discover/sandbox/graph"
)

// partRunes and equationsShown bound a formula that is typeset: a part of it that is
// wider than a line of print, of long names say, or more definitions than a reader
// follows, read better as text, which breaks anywhere.
const partRunes, equationsShown = 70, 30

// element matches what is not shown of MathML.
var element = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<[^>]*>|&[a-z0-9#]+;|\s`) })

// typeset returns the formula as MathML in parts between which a line may be broken;
// nil where plain text reads better. Names in it are escaped.
func typeset(g *graph.Graph) [][]template.HTML {
	equations := graph.MathML(g)
	if len(equations) > equationsShown {
		return nil
	}
	var out [][]template.HTML
	for _, equation := range equations {
		var parts []template.HTML
		for _, part := range equation {
			if utf8.RuneCountInString(element().ReplaceAllString(part, "")) > partRunes {
				return nil
			}
			parts = append(parts, template.HTML(part))
		}
		out = append(out, parts)
	}
	return out
}

// meanings explain what a formula may hold.
var meanings = []struct{ sign, meaning string }{
	{"h", "h is the margin, the log-ratio of the chosen completion minus that of the rejected one"},
	{"h₊", "h₊ and h₋ are the two log-ratios"},
	{"β", "β is beta"},
	{"σ(", "σ is the sigmoid"},
	{"|y₊|", "|y₊| and |y₋| are the lengths of the completions"},
	{"[", "[a > b] is 1 where it holds, else 0"},
	{"var(", "var is over the micro-batch"}, {"std(", "std is over the micro-batch"}, {"mean(", "mean is over the micro-batch"},
	{"detach(", "detach passes no gradient"},
}

// symbols says what the letters of a formula in plain text mean.
func symbols(formula string) string {
	var said []string
	for _, m := range meanings {
		if strings.Contains(formula, m.sign) {
			said = append(said, m.meaning)
		}
	}
	if len(said) == 0 {
		return ""
	}
	return strings.Join(said, "; ") + "."
}
