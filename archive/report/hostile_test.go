package report

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/objdisco/discover/archive"
)

// hostile is text that tries to leave wherever it is put.
const hostile = "</title></style></pre></svg>\"'><script>alert(1)</script><img src=x onerror=alert(1)><!--]]>\u202e\x00\x1b[2J{{.}}"

// tags are all that a page may hold.
var tags = []string{
	"doctype", "html", "head", "meta", "title", "style", "body", "header", "main", "section", "footer", "p", "h1", "h2", "h3", "ul", "li",
	"dl", "dt", "dd", "div", "figure", "figcaption", "table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "pre", "code", "b", "span",
	"svg", "g", "path", "text", "br", "wbr",
	"math", "mrow", "mi", "mo", "mn", "msub", "msup", "mfrac", "msqrt", "mtable", "mtr", "mtd", "mtext",
}

// tag matches what a browser takes for the start of a tag or comment.
var tag = regexp.MustCompile(`<[/!?]?([a-zA-Z!?-][^\s/>]*)([^>]*)`)

func hostileRun(t *testing.T) []archive.Candidate {
	run := smallRun(t)
	for i := range run {
		c := &run[i]
		if c.Origin == fromCatalog {
			continue
		}
		c.Name, c.Thought, c.Code, c.Operator, c.Model, c.Reason, c.Hint = hostile, hostile, hostile, hostile, hostile, hostile, hostile
		c.Facts = []string{hostile}
		if c.Nearest != nil {
			c.Nearest.Name = hostile
		}
		if c.Status == archive.Rejected {
			c.Stage = hostile
		}
	}
	return run
}

func TestHostileTextStaysText(t *testing.T) {
	a := newRun(t, archive.Finished, hostileRun(t)...)
	got := pageOf(t, read(t, a.Reader, Options{Config: hostile, Commands: []string{hostile}}))
	if want := `http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';`; !strings.Contains(got, want) {
		t.Errorf("the page lacks %s", want)
	}
	if !strings.Contains(got, "&lt;script&gt;") {
		t.Error("the hostile text is not shown at all")
	}
	for _, found := range tag.FindAllStringSubmatch(got, -1) {
		if !slices.Contains(tags, strings.ToLower(found[1])) {
			t.Errorf("the page has the tag %q", found[0])
		}
		if regexp.MustCompile(`(?i)\s(on\w+|src|href|xlink:href)\s*=`).MatchString(found[2]) {
			t.Errorf("the page has the attributes %q", found[2])
		}
	}
	if strings.ContainsAny(got, "\u202e\x00\x1b") {
		t.Error("the page has control characters")
	}
}

func TestHostileNamesInFigures(t *testing.T) {
	a := newRun(t, archive.Finished, hostileRun(t)...)
	p := read(t, a.Reader, Options{})
	for _, name := range Figures() {
		var b strings.Builder
		if err := p.WriteFigure(&b, name, "svg"); err != nil {
			t.Fatal(err)
		}
		elements, texts := elementsOf(t, b.String())
		for element := range elements {
			if !slices.Contains(tags, element) {
				t.Errorf("figure %s has the element %q", name, element)
			}
		}
		if all := strings.Join(texts, "\n"); !strings.Contains(all, "</title>") {
			t.Errorf("figure %s does not show the name as text", name)
		}
	}
}

// elementsOf reads a drawing as XML: its elements, counted, and its texts.
func elementsOf(t *testing.T, svg string) (elements map[string]int, texts []string) {
	t.Helper()
	elements = map[string]int{}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return elements, texts
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			elements[token.Name.Local]++
		case xml.CharData:
			texts = append(texts, string(token))
		}
	}
}

func TestBreakable(t *testing.T) {
	if got, want := string(breakable("a_b<i>_c")), "a_<wbr>b&lt;i&gt;_<wbr>c"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLine(t *testing.T) {
	for _, test := range []struct {
		in   string
		n    int
		want string
	}{
		{"a\n\tb  c", 9, "a b c"}, {"a\u202eb\x00c", 9, "a b c"}, {"héllo wörld", 6, "héllo…"}, {"at large margins", 11, "at large…"}, {"at large, then", 10, "at large…"}, {"a longest_name_of_all", 10, "a longest…"}, {"\xff\xfe", 5, ""}, {"", 5, ""},
	} {
		if got := line(test.in, test.n); got != test.want {
			t.Errorf("line(%q, %d) = %q, want %q", test.in, test.n, got, test.want)
		}
	}
}
