package propose

import (
	"context"
	"errors"
	"fmt"

	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/discover/propose/source"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// maxDraws bounds how often a proposer draws again because what it drew is not
// acceptable or not new.
const maxDraws = 200

// maxDigits is the number of significant digits of a constant.
const maxDigits = 4

// Random proposes typed random programs and looks at no earlier result: the
// control arm that a search has to beat. Its zero value is ready, and it is safe
// for concurrent use.
type Random struct{}

// Propose draws a program that req does not hold yet.
func (Random) Propose(_ context.Context, req Request) (Proposal, error) {
	return propose(req, randomArms)
}

// Evolve proposes edits of earlier candidates, parents by rank, over the typed
// objective language. Its zero value is ready, and it is safe for concurrent
// use.
type Evolve struct{}

// Propose draws an operator, by the odds of the request if it names them, parents
// and an edit until the result is acceptable and new.
func (Evolve) Propose(_ context.Context, req Request) (Proposal, error) {
	if len(parents(req)) == 0 {
		return propose(req, randomArms)
	}
	return propose(req, evolveArms)
}

// draft is an offspring before it is written out.
type draft struct {
	graph   *graph.Graph
	name    string
	thought string
	parents []string
}

// operators make a draft from a request; an error means: draw again.
var operators = map[string]func(Request) (draft, error){
	"mutate": mutate, "combine": combine, "simplify": simplify, "explore": explore, "new": fresh,
}

var (
	evolveArms = []Arm{{"mutate", 10}, {"combine", 4}, {"simplify", 1.5}, {"explore", 3}, {"new", 1}}
	randomArms = []Arm{{"new", 1}}
)

// propose draws until a draft is acceptable and new, and writes it as source.
// When everything it drew was known, it settles for the last acceptable one: the
// loop counts duplicates.
func propose(req Request, arms []Arm) (Proposal, error) {
	known := newKnown(req)
	last, err := Proposal{}, errors.New("nothing drawn")
	for range maxDraws {
		op := pull(req.Rand, arms, req.Odds.Operators)
		d, drawErr := operators[op](req)
		if drawErr == nil {
			d.graph = rounded(d.graph, maxDigits)
			drawErr = acceptable(d.graph)
		}
		if drawErr != nil {
			if last.Code == "" {
				err = drawErr
			}
			continue
		}
		last = d.proposal(op, known.fresh(d.name))
		if !known.holds(d.graph) {
			return last, nil
		}
	}
	if last.Code == "" {
		return Proposal{}, fmt.Errorf("propose: no acceptable objective in %d draws: %w", maxDraws, err)
	}
	return last, nil
}

func (d draft) proposal(operator, name string) Proposal {
	return Proposal{
		Name:     name,
		Thought:  d.thought,
		Code:     source.Print(d.graph, d.thought),
		Operator: operator,
		Parents:  d.parents,
	}
}

// fresh draws a random program, half of the time with a named constant that can
// be tuned.
func fresh(req Request) (draft, error) {
	var l loss
	g, err := rewrite.Trace(func(b objective.Batch) objective.Vec {
		l = grammar{req.Rand, b}.loss()
		return l.Vec
	})
	if err != nil {
		return draft{}, err
	}
	if named := rewrite.Promotable(g); len(named) > 0 && req.Rand.IntN(2) == 0 {
		i := one(req.Rand, named)
		g, err = rewrite.Promote(g, i, g.Nodes[i].K[0])
	}
	return draft{graph: g, name: l.tag, thought: "Tries " + l.words + "."}, err
}
