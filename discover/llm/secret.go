package llm

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Secret is a string that is not printed: every formatting and encoding of it
// gives "[secret]".
type Secret string

const redacted = "[secret]"

// Format writes "[secret]" for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// String returns "[secret]".
func (Secret) String() string { return redacted }

// MarshalText returns "[secret]".
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// minSecret is the length below which a key is a placeholder, such as "none" or
// "EMPTY" for a local server, that may occur in any text.
const minSecret = 8

// scrubber removes secrets from text that comes from outside.
type scrubber struct {
	spelled  []*regexp.Regexp // a secret in any mixture of the spellings of its characters
	verbatim []string         // a secret as it is, in base64 and in hexadecimal digits
}

// newScrubber knows the key and the credentials in the server's address.
func newScrubber(key Secret, base *url.URL) *scrubber {
	secrets := []string{string(key)}
	if base != nil && base.User != nil {
		password, _ := base.User.Password()
		secrets = append(secrets, base.User.Username(), password)
	}
	if base != nil {
		for _, values := range base.Query() {
			secrets = append(secrets, values...)
		}
	}
	// Longest first, so that a secret that contains another goes as a whole.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	s := &scrubber{}
	for _, secret := range secrets {
		if len(secret) >= minSecret {
			s.spelled = append(s.spelled, spellings(secret))
			s.verbatim = append(append(s.verbatim, secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)), inBase64(secret)...)
		}
	}
	return s
}

// spellings matches a secret whose characters may each be written as they are,
// with backslashes before them, or in an escape of JSON, Go, URLs or HTML, and which may
// be broken over lines or spaced out.
func spellings(secret string) *regexp.Regexp {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 {
			b.WriteString(`(?:\s|\\+[nrt])*`)
		}
		fmt.Fprintf(&b, `(?:\\*%s|\\+(?:u%s|[uU]0*\{?0*%x\}?|x0*%[3]x|0*%[3]o)|%s|&(?:amp;)*(?:#0*%[3]d|#[xX]0*%[3]x|%[5]s);)`,
			regexp.QuoteMeta(string(r)), inUTF16(r), r, inURL(r), entity(r))
	}
	return regexp.MustCompile("(?i:" + b.String() + ")")
}

// inUTF16 is what follows \u in JSON.
func inUTF16(r rune) string {
	if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
		return fmt.Sprintf(`%x\\+u%x`, high, low)
	}
	return fmt.Sprintf("%04x", r)
}

// inURL matches the bytes of r with percent signs, escaped once or more often.
func inURL(r rune) string {
	var b strings.Builder
	for _, c := range []byte(string(r)) {
		fmt.Fprintf(&b, "%%(?:25)*%02x", c)
	}
	if r == ' ' {
		b.WriteString(`|\+|%(?:25)*2b`)
	}
	return b.String()
}

// entity is the name of r in HTML, or one that is none.
func entity(r rune) string {
	name := map[rune]string{'"': "quot", '&': "amp", '\'': "apos", '<': "lt", '>': "gt"}[r]
	return cmp.Or(name, "none")
}

// inBase64 returns what the base64 of a text with the secret in it contains,
// wherever in the text it stands.
func inBase64(secret string) []string {
	var out []string
	for shift := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := encoding.EncodeToString(append(make([]byte, shift), secret...))
			out = append(out, text[(8*shift+5)/6:8*(shift+len(secret))/6])
		}
	}
	return out
}

// clean returns text without secrets.
func (s *scrubber) clean(text string) string {
	for _, secret := range s.verbatim {
		text = strings.ReplaceAll(text, secret, redacted)
	}
	for _, spelled := range s.spelled {
		text = spelled.ReplaceAllLiteralString(text, redacted)
	}
	return text
}

// answer returns a reply's text without secrets, those included that come to light
// when its answer is read.
func (s *scrubber) answer(text, finish string) string {
	text = s.clean(text)
	a, err := ParseReply(text, finish)
	if err != nil {
		return text
	}
	read := Answer{s.clean(a.Thought), s.clean(a.Name), s.clean(a.Code)}
	if read == a {
		return text
	}
	data, err := json.Marshal(map[string]string{"thought": read.Thought, "name": read.Name, "code": read.Code})
	if err != nil {
		panic(err) // strings
	}
	return string(data)
}

// maxReason bounds the part of a server's message that becomes an error.
const maxReason = 400

// line returns text without secrets and control characters, as one line of
// bounded length.
func (s *scrubber) line(text string) string {
	text = strings.Join(strings.Fields(printable(s.clean(text))), " ")
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + " …"
	}
	return text
}

// printable replaces control characters, among them those that begin a
// terminal's escape sequences, by spaces.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r <= 0x9f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
}
