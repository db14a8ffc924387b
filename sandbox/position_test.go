package sandbox

import (
	"strings"
	"testing"
)

// TestProbePositions checks that a rejection by the probe points at the operation
// to blame, wherever the candidate wrote it.
func TestProbePositions(t *testing.T) {
	for _, tt := range []struct{ name, source, at string }{
		{"chain over lines", "func Loss(b objective.Batch) objective.Vec {\n\treturn b.Margin().\n\t\tNeg().\n\t\tLog().\n\t\tNeg()\n}", "Log"},
		{"in a helper", "func Loss(b objective.Batch) objective.Vec { return root(b.Margin()) }\n\nfunc root(v objective.Vec) objective.Vec { return v.Neg().Sqrt() }", "Sqrt"},
		{"in a literal", "func Loss(b objective.Batch) objective.Vec {\n\tf := func(v objective.Vec) objective.Vec { return v.Reciprocal() }\n\treturn f(b.Margin())\n}", "Reciprocal"},
		{"in a loop", "func Loss(b objective.Batch) objective.Vec {\n\tx := b.Margin()\n\tfor i := 0; i < 9; i++ {\n\t\tx = x.Square().AddConst(1).Exp()\n\t}\n\treturn x\n}", "Exp"},
		{"inside Margin", "func Loss(b objective.Batch) objective.Vec {\n\ty := b.PolicyChosen.Scale(1e308)\n\treturn y.Sub(b.Margin())\n}", "Scale"},
		{"no operation to blame", "func Loss(b objective.Batch) objective.Vec {\n\treturn b.Margin().Detach()\n}", "Loss"},
		{"after a long loop", "func Loss(b objective.Batch) objective.Vec {\n\tx := b.Margin()\n\tfor i := 0; i < 1900; i++ {\n\t\tx = x.Neg()\n\t}\n\treturn x.Log()\n}", "Log"},
		{"gradient before a long loop", "func Loss(b objective.Batch) objective.Vec {\n\tx := b.Margin().ReLU().Sqrt()\n\tfor i := 0; i < 1900; i++ {\n\t\tx = x.Neg()\n\t}\n\treturn x\n}", "Sqrt"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c Checker
			_, r, err := c.Check(t.Context(), tt.source)
			if err != nil || r == nil || r.Stage != "probe" {
				t.Fatalf("rejection %v, error %v", r, err)
			}
			if line := strings.Split(tt.source, "\n")[r.Line-1]; !strings.HasPrefix(line[r.Column-1:], tt.at) {
				t.Errorf("%v: points at %q, want %q", r, line[r.Column-1:], tt.at)
			}
		})
	}
}
