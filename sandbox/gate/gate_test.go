package gate

import (
	"strings"
	"testing"
)

const head = "package candidate\n\nimport \"objective\"\n\n"

// TestPositions checks where and why representative candidates are refused;
// the whole collection is in ../testdata/hostile.
func TestPositions(t *testing.T) {
	for _, tt := range []struct {
		name, source string
		line, column int
		want         string // start of the rejection without its position
	}{
		{"empty", " \n", 1, 1, "size: the source is empty"},
		{"size", head + "/*" + strings.Repeat("x", MaxBytes) + "*/", 5, 16385 - len(head), "size: the source has 16427 bytes"},
		{"control", "package p\n\n\x07", 3, 1, "size: the source contains the control character U+0007"},
		{"depth", head + "const k = " + strings.Repeat("(", 41), 5, 51, "size: brackets nested more than 40 deep"},
		{"parse", head + "func Loss( {}", 5, 12, "parse: "},
		{"parse without package", "func Loss( {}", 1, 12, "parse: "},
		{"parse on line 2 without package", "\nfunc Loss( {}", 2, 12, "parse: "},
		{"policy", head + "func Loss(b objective.Batch) objective.Vec { go x() }", 5, 46, "policy: go is not allowed in an objective"},
		{"policy without package", "func Loss(b objective.Batch) objective.Vec { go x() }", 1, 46, "policy: go is not allowed in an objective"},
		{"policy after a byte order mark", "\ufefffunc Loss(b objective.Batch) objective.Vec { go x() }", 1, 46, "policy: go is not allowed in an objective"},
		{"method value", "func Loss(b objective.Batch) objective.Vec {\n\tf := b.Beta.Neg\n\treturn f()\n}", 2, 14, "policy: method Neg used as a value"},
		{"types", "func Loss(b objective.Batch) objective.Vec {\n\treturn x\n}", 2, 9, "types: undefined: x"},
		{"types, all errors", "func Loss(b objective.Batch) objective.Vec {\n\treturn x.Add(y, z)\n}", 2, 9, "types: undefined: x; 2:15: undefined: y; 2:18: undefined: z ("},
		{"after prose like a line directive", "//line search: one step\n/*line up:*/ func Loss(b objective.Batch) objective.Vec {\n\treturn x\n}", 3, 9, "types: undefined: x"},
		{"directive after a word", "//go:nosplit", 1, 1, "size: compiler directive \"//go:nosplit\""},
		{"recursion", "func f() float64 {\n\treturn 1 + g()\n}\n\nfunc g() float64 { return f() }\n\nfunc Loss(b objective.Batch) objective.Vec { return b.Beta }", 5, 27, "policy: recursion: g refers to f"},
		{"assignment", "func Loss(b objective.Batch) objective.Vec {\n\tw := []float64{1}\n\tw[0] = 2\n\treturn b.Beta\n}", 3, 2, "policy: assignment to an element"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file, r := Front(tt.source)
			if r == nil {
				_, r = Types(file)
			}
			if r == nil {
				t.Fatal("accepted")
			}
			if r.Line != tt.line || r.Column != tt.column {
				t.Errorf("at %d:%d, want %d:%d", r.Line, r.Column, tt.line, tt.column)
			}
			bare := Rejection{Stage: r.Stage, Reason: r.Reason, Hint: r.Hint}
			if !strings.HasPrefix(bare.String(), tt.want) {
				t.Errorf("got %q, want %q", bare.String(), tt.want)
			}
			if r.Hint == "" {
				t.Error("no hint")
			}
		})
	}
}

// TestLossPosition checks where a rejection by the probe points.
func TestLossPosition(t *testing.T) {
	f, r := Front("func Loss(b objective.Batch) objective.Vec { return b.Beta }")
	if r != nil {
		t.Fatal(r)
	}
	if line, column := f.Position(f.Loss()); line != 1 || column != 6 {
		t.Errorf("Loss is at %d:%d, want 1:6", line, column)
	}
}
