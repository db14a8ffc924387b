package propose

import (
	"errors"
	"fmt"
	"math"

	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

var (
	errNoSite   = errors.New("nothing to edit")
	errRescaled = errors.New("the edit changes no more than a scale")
)

// mutation is one typed edit of a simplified graph.
type mutation struct {
	suffix string // of the offspring's name
	apply  func(subject) (edited, error)
}

// edited is a graph and what was done to it: a verb phrase, and why it may help.
type edited struct {
	graph *graph.Graph
	what  string
	why   string
}

var mutations = []choice[mutation]{
	{3, mutation{"tuned", tweak}},
	{2, mutation{"reshaped", reshape}},
	{1, mutation{"relinked", relink}},
	{2, mutation{"gated", addGate}},
	{3, mutation{"weighted", weigh}},
	{3, mutation{"penalized", penalize}},
	{2, mutation{"swapped", swap}},
	{1, mutation{"pruned", prune}},
	{1, mutation{"scheduled", reschedule}},
	{1, mutation{"detached", detach}},
}

// mutate edits one parent once.
func mutate(req Request) (draft, error) {
	p := parent(req)
	m := draw(req.Rand, mutations)
	s := newSubject(req.Rand, p.Graph)
	out, err := m.apply(s)
	if err != nil {
		return draft{}, err
	}
	if rescaled(out.graph, s.graph) {
		return draft{}, errRescaled
	}
	return draft{
		graph:   out.graph,
		name:    stem(p.Name) + "_" + m.suffix,
		thought: fmt.Sprintf("In %s, %s: %s.", p.Name, out.what, out.why),
		parents: []string{p.ID},
	}, nil
}

// explore applies two to four edits to one parent, every other time one from
// anywhere in the ranking.
func explore(req Request) (draft, error) {
	p := parent(req)
	if req.Rand.IntN(2) == 0 {
		p = one(req.Rand, parents(req))
	}
	g, what := rewrite.Simplify(p.Graph), ""
	for range 2 + req.Rand.IntN(3) {
		out, err := draw(req.Rand, mutations).apply(newSubject(req.Rand, g))
		if err != nil || len(out.graph.Nodes) > maxSize {
			continue
		}
		if g = out.graph; what != "" {
			what += "; "
		}
		what += out.what
	}
	if what == "" {
		return draft{}, errNoSite
	}
	return draft{
		graph:   g,
		name:    stem(p.Name) + "_far",
		thought: fmt.Sprintf("Far from %s: %s.", p.Name, what),
		parents: []string{p.ID},
	}, nil
}

// tweak multiplies constants by log-normal factors: one of them by a large one,
// or all by small ones.
func tweak(s subject) (edited, error) {
	const why = "its balance of terms may not be the best"
	if named := rewrite.Promotable(s.graph); len(named) > 0 && s.rand.IntN(3) == 0 {
		i := one(s.rand, named)
		k := s.graph.Nodes[i].K[0]
		moved := s.jitter(k, .6)
		g, err := rewrite.Promote(s.graph, i, moved)
		return edited{g, fmt.Sprintf("names the constant %.3g and moves it to %.3g", k, moved), why}, err
	}
	g := s.graph.Clone()
	var slots []*float64
	for i := range g.Nodes {
		for j := range g.Nodes[i].K {
			slots = append(slots, &g.Nodes[i].K[j])
		}
	}
	if len(slots) == 0 {
		return edited{}, errNoSite
	}
	what := "moves all constants a little"
	if s.rand.IntN(3) == 0 {
		for _, k := range slots {
			*k = s.jitter(*k, .2)
		}
	} else {
		k := one(s.rand, slots)
		old := *k
		*k = s.jitter(old, .6)
		what = fmt.Sprintf("moves the constant %.3g to %.3g", old, *k)
	}
	return edited{rewrite.Simplify(g), what, why}, g.Validate()
}

// jitter moves a constant log-normally, keeping its sign; 0 moves to a small
// number.
func (s subject) jitter(k, sigma float64) float64 {
	if k == 0 {
		return round(.3*sigma*s.rand.NormFloat64(), 2)
	}
	return round(k*math.Exp(sigma*s.rand.NormFloat64()), 3)
}

// reshape changes a rising quantity, often beta times the margin.
func reshape(s subject) (edited, error) {
	s, i, err := s.site(s.of(rising))
	if err != nil {
		return edited{}, err
	}
	return s.replace(i, "outliers, targets or lengths then count differently", func(g grammar, v objective.Vec) term {
		x := g.reshape(term{v, s.noun(i)})
		return term{x.Vec, "replaces " + s.noun(i) + " by " + x.words}
	})
}

// relink replaces a falling part by another link of a margin.
func relink(s subject) (edited, error) {
	s, i, err := s.site(s.of(falling))
	if err != nil {
		return edited{}, err
	}
	return s.replace(i, "the link decides how hard lost and noisy pairs pull", func(g grammar, _ objective.Vec) term {
		link := g.link(s.margin(g))
		return term{link.Vec, "replaces " + s.noun(i) + " by " + link.words}
	})
}

// addGate blends the loss, or a falling part of it, into a link by a gate.
func addGate(s subject) (edited, error) {
	s, i, err := s.site(s.of(falling))
	if err != nil || s.rand.IntN(2) == 0 {
		i = s.graph.Output
	}
	return s.replace(i, "won and lost pairs can then follow different losses", func(g grammar, v objective.Vec) term {
		x := s.margin(g)
		mixed := g.mix(loss{term{v, s.noun(i)}, ""}, g.link(x), g.gate(x))
		return term{mixed.Vec, "lets it be " + mixed.words}
	})
}

// weigh multiplies the loss by a weight per pair.
func weigh(s subject) (edited, error) {
	return s.replace(s.graph.Output, "pairs that matter more get more of the budget", func(g grammar, v objective.Vec) term {
		changed := g.weighted(loss{term{v, "the loss"}, ""})
		return term{changed.Vec, "makes it " + changed.words}
	})
}

// penalize adds a penalty to the loss.
func penalize(s subject) (edited, error) {
	return s.replace(s.graph.Output, "pairs are then kept, or made to take sides, at little KL", func(g grammar, v objective.Vec) term {
		changed := g.penalized(loss{term{v, "the loss"}, ""})
		return term{changed.Vec, "makes it " + changed.words}
	})
}
