package gate

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// directive is a comment that tools obey.
type directive struct {
	pattern *regexp.Regexp
	late    bool // obeyed after the package clause, too
}

// directives are the comments that tools obey, as far as they take those for
// directives: prose that begins with the same word is none.
var directives = sync.OnceValue(func() []directive {
	return []directive{
		{regexp.MustCompile(`^//go:\w`), true},
		{regexp.MustCompile(`^//line .*:\d+\s*$`), true},
		{regexp.MustCompile(`(?s)^/\*line .*:\d+\s*\*/$`), true},
		{regexp.MustCompile(`^//(export|extern)[ \t]+\S+\s*$`), true},
		{regexp.MustCompile(`^//sys(nb)?[ \t]+\w+\(`), true},
		{regexp.MustCompile(`^//\s*\+build\b`), false},
	}
})

// checkComment refuses comments that tools or the scanner obey. late tells that
// the comment follows the first token.
func checkComment(text string, late bool) (reason, hint string) {
	for _, d := range directives() {
		if (d.late || !late) && d.pattern.MatchString(text) {
			return fmt.Sprintf("compiler directive %q", firstWord(text)), "remove the directive"
		}
	}
	return "", ""
}

// lineComments spoils what the scanner would take for a line directive, even
// where that is malformed, and keeps all positions.
var lineComments = strings.NewReplacer("//line ", "//Line ", "/*line ", "/*Line ")

// firstWord returns the mark of a comment and the word after it, shortened.
func firstWord(text string) string {
	word := strings.TrimLeft(text[2:], " ")
	spaces := len(text) - 2 - len(word)
	word, _, _ = strings.Cut(word, " ")
	return text[:2+spaces] + word[:min(len(word), 20)]
}
