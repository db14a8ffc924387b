package llm

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quotes are how strings are delimited, the longest first.
var quotes = []struct {
	open, close string
	raw         bool // a backslash means itself
}{
	{`"""`, `"""`, false}, {`'''`, `'''`, false}, {`"`, `"`, false}, {`'`, `'`, false}, {"`", "`", true}, {"“", "”", false},
}

// quoted reports whether a quoted string begins here.
func (p *loose) quoted() bool {
	for _, q := range quotes {
		if strings.HasPrefix(p.text[p.at:], q.open) {
			return true
		}
	}
	return false
}

// string reads a quoted string, if there is one. follow are the characters that
// may come after it; a colon makes it a key.
func (p *loose) string(follow string) (string, bool) {
	for _, q := range quotes {
		if !strings.HasPrefix(p.text[p.at:], q.open) {
			continue
		}
		var b strings.Builder
		i := p.at + len(q.open)
		for i < len(p.text) {
			switch {
			case p.text[i] == '\\' && !q.raw:
				i += unescape(&b, p.text[i:])
			case strings.HasPrefix(p.text[i:], q.close) && (p.trusting || closes(p.text[i+len(q.close):], follow)):
				p.at = i + len(q.close)
				return b.String(), true
			default:
				b.WriteByte(p.text[i])
				i++
			}
		}
		p.at, p.truncated = len(p.text), true
		return b.String(), true
	}
	return "", false
}

// closes reports whether what follows a quote shows that it ended a string: the
// end of the text, a bracket, a colon after a key, or a comma and what can come
// next.
func closes(rest, follow string) bool {
	rest = strings.TrimLeft(rest, " \t\r\n")
	if rest == "" {
		return true
	}
	if !strings.ContainsRune(follow, rune(rest[0])) {
		return false
	}
	if rest[0] != ',' {
		return true
	}
	rest = strings.TrimLeft(rest[1:], " \t\r\n")
	if follow == ",]" {
		return rest == "" || strings.ContainsRune("\"'`]", rune(rest[0]))
	}
	rest = strings.TrimLeft(rest, "\"'`“")
	n := wordLen(rest)
	after := strings.TrimLeft(rest[n:], "\"'`” \t\r\n")
	return rest == "" || rest[0] == '}' || n > 0 && strings.HasPrefix(after, ":") && !strings.HasPrefix(after, ":=")
}

func wordLen(text string) int {
	n := 0
	for n < len(text) && n < 64 && (text[n] == '_' || text[n]|0x20 >= 'a' && text[n]|0x20 <= 'z' || n > 0 && text[n] >= '0' && text[n] <= '9') {
		n++
	}
	return n
}

// escapes are JSON's escapes of one character, and the quotes of others.
var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f', '/': '/', '\\': '\\', '"': '"', '\'': '\''}

// unescape decodes the escape sequence that text begins with and returns its
// length. A sequence that JSON does not know means itself.
func unescape(b *strings.Builder, text string) int {
	if len(text) < 2 {
		return len(text) // cut off
	}
	if c, ok := escapes[text[1]]; ok {
		b.WriteByte(c)
		return 2
	}
	r, ok := codeUnit(text)
	if !ok {
		b.WriteByte('\\')
		return 1
	}
	if !utf16.IsSurrogate(r) {
		b.WriteRune(r)
		return 6
	}
	low, ok := codeUnit(text[6:])
	if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
		b.WriteRune(pair)
		return 12
	}
	b.WriteRune(utf8.RuneError)
	return 6
}

// codeUnit decodes \u and four hexadecimal digits.
func codeUnit(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(n), err == nil
}
