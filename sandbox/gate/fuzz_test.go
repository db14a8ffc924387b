package gate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzFront checks for any text that the gate ends, gives a plausible position
// and a reason when it refuses, and lets nothing pass that it should not.
func FuzzFront(f *testing.F) {
	for _, dir := range []string{"hostile", "benign"} {
		paths, err := filepath.Glob("../testdata/" + dir + "/*.txt")
		if err != nil || len(paths) == 0 {
			f.Fatalf("no candidates in %s: %v", dir, err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			_, source, ok := strings.Cut(string(data), "---\n")
			if !ok {
				source = string(data)
			}
			f.Add(source)
		}
	}
	f.Fuzz(func(t *testing.T, source string) {
		file, rejection := Front(source)
		if rejection == nil {
			_, rejection = Types(file)
		}
		if rejection != nil {
			plausible(t, source, rejection)
			return
		}
		for _, word := range []string{"unsafe", "go func", "chan ", "defer ", "recover(", "interface{"} {
			if strings.Contains(withoutComments(source), word) {
				t.Errorf("accepted with %q:\n%s", word, source)
			}
		}
	})
}

func plausible(t *testing.T, source string, r *Rejection) {
	lines := strings.Split(source, "\n")
	switch {
	case r.Stage == "" || r.Reason == "":
		t.Errorf("incomplete: %+v", r)
	case r.Line == 0 && r.Column == 0:
	case r.Line < 1 || r.Line > len(lines):
		t.Errorf("line %d of %d: %v", r.Line, len(lines), r)
	case r.Column < 1 || r.Column > len(lines[r.Line-1])+1:
		t.Errorf("column %d of %d: %v", r.Column, len(lines[r.Line-1]), r)
	}
}

// withoutComments drops comments roughly: everything after // and between /* */.
func withoutComments(source string) string {
	var out strings.Builder
	for source != "" {
		switch {
		case strings.HasPrefix(source, "//"):
			_, source, _ = strings.Cut(source, "\n")
		case strings.HasPrefix(source, "/*"):
			_, source, _ = strings.Cut(source[2:], "*/")
		default:
			out.WriteByte(source[0])
			source = source[1:]
		}
	}
	return out.String()
}
