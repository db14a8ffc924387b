package llm

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
)

// spell writes every character of a text by write.
func spell(text string, write func(r rune) string) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteString(write(r))
	}
	return b.String()
}

// A secret is found however it is spelled, and nothing else is.
func TestScrubberKnowsSpellings(t *testing.T) {
	const secret = `sk-a/b"c\d+e&f<g>'h ü😀=_0123`
	base, err := url.Parse("http://host.test/v1")
	if err != nil {
		t.Fatal(err)
	}
	base.User = url.UserPassword("someone-known", secret)
	s := newScrubber("", base)
	quoted, _ := json.Marshal(secret)
	again, _ := json.Marshal(string(quoted[1 : len(quoted)-1]))
	ascii := func(form string) func(r rune) string {
		return func(r rune) string {
			if r > 0xffff { // a surrogate pair
				data, _ := json.Marshal(string(r))
				return string(data[1 : len(data)-1])
			}
			return fmt.Sprintf(form, r)
		}
	}
	tests := map[string]string{
		"as it is":            secret,
		"JSON":                string(quoted[1 : len(quoted)-1]),
		"JSON in JSON":        string(again[1 : len(again)-1]),
		"JSON, slashes":       strings.ReplaceAll(string(quoted[1:len(quoted)-1]), "/", `\/`),
		"JSON, all escaped":   spell(secret, ascii(`\u%04x`)),
		"JSON, upper case":    spell(secret, ascii(`\u%04X`)),
		"JSON, twice escaped": spell(secret, ascii(`\\u%04x`)),
		"JavaScript":          spell(secret, ascii(`\u{%x}`)),
		"Go":                  fmt.Sprintf("%+q", secret)[1:],
		"query":               url.QueryEscape(secret),
		"path":                url.PathEscape(secret),
		"query, lower case":   strings.ToLower(url.QueryEscape(secret)),
		"query in a query":    url.QueryEscape(url.QueryEscape(secret)),
		"HTML":                html.EscapeString(secret),
		"HTML, all escaped":   spell(secret, func(r rune) string { return fmt.Sprintf("&#x%x;", r) }),
		"HTML, named":         strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(secret),
		"hex":                 fmt.Sprintf("%x", secret),
		"hex, upper case":     fmt.Sprintf("%X", secret),
		"broken over lines":   secret[:9] + "\n  " + secret[9:],
		"in JSON, too":        strings.ReplaceAll(string(quoted[1:len(quoted)-1]), "0123", `\r\n0123`),
		"spaced":              strings.TrimSpace(spell(secret, func(r rune) string { return string(r) + " " })),
		"base64":              base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64, 1":           base64.StdEncoding.EncodeToString([]byte("x" + secret + "y")),
		"base64, 2":           base64.URLEncoding.EncodeToString([]byte("xx" + secret + "yy")),
	}
	for name, spelled := range tests {
		got := s.clean("before " + spelled + " after")
		if want := "before [secret] after"; got != want && !strings.HasPrefix(name, "base64") && name != "Go" {
			t.Errorf("%s: %s became %q", name, spelled, got)
		}
		if !strings.Contains(got, "[secret]") || strings.Contains(got, spelled) {
			t.Errorf("%s: %s became %q", name, spelled, got)
		}
	}
	for _, innocent := range []string{`a "quoted\" text/with & <signs>`, secret[:len(secret)-1], `\u0073\u006b-a`} {
		if got := s.clean(innocent); got != innocent {
			t.Errorf("%q became %q", innocent, got)
		}
	}
}

// FuzzEchoedKey spells a key in a reply, each character as a byte of the input
// says, and reads the answer: the key is nowhere.
func FuzzEchoedKey(f *testing.F) {
	const key = "sk-Fuzzed/0123456789"
	f.Add([]byte{0}, "")
	f.Add([]byte{1, 2, 3, 4}, "}")
	f.Add([]byte{5, 0, 6, 1}, `"`)
	f.Fuzz(func(t *testing.T, choice []byte, noise string) {
		i := 0
		spelled := spell(key, func(r rune) string {
			if i++; len(choice) == 0 {
				return string(r)
			}
			switch choice[i%len(choice)] % 7 {
			case 1:
				return fmt.Sprintf(`\u%04x`, r)
			case 2:
				return fmt.Sprintf(`\\u%04X`, r)
			case 3:
				return `\` + string(r)
			case 4:
				return fmt.Sprintf("%%%02x", r)
			case 5:
				return fmt.Sprintf("&#%d;", r)
			case 6:
				return fmt.Sprintf(`\x%x`, r)
			}
			return string(r)
		})
		text := fmt.Sprintf(`{"thought":"T %s","name":"n","code":"// %s\nfunc Loss() {}%s"}`, spelled, spelled, noise)
		kept := newScrubber(key, nil).answer(text, "stop")
		a, err := ParseReply(kept, "stop")
		for _, part := range []string{kept, a.Thought, a.Name, a.Code, fmt.Sprint(err)} {
			if strings.Contains(part, key) {
				t.Errorf("the key is in %q, which came from %q", part, text)
			}
		}
	})
}
