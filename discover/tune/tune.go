// Package tune searches the named parameters of an objective for values that
// score better, by the Nelder–Mead simplex method.
//
// Budgets are a few dozen scores, each of which costs a training sweep. On
// quadratic and rugged functions of 1 to 4 parameters, gonum's Nelder–Mead gets
// as far in 16 evaluations as its CMA-ES in 32 to 64.
package tune

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"strconv"

	"gonum.org/v1/gonum/optimize"

	"github.com/objdisco/discover/sandbox/graph"
)

// Score judges an objective whose parameters have the given values; higher is
// better. NaN and infinities count as worse than any number. An error ends the
// search. The map is the callee's to keep.
type Score func(values map[string]float64) (float64, error)

// Result is the best that a search has seen.
type Result struct {
	Values      map[string]float64 // of every parameter, with three significant digits where they moved
	Score       float64            // of Values
	Before      float64            // of the values that the objective came with
	Evaluations int                // calls of Score, the first one included
}

// ErrNoScore says that there is nothing to improve on.
var ErrNoScore = errors.New("the objective has no score")

const (
	digits = 3
	// step is the size of the first moves: of the logarithm of a parameter, or
	// of one that starts at 0.
	step = .5
	// reach bounds a parameter to this many steps from where it started: a
	// factor of 20 each way.
	reach = 6
	// worst is the loss where there is no score; the optimizer wants it finite.
	worst = math.MaxFloat64
)

// Maximize calls score at most budget times, one call after the other, first with
// the values that g has. A parameter keeps its sign and moves on a logarithmic
// scale; one that is 0 moves on a linear scale. The result depends only on g, the
// scores, the budget and r, which says in which direction each parameter moves
// first.
//
// It is an error if g has no parameters, budget is less than 1, or score returns
// one; and ErrNoScore if there is no number for the values that g has.
func Maximize(g *graph.Graph, score Score, budget int, r *rand.Rand) (Result, error) {
	s := &search{params: g.Params(), score: score, budget: budget}
	if len(s.params) == 0 {
		return Result{}, fmt.Errorf("tune: the objective has no parameters")
	}
	if budget < 1 {
		return Result{}, fmt.Errorf("tune: budget of %d evaluations, want at least 1", budget)
	}
	vertices, losses := s.simplex(r)
	if s.err != nil || s.best.Evaluations >= budget {
		return s.best, s.err
	}
	problem := optimize.Problem{Func: s.lose, Status: s.status}
	settings := &optimize.Settings{Converger: optimize.NeverTerminate{}}
	method := &optimize.NelderMead{InitialVertices: vertices, InitialValues: losses}
	if _, err := optimize.Minimize(problem, vertices[0], settings, method); err != nil && s.err == nil {
		s.err = fmt.Errorf("tune: %w", err)
	}
	return s.best, s.err
}

// search is one call of Maximize. Positions are in steps from the start, one
// coordinate for each parameter.
type search struct {
	params []graph.Parameter
	score  Score
	budget int
	best   Result
	err    error
}

// simplex scores where the search starts and one step from there along each
// parameter, as far as the budget goes.
func (s *search) simplex(r *rand.Rand) (vertices [][]float64, losses []float64) {
	for i := range len(s.params) + 1 {
		x := make([]float64, len(s.params))
		if i > 0 {
			x[i-1] = float64(2*r.IntN(2) - 1)
		}
		vertices, losses = append(vertices, x), append(losses, s.lose(x))
	}
	return vertices, losses
}

// lose is what is minimized: minus the score at x. Nothing is scored once the
// budget is spent.
func (s *search) lose(x []float64) float64 {
	if s.err != nil || s.best.Evaluations >= s.budget {
		return worst
	}
	values := s.values(x)
	score, err := s.score(maps.Clone(values))
	if err != nil {
		s.err = fmt.Errorf("tune: %w", err)
		return worst
	}
	s.best.Evaluations++
	scored := !math.IsNaN(score) && !math.IsInf(score, 0)
	switch {
	case s.best.Values == nil && !scored:
		s.err = fmt.Errorf("tune: %w: as it is it scores %g", ErrNoScore, score)
	case s.best.Values == nil:
		s.best.Values, s.best.Score, s.best.Before = values, score, score
	case scored && score > s.best.Score:
		s.best.Values, s.best.Score = values, score
	}
	if !scored {
		return worst
	}
	return -score
}

// status stops the optimizer when the budget is spent or a score has failed.
func (s *search) status() (optimize.Status, error) {
	if s.err != nil {
		return optimize.Failure, s.err
	}
	if s.best.Evaluations >= s.budget {
		return optimize.FunctionEvaluationLimit, nil
	}
	return optimize.NotTerminated, nil
}

// values returns the parameters at position x.
func (s *search) values(x []float64) map[string]float64 {
	out := map[string]float64{}
	for i, p := range s.params {
		move := step * min(max(x[i], -reach), reach)
		switch {
		case move == 0:
			out[p.Name] = p.Value
		case p.Value == 0:
			out[p.Name] = round(move)
		default:
			out[p.Name] = round(p.Value * math.Exp(move))
		}
	}
	return out
}

// round keeps the leading digits.
func round(x float64) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	if err != nil {
		return x
	}
	return y
}
