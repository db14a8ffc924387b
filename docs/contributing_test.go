package docs

import (
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hunk is one place of a patch: the lines before and after.
type hunk struct{ before, after string }

// patchesIn reads the diff blocks of a document: for each file its hunks. Lines
// begin with "+", "-" or a space; "@@" without figures stands between hunks.
func patchesIn(text string) (map[string][]hunk, error) {
	out := map[string][]hunk{}
	for _, block := range strings.Split(text, "```diff\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		file := ""
		for line := range strings.Lines(block) {
			if name, ok := strings.CutPrefix(line, "+++ b/"); ok {
				file = strings.TrimSpace(name)
				continue
			}
			hunks := out[file]
			switch {
			case strings.HasPrefix(line, "--- "):
			case strings.HasPrefix(line, "@@"):
				out[file] = append(hunks, hunk{})
			case len(hunks) == 0:
				return nil, fmt.Errorf("%q stands before any hunk", line)
			default:
				h := &hunks[len(hunks)-1]
				if line[0] != '+' {
					h.before += line[1:]
				}
				if line[0] != '-' {
					h.after += line[1:]
				}
			}
		}
	}
	return out, nil
}

// applied is a source with every hunk in its place, which must be one place.
func applied(source string, hunks []hunk) (string, error) {
	for _, h := range hunks {
		if n := strings.Count(source, h.before); h.before != "" && n != 1 {
			return "", fmt.Errorf("%d places for\n%s", n, h.before)
		}
		source = strings.Replace(source, h.before, h.after, 1)
	}
	return source, nil
}

// patched are the files that the examples of CONTRIBUTING.md make.
func patched(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	patches, err := patchesIn(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(patches) < 9 {
		t.Fatalf("patches of %d files only", len(patches))
	}
	out := map[string]string{}
	for file, hunks := range patches {
		source, err := os.ReadFile(filepath.Join("..", file))
		if err != nil && hunks[0].before != "" {
			t.Fatal(err)
		}
		if out[file], err = applied(string(source), hunks); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	return out
}

// The examples of CONTRIBUTING.md fit the sources as they are, and are formatted.
func TestExamplesApply(t *testing.T) {
	for file, source := range patched(t) {
		if filepath.Ext(file) != ".go" {
			continue
		}
		formatted, err := format.Source([]byte(source))
		if err != nil {
			t.Errorf("%s: %v", file, err)
		} else if string(formatted) != source {
			t.Errorf("%s: the patched file is not formatted", file)
		}
	}
}
