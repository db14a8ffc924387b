package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// The list of known objectives fits a terminal of 80 columns, and loses nothing of
// them for it.
func TestCatalogFits(t *testing.T) {
	var out bytes.Buffer
	if err := (&app{out: &out}).catalogList(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, e := range catalog.All() {
		if want := e.Name + " " + e.Formula + " " + e.Paper; !strings.Contains(text, want) {
			t.Errorf("it lacks %q", want)
		}
	}
}
