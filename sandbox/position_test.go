package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/sandbox/graph"
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

// TestDecodeTraced checks that what a child says about positions is not believed.
func TestDecodeTraced(t *testing.T) {
	g := &graph.Graph{Version: graph.Version, Nodes: []graph.Node{{Op: graph.PolicyChosen}, {Op: graph.Neg, Args: []int{0}}}, Output: 1}
	encoded, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, after string
		want        []position
		err         string
	}{
		{"none", "", nil, ""},
		{"good", "\n[[1,2],[2,4]]", []position{{1, 2}, {2, 4}}, ""},
		{"line 0", "\n[[0,2],[2,4]]", []position{{}, {2, 4}}, ""},
		{"beyond the last line", "\n[[3,1],[2,4]]", []position{{}, {2, 4}}, ""},
		{"beyond the end of a line", "\n[[2,5],[2,4]]", []position{{}, {2, 4}}, ""},
		{"negative column", "\n[[1,-1],[2,4]]", []position{{}, {2, 4}}, ""},
		{"too few", "\n[[1,2]]", nil, "1 positions for 2 nodes"},
		{"too many", "\n[[1,2],[1,2],[1,2]]", nil, "3 positions for 2 nodes"},
		{"nonsense", "\n{}", nil, "positions: "},
		{"trailing data", "\n[[1,2],[2,4]]x", nil, "positions: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, at, err := decodeTraced([]byte(string(encoded)+tt.after), "abc\ndef")
			if diff := cmp.Diff(tt.want, at); diff != "" {
				t.Error(diff)
			}
			if got := fmt.Sprint(err); (err == nil) != (tt.err == "") || !strings.Contains(got, tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}
