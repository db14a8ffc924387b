package propose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/discover/propose/source"
	"github.com/objdisco/discover/sandbox/graph"
)

const (
	maxTunable = 6 // parameters; a small budget finds nothing among more
	promotions = 2 // constants that become parameters where there is none
)

// Tunable returns the objective of a prior with parameters to tune: its own, or a
// few of its constants. ok is false if it has neither, or too many.
func Tunable(p Prior) (g *graph.Graph, ok bool) {
	if p.Graph == nil || len(p.Graph.Nodes) > 4*maxSize {
		return nil, false
	}
	g = p.Graph
	if len(g.Params()) == 0 {
		var err error
		if g, err = rewrite.Parametrize(g, promotions); err != nil {
			return nil, false
		}
	}
	n := len(g.Params())
	return g, n > 0 && n <= maxTunable
}

// Tuned is the proposal of g, which Tunable returned for p, with other values of
// its parameters. It draws nothing from req. ok is false if they amount to another beta
// or factor of the loss: fitness is neutral to these, so what seems better is luck.
func Tuned(req Request, p Prior, g *graph.Graph, values map[string]float64) (tuned Proposal, ok bool, err error) {
	changed, err := g.WithParams(values)
	if err != nil {
		return Proposal{}, false, fmt.Errorf("tune candidate %s: %w", p.ID, err)
	}
	if rescaled(changed, g) {
		return Proposal{}, false, nil
	}
	before := map[string]float64{}
	for _, param := range g.Params() {
		before[param.Name] = param.Value
	}
	var moves []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name] != before[name] {
			moves = append(moves, fmt.Sprintf("%s from %g to %g", name, before[name], values[name]))
		}
	}
	thought := fmt.Sprintf("In %s, moves %s.", p.Name, strings.Join(moves, " and "))
	return Proposal{
		Name: newKnown(req).fresh(stem(p.Name) + "_tuned"), Thought: thought, Code: source.Print(changed, thought), Operator: "tune", Parents: []string{p.ID},
	}, true, nil
}
