package graph

import (
	"fmt"
	"strings"
	"testing"
)

// wild returns graphs of n nodes that are laborious to look at: chains of one
// operation, and ones that turn, jump or sort again and again.
func wild(n int) map[string]*Graph {
	out := map[string]*Graph{}
	for _, op := range []Op{Sort, Erf, Sin, Std} {
		out[op.String()] = chain(n, func(g *Graph) { g.push(op, len(g.Nodes)-1) })
	}
	out["descending sorts"] = chain(n, func(g *Graph) { g.push(Sort, g.push(Neg, len(g.Nodes)-1)) })
	out["waves"] = chain(n, func(g *Graph) {
		last := len(g.Nodes) - 1
		g.Nodes = append(g.Nodes, Node{Op: Scale, Args: []int{last}, K: []float64{40}})
		g.push(Sin, last+1)
	})
	out["steps"] = chain(n, func(g *Graph) {
		last := len(g.Nodes) - 1
		wave := g.push(Sin, last)
		g.push(Add, last, g.push(Greater, wave, last))
	})
	return out
}

// push appends an operation and returns its index.
func (g *Graph) push(op Op, args ...int) int {
	g.Nodes = append(g.Nodes, Node{Op: op, Args: args})
	return len(g.Nodes) - 1
}

// chain repeats link on the margin up to n nodes.
func chain(n int, link func(*Graph)) *Graph {
	g := &Graph{Version: Version}
	h := g.push(Sub, g.push(PolicyChosen), g.push(RefChosen))
	h = g.push(Sub, h, g.push(Sub, g.push(PolicyRejected), g.push(RefRejected)))
	for len(g.Nodes) < n-4 {
		last := len(g.Nodes) - 1
		link(g)
		if !g.Shapes()[len(g.Nodes)-1] {
			g.push(Add, last, len(g.Nodes)-1)
		}
	}
	g.push(Add, h, len(g.Nodes)-1)
	g.Output = len(g.Nodes) - 1
	return g
}

// TestWorkIsBounded counts the operations, for each pair, that looking at the
// largest graphs takes: they are what the trusted process spends on a graph after it
// is accepted, and must stay near what a graph of ordinary size takes.
func TestWorkIsBounded(t *testing.T) {
	const most = 40_000_000 // about half a second
	for name, g := range wild(MaxNodes) {
		t.Run(name, func(t *testing.T) {
			plan, err := Compile(g)
			if err != nil {
				t.Fatal(err)
			}
			r := plan.NewRunner()
			inspect(r)
			if r.work > most {
				t.Errorf("a datasheet takes %d operations, want at most %d", r.work, most)
			}
			inspected := r.work
			observe(r, 1)
			if r.work-inspected > most/10 {
				t.Errorf("a fingerprint takes %d operations, want at most %d", r.work-inspected, most/10)
			}
			t.Log(inspected, r.work-inspected)
		})
	}
}

// TestLargeFormulasAreOmitted: every sum of this graph is the argument of the next,
// so that its formula would grow with the square of its size.
func TestLargeFormulasAreOmitted(t *testing.T) {
	g := wild(MaxNodes)["std"]
	want := fmt.Sprintf("%d operations", g.size())
	if f := Formula(g); !strings.Contains(f, want) || len(f) > 100 {
		t.Errorf("formula %.200q", f)
	}
	if rows := LaTeX(g); len(rows) != 1 || !strings.Contains(rows[0], want) {
		t.Errorf("%d rows of LaTeX", len(rows))
	}
}

// TestOrdinaryGraphsAreMeasuredWhole: thinning begins beyond what objectives are.
func TestOrdinaryGraphsAreMeasuredWhole(t *testing.T) {
	for _, tt := range []struct{ nodes, points int }{{20, len(shapeGrid())}, {200, len(shapeGrid())}, {MaxNodes, len(shapeGrid()) / 7}} {
		plan, err := Compile(wild(tt.nodes)["waves"])
		if err != nil {
			t.Fatal(err)
		}
		if n := len(gridFor(plan.NewRunner())); n > tt.points+1 || n < tt.points*3/4 {
			t.Errorf("%d points for %d nodes, want about %d", n, tt.nodes, tt.points)
		}
	}
}
