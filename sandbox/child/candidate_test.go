package child

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/objdisco/discover/sandbox/canon"
	"github.com/objdisco/discover/sandbox/tracer"
)

// TestMarksChangeNothing holds the trace with marks against the one without, and
// checks that every node has a place.
func TestMarksChangeNothing(t *testing.T) {
	paths, err := filepath.Glob("../testdata/benign/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c := &candidate{steps: tracer.DefaultSteps}
			if rejection := c.trace(string(source)); rejection != nil {
				t.Fatal(rejection)
			}
			g, at, err := c.interpret(canon.RewriteMarked(c.checked))
			if err != nil {
				t.Fatal(err)
			}
			if g.Hash() != c.graph.Hash() || len(at) != len(g.Nodes) {
				t.Errorf("another graph: %d nodes at %d places, want %d", len(g.Nodes), len(at), len(c.graph.Nodes))
			}
			for i, pos := range at {
				if pos == 0 && !g.Nodes[i].Op.Leaf() {
					t.Errorf("node %d, %s, has no place", i, g.Nodes[i].Op)
				}
			}
		})
	}
}
