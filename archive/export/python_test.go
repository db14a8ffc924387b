package export

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var assigned = regexp.MustCompile(`(?m)^    ([a-z]\w*?)(?:_(\d+))? = `)

// The Python that is exported keeps to 100 columns, the formula in the docstring apart
// where a term is longer, and numbers no name that is there but once.
func TestPythonIsReadable(t *testing.T) {
	objectives := append(known(t), evolved(t)...)
	for seed := range uint64(12) {
		objectives = append(objectives, random(t, seed))
	}
	for _, o := range objectives {
		for format, make := range map[string]func(Objective) ([]file, error){"torch": torchFiles, "jax": jaxFiles} {
			files, err := make(o)
			if err != nil {
				if strings.Contains(err.Error(), "finite on none") {
					continue
				}
				t.Fatal(err)
			}
			_, code, _ := strings.Cut(string(files[0].data), "import json")
			for line := range strings.Lines(code) {
				if utf8.RuneCountInString(line) > 101 {
					t.Errorf("%s of %s: %d columns: %s", format, o.Candidate.Name, len(line), line)
				}
			}
			_, body, _ := strings.Cut(code, "\ndef loss(")
			body, _, _ = strings.Cut(body, "\n\n\n")
			for _, m := range assigned.FindAllStringSubmatch(body, -1) {
				if m[1] == "negative" || m[1] == "total" {
					t.Errorf("%s of %s: a variable called %s", format, o.Candidate.Name, m[1])
				}
				if m[2] != "" && !regexp.MustCompile(`\b`+m[1]+`\b`).MatchString(code) {
					t.Errorf("%s of %s: %s_%s without %s in\n%s", format, o.Candidate.Name, m[1], m[2], m[1], body)
				}
			}
			if strings.Contains(body, "(-") && regexp.MustCompile(`\(-[a-z_0-9]+ \+`).MatchString(body) {
				t.Errorf("%s of %s: a negative comes first in\n%s", format, o.Candidate.Name, body)
			}
		}
	}
}

func TestBreakPython(t *testing.T) {
	long := "return " + strings.Repeat("where(mask, alpha_beta_gamma, ", 5) + "zero" + strings.Repeat(")", 5)
	lines := breakPython(long)
	if len(lines) < 2 {
		t.Fatalf("%q is in one line", long)
	}
	var joined []string
	for _, line := range lines {
		if len(line) > maxLine {
			t.Errorf("%d columns: %q", len(line), line)
		}
		joined = append(joined, strings.TrimSpace(line))
	}
	if got := strings.Join(joined, " "); got != long {
		t.Errorf("%q became %q", long, got)
	}
	if plain := "x = a + b"; len(breakPython(plain)) != 1 {
		t.Errorf("broke %q", plain)
	}
}
