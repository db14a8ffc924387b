package gate

import (
	"fmt"
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits of the size stage.
const (
	MaxBytes       = 16 << 10 // bytes of source
	MaxTokens      = 4000     // tokens, comments and automatic semicolons apart
	MaxDepth       = 40       // nested (, [ and {
	MaxUnary       = 4        // prefix operators in a row
	MaxNumberBytes = 64       // bytes of a number
)

// byteOrderMark may start a source, as Go allows.
const byteOrderMark = 0xfeff

// Size is the first stage: bytes, then tokens, in one pass without recursion,
// so that whatever passes is harmless to parse. It returns nil if source passes.
func Size(source string) *Rejection {
	if r := checkBytes(source); r != nil {
		return r
	}
	return checkTokens(source)
}

func checkBytes(source string) *Rejection {
	if strings.TrimSpace(source) == "" {
		return &Rejection{Stage: StageSize, Line: 1, Column: 1, Reason: "the source is empty", Hint: "write func Loss(b objective.Batch) objective.Vec"}
	}
	if len(source) > MaxBytes {
		return sizeRejection(source, MaxBytes,
			fmt.Sprintf("the source has %d bytes, at most %d are allowed", len(source), MaxBytes), "write a shorter objective and fewer comments")
	}
	for i, c := range source {
		if i == 0 && c == byteOrderMark {
			continue
		}
		if reason := badRune(source[i:], c); reason != "" {
			return sizeRejection(source, i, reason, invisibleHint(c))
		}
	}
	return nil
}

// badRune says what is wrong with c, the first rune of rest, or returns "".
func badRune(rest string, c rune) string {
	switch {
	case c == utf8.RuneError && !strings.HasPrefix(rest, "\uFFFD"):
		return "the source is not valid UTF-8"
	case c == 0:
		return "the source contains a NUL byte"
	case c == '\r' && !strings.HasPrefix(rest, "\r\n"):
		return "the source contains a carriage return that does not end a line"
	case c < ' ' && c != '\t' && c != '\n' && c != '\r', c >= 0x7f && c < 0xa0:
		return fmt.Sprintf("the source contains the control character %U", c)
	case c > unicode.MaxASCII && unicode.In(c, invisible...):
		return fmt.Sprintf("the source contains the invisible character %U", c)
	}
	return ""
}

// sizeRejection places a rejection at a byte offset of source.
func sizeRejection(source string, offset int, reason, hint string) *Rejection {
	before := source[:offset]
	return &Rejection{
		Stage:  StageSize,
		Line:   1 + strings.Count(before, "\n"),
		Column: offset - strings.LastIndexByte(before, '\n'),
		Reason: reason,
		Hint:   hint,
	}
}

// tokenLimits is the state of the token pass.
type tokenLimits struct {
	tokens, depth, unary int
}

func checkTokens(source string) *Rejection {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(source))
	s.Init(file, []byte(source), func(token.Position, string) {}, scanner.ScanComments)
	var lim tokenLimits
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return nil
		}
		if reason, hint := lim.next(tok, lit); reason != "" {
			return sizeRejection(source, file.Offset(pos), reason, hint)
		}
	}
}

// next counts one token and says which limit it breaks, if any.
func (l *tokenLimits) next(tok token.Token, lit string) (reason, hint string) {
	if tok == token.COMMENT {
		return checkComment(lit, l.tokens > 0)
	}
	if tok == token.SEMICOLON && lit == "\n" {
		return "", ""
	}
	if l.tokens++; l.tokens > MaxTokens {
		return fmt.Sprintf("more than %d tokens", MaxTokens), "write a shorter objective"
	}
	switch tok {
	case token.LPAREN, token.LBRACK, token.LBRACE:
		if l.depth++; l.depth > MaxDepth {
			return fmt.Sprintf("brackets nested more than %d deep", MaxDepth), "name intermediate results with :="
		}
	case token.RPAREN, token.RBRACK, token.RBRACE:
		l.depth--
	case token.INT, token.FLOAT, token.IMAG:
		if len(lit) > MaxNumberBytes {
			return fmt.Sprintf("a number of %d characters, at most %d are allowed", len(lit), MaxNumberBytes), "a float64 has 17 significant digits"
		}
	case token.IDENT:
		if !isASCII(lit) {
			return fmt.Sprintf("the name %q is not ASCII", lit), "use letters a-z, A-Z, digits and _ in names"
		}
	}
	return l.countUnary(tok)
}

func (l *tokenLimits) countUnary(tok token.Token) (reason, hint string) {
	switch tok {
	case token.ADD, token.SUB, token.NOT, token.XOR, token.MUL, token.AND, token.ARROW, token.TILDE:
		if l.unary++; l.unary > MaxUnary+1 { // the first may be binary
			return fmt.Sprintf("more than %d prefix operators in a row", MaxUnary), "simplify the expression"
		}
	default:
		l.unary = 0
	}
	return "", ""
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
