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
	rand   *rand.Rand
	graph  *graph.Graph
	shapes []bool
	judged []kind // of nodes that were asked for, else unknown
}

func newSubject(r *rand.Rand, g *graph.Graph) subject {
	g = rewrite.Simplify(g)
	return subject{rand: r, graph: g, shapes: g.Shapes(), judged: make([]kind, len(g.Nodes))}
}

// kind judges node i, once.
func (s subject) kind(i int) kind {
	if s.judged[i] == unknown {
		s.judged[i] = kindOf(s.graph, s.shapes, i)
	}
	return s.judged[i]
}

// of returns a predicate for nodes of kind k.
func (s subject) of(k kind) func(int) bool {
	return func(i int) bool { return s.kind(i) == k }
}

// find draws a node for which ok holds; the insides of log-ratios and margins
// are never drawn. It asks no more often than it must.
func (s subject) find(ok func(i int) bool) (int, error) {
	written := source.Written(s.graph)
	for _, i := range s.rand.Perm(len(written)) {
		if written[i] && ok(i) {
			return i, nil
		}
	}
	return 0, errNoSite
}

// site draws a node for which ok holds, and with equal chances means all its
// uses or one of them: the subject returned then has that use isolated.
func (s subject) site(ok func(i int) bool) (subject, int, error) {
	i, err := s.find(ok)
	if err != nil {
		return s, 0, err
	}
	uses := s.uses(i)
	if len(uses) < 2 || s.rand.IntN(2) == 0 {
		return s, i, nil
	}
	use := one(s.rand, uses)
	isolated, at := rewrite.Isolate(s.graph, use[0], use[1])
	judged := slices.Insert(slices.Clone(s.judged), at, s.judged[i])
	return subject{s.rand, isolated, isolated.Shapes(), judged}, at, nil
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
	i, err := s.find(s.of(rising))
	if err != nil || s.rand.IntN(2) == 0 {
		return g.margin()
	}
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
