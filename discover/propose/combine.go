package propose

import (
	"fmt"

	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// combine makes one objective of two parents: a part of one in the place of a
// part of the same kind of the other, a blend by a gate, or an average.
func combine(req Request) (draft, error) {
	a, b := parent(req), parent(req)
	if a.ID == b.ID {
		return draft{}, errNoSite
	}
	s := newSubject(req.Rand, a.Graph)
	donor := newSubject(req.Rand, disjoint(b.Graph, s.graph))
	out, suffix, err := edited{}, "", error(nil)
	switch at := req.Rand.IntN(4); {
	case at < 2:
		suffix = "cross"
		out, err = cross(s, donor)
	case at == 2:
		suffix = "blend"
		out, err = blend(s, donor)
	default:
		suffix = "average"
		out, err = average(s, donor)
	}
	if err != nil {
		return draft{}, err
	}
	if rescaled(out.graph, s.graph, donor.graph) {
		return draft{}, errRescaled
	}
	return draft{
		graph:   out.graph,
		name:    joint(a.Name, b.Name) + "_" + suffix,
		thought: fmt.Sprintf("Joins %s and %s: %s; %s.", a.Name, b.Name, out.what, out.why),
		parents: []string{a.ID, b.ID},
	}, nil
}

// cross replaces a part of s by a part of the same kind of the donor.
func cross(s, donor subject) (edited, error) {
	s, i, err := s.site(func(i int) bool { return s.kind(i) != other })
	if err != nil {
		return edited{}, err
	}
	j, err := donor.find(donor.of(s.kind(i)))
	if err != nil {
		return edited{}, err
	}
	return s.replace(i, "the two parts play the same role", func(g grammar, _ objective.Vec) term {
		return term{rewrite.Vec(g.Batch, donor.graph, j), fmt.Sprintf("%s of the first gives way to %s of the second", s.noun(i), donor.noun(j))}
	})
}

// blend lets a gate choose between the two losses, pair by pair.
func blend(s, donor subject) (edited, error) {
	return s.replace(s.graph.Output, "each may rule where it is the better one", func(g grammar, v objective.Vec) term {
		second := term{rewrite.Vec(g.Batch, donor.graph, donor.graph.Output), "the second"}
		return g.mix(loss{term{v, "the first is"}, ""}, loss{second, ""}, g.gate(s.margin(g))).term
	})
}

// average weighs the two losses by a constant.
func average(s, donor subject) (edited, error) {
	share := round(.15+.7*s.rand.Float64(), 2)
	return s.replace(s.graph.Output, "what they agree on is kept and their flaws are halved", func(g grammar, v objective.Vec) term {
		second := rewrite.Vec(g.Batch, donor.graph, donor.graph.Output)
		rest := round(1-share, 2)
		return term{v.Scale(share).Add(second.Scale(rest)), fmt.Sprintf("%g of the first plus %g of the second", share, rest)}
	})
}

// disjoint returns g with those parameters renamed that host declares with
// another value.
func disjoint(g, host *graph.Graph) *graph.Graph {
	taken := map[string]float64{}
	for _, p := range host.Params() {
		taken[p.Name] = p.Value
	}
	out := g.Clone()
	for i := range out.Nodes {
		n := &out.Nodes[i]
		if v, ok := taken[n.Name]; ok && n.Op == graph.Param && v != n.K[0] {
			n.Name = rewrite.FreeParam(n.Name, host, out)
		}
	}
	return out
}

// simplify prunes a parent and rounds its constants: a smaller loss that does as
// well is the better one.
func simplify(req Request) (draft, error) {
	p := parent(req)
	before := rewrite.Simplify(p.Graph)
	g := rounded(before, 2)
	for range 1 + req.Rand.IntN(3) {
		if out, err := prune(newSubject(req.Rand, g)); err == nil {
			g = out.graph
		}
	}
	if len(g.Nodes) >= len(before.Nodes) || rescaled(g, before) {
		return draft{}, errRescaled
	}
	return draft{
		graph:   g,
		name:    stem(p.Name) + "_simple",
		thought: fmt.Sprintf("Strips %s from %d operations to %d: if it does as well, the rest was ballast.", p.Name, len(before.Nodes), len(g.Nodes)),
		parents: []string{p.ID},
	}, nil
}

// rounded returns g with constants of a few significant digits.
func rounded(g *graph.Graph, digits int) *graph.Graph {
	out := g.Clone()
	for i := range out.Nodes {
		for j, k := range out.Nodes[i].K {
			out.Nodes[i].K[j] = round(k, digits)
		}
	}
	return rewrite.Simplify(out)
}
