package gate

import (
	"errors"
	"go/scanner"
	"strings"
	"unicode/utf8"
)

// illegal is how the scanner begins to say that a character is no part of Go.
const illegal = "illegal character "

// parseRejection places the first syntax error. Of several at one place, what
// the scanner says about a character comes first.
func (f *File) parseRejection(err error) *Rejection {
	var list scanner.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		return &Rejection{Stage: StageParse, Reason: err.Error()}
	}
	first := list[0]
	for _, e := range list {
		if e.Pos.Offset == first.Pos.Offset && strings.HasPrefix(e.Msg, illegal) {
			first = e
		}
	}
	line, column := f.shift(first.Pos)
	return &Rejection{Stage: StageParse, Line: line, Column: column, Reason: first.Msg,
		Hint: syntaxHint(first.Msg, f.lines[line-1], column)}
}

// syntaxHint says what to do about a syntax error at a column of a line.
func syntaxHint(msg, line string, column int) string {
	at := line[column-1:]
	c, _ := utf8.DecodeRuneInString(at)
	switch text := strings.TrimSpace(line); {
	case strings.HasPrefix(text, "```"), strings.HasPrefix(text, "~~~"):
		return "send the Go code only, without Markdown fences"
	case strings.HasPrefix(text, "<") && strings.HasPrefix(at, "<"):
		return "send the Go code only, without tags such as <think>"
	case strings.HasPrefix(msg, illegal), strings.HasPrefix(msg, "curly quotation mark"):
		return asciiHint(c)
	case strings.HasPrefix(msg, "expected declaration"):
		return "send the Go code only, without prose around it: one file that declares func Loss(b objective.Batch) objective.Vec"
	}
	return "the source must be one Go file that declares func Loss(b objective.Batch) objective.Vec"
}
