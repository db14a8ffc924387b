package propose

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/discover/propose/source"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// subject is a simplified graph under edit.
type subject struct {
	rand  *rand.Rand
	graph *graph.Graph
	kinds []kind
}

func newSubject(r *rand.Rand, g *graph.Graph) subject {
	s := subject{rand: r, graph: rewrite.Simplify(g)}
	shapes := s.graph.Shapes()
	s.kinds = make([]kind, len(shapes))
	for i := range shapes {
		s.kinds[i] = kindOf(s.graph, shapes, i)
	}
	return s
}

// sites returns the nodes for which ok holds, in order; the insides of
// log-ratios and margins are no sites.
func (s subject) sites(ok func(i int) bool) []int {
	var out []int
	for i, written := range source.Written(s.graph) {
		if written && ok(i) {
			out = append(out, i)
		}
	}
	return out
}

// site draws a node for which ok holds, and with equal chances means all its
// uses or one of them: the subject returned then has that use isolated.
func (s subject) site(ok func(i int) bool) (subject, int, error) {
	sites := s.sites(ok)
	if len(sites) == 0 {
		return s, 0, errNoSite
	}
	i := one(s.rand, sites)
	uses := s.uses(i)
	if len(uses) < 2 || s.rand.IntN(2) == 0 {
		return s, i, nil
	}
	use := one(s.rand, uses)
	isolated, at := rewrite.Isolate(s.graph, use[0], use[1])
	s.graph, s.kinds = isolated, slices.Insert(slices.Clone(s.kinds), at, s.kinds[i])
	return s, at, nil
}

// uses lists where node i is an operand: user and slot.
func (s subject) uses(i int) [][2]int {
	var out [][2]int
	for user, n := range s.graph.Nodes {
		for slot, a := range n.Args {
			if a == i {
				out = append(out, [2]int{user, slot})
			}
		}
	}
	return out
}

// of returns a predicate for nodes of kind k.
func (s subject) of(k kind) func(int) bool {
	return func(i int) bool { return s.kinds[i] == k }
}

// replace puts what change returns in the place of node i. The words of that
// term say what was done.
func (s subject) replace(i int, why string, change func(g grammar, v objective.Vec) term) (edited, error) {
	what := ""
	g, err := rewrite.Replace(s.graph, i, func(b objective.Batch, v objective.Vec) objective.Vec {
		t := change(grammar{s.rand, b}, v)
		what = t.words
		return t.Vec
	})
	return edited{g, what, why}, err
}

// margin draws a rising part of the subject, or beta times the margin, for a
// new link or gate to act on.
func (s subject) margin(g grammar) term {
	sites := s.sites(s.of(rising))
	if len(sites) == 0 || s.rand.IntN(2) == 0 {
		return g.margin()
	}
	i := one(s.rand, sites)
	return term{rewrite.Vec(g.Batch, s.graph, i), s.noun(i)}
}

// noun names node i for a reader.
func (s subject) noun(i int) string {
	if s.graph.Nodes[i].Op.Leaf() {
		return "the " + strings.ReplaceAll(s.graph.Nodes[i].Op.String(), "_", " ")
	}
	noun := source.Noun(s.graph, i)
	switch {
	case noun == "x":
		return "the margin"
	case noun == "rewardChosen" || noun == "chosen":
		return "the chosen log-ratio"
	case noun == "rewardRejected" || noun == "rejected":
		return "the rejected log-ratio"
	case strings.HasSuffix(noun, "ed") || strings.HasSuffix(noun, "tive") || strings.HasSuffix(noun, "er") && noun != "power":
		return "the " + noun + " term"
	}
	return "the " + noun
}
