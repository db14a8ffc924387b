package llm

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
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
type scrubber struct{ secrets []string }

// newScrubber knows the key and the credentials in the server's address, each as
// it is, and as JSON (with and without escapes for HTML) and URLs spell it.
func newScrubber(key Secret, base *url.URL) *scrubber {
	s := &scrubber{}
	s.add(string(key))
	if base != nil && base.User != nil {
		password, _ := base.User.Password()
		s.add(base.User.Username())
		s.add(password)
	}
	if base != nil {
		for _, values := range base.Query() {
			for _, v := range values {
				s.add(v)
			}
		}
	}
	// Longest first, so that a secret that contains another goes as a whole.
	slices.SortFunc(s.secrets, func(a, b string) int { return len(b) - len(a) })
	return s
}

func (s *scrubber) add(secret string) {
	if len(secret) < minSecret {
		return
	}
	quoted, err := json.Marshal(secret)
	if err != nil {
		panic(err) // a string
	}
	inside := func(quoted string) string { return quoted[1 : len(quoted)-1] }
	for _, form := range []string{
		secret, inside(string(quoted)), inside(strconv.Quote(secret)), url.QueryEscape(secret), url.PathEscape(secret),
	} {
		if !slices.Contains(s.secrets, form) {
			s.secrets = append(s.secrets, form)
		}
	}
}

// clean returns text without secrets.
func (s *scrubber) clean(text string) string {
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, redacted)
	}
	return text
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
