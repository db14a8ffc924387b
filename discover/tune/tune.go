// Package tune searches the named parameters of an objective for values that
// score better, by CMA-ES.
package tune

import (
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
	Score       float64            // of Values; NaN if nothing could be scored
	Before      float64            // of the values that the objective came with
	Evaluations int                // calls of Score, the first one included
}

// Improved reports whether the search found better values than it was given.
func (r Result) Improved() bool {
	return r.Score > r.Before || math.IsNaN(r.Before) && !math.IsNaN(r.Score)
}

const (
	digits = 3
	// step is the initial standard deviation: of the logarithm of a parameter,
	// or of one that starts at 0.
	step = .5
	// reach bounds a parameter to this many steps from where it started: a
	// factor of 20 each way.
	reach = 6
)

// Maximize calls score at most budget times, one call after the other, first with
// the values that g has, then with those that CMA-ES proposes. A parameter keeps
// its sign and moves on a logarithmic scale; one that is 0 moves on a linear
// scale. The result depends only on g, the scores, the budget and r.
//
// It is an error if g has no parameters, budget is less than 1, or score
// returns one.
func Maximize(g *graph.Graph, score Score, budget int, r *rand.Rand) (Result, error) {
	s := &search{params: g.Params(), score: score, budget: budget}
	if len(s.params) == 0 {
		return Result{}, fmt.Errorf("tune: the objective has no parameters")
	}
	if budget < 1 {
		return Result{}, fmt.Errorf("tune: budget of %d evaluations, want at least 1", budget)
	}
	origin := make([]float64, len(s.params))
	s.best.Score = math.NaN()
	s.best.Before = -s.lose(origin)
	if s.best.Before == math.Inf(-1) {
		s.best.Before = math.NaN()
	}
	if s.err != nil || budget == 1 {
		return s.best, s.err
	}
	problem := optimize.Problem{Func: s.lose, Status: s.status}
	settings := &optimize.Settings{Converger: optimize.NeverTerminate{}}
	if _, err := optimize.Minimize(problem, origin, settings, &optimize.CmaEsChol{Src: r}); err != nil && s.err == nil {
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

// lose is what is minimized: minus the score at x.
func (s *search) lose(x []float64) float64 {
	if s.err != nil {
		return math.Inf(1)
	}
	values := s.values(x)
	score, err := s.score(maps.Clone(values))
	s.best.Evaluations++
	if err != nil {
		s.err = fmt.Errorf("tune: %w", err)
		return math.Inf(1)
	}
	if math.IsNaN(score) || math.IsInf(score, 0) {
		score = math.Inf(-1)
	}
	if s.best.Values == nil || score > s.best.Score || math.IsNaN(s.best.Score) && !math.IsInf(score, 0) {
		s.best.Values, s.best.Score = values, score
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
