package propose

import (
	"errors"
	"math"

	"github.com/objdisco/discover/sandbox/graph"
)

// maxSize bounds the number of distinct operations of an offspring.
const maxSize = 60

// kind says what part a sub-expression can play, judged by how it behaves and
// not by how it is written: parts of one kind can stand in for each other.
type kind uint8

const (
	unknown kind = iota
	other
	scalar  // one value per batch
	gate    // between 0 and 1
	rising  // grows with the margin, as the margin itself does
	falling // falls with the margin and fades once a pair is won, as a loss does
)

// probeMargins are the margins of the probe batch, nats, ordered so that a
// micro-batch of two holds unlike pairs, and probeSplits the shares of the
// margin that the chosen response takes.
var (
	probeMargins = []float64{-10, 25, 0, -120, 4, -.3, 60, -25, .3, -1.5, 120, -60, 1.5, 10, -4}
	probeSplits  = []float64{.5, 1, 0, 1.6}
)

// probeBatch holds log-ratios up to ±60 nats and some beyond, with lengths and
// reference log-probabilities that vary from pair to pair. No response is more
// than certain. Log-ratios are multiplied by stretch.
func probeBatch(beta, progress, stretch float64) *graph.Batch {
	b := &graph.Batch{Beta: beta, Progress: progress}
	for _, split := range probeSplits {
		for i, m := range probeMargins {
			chosenLen, rejectedLen := float64(6+7*i%30), float64(9+11*i%27)
			chosen, rejected := stretch*split*m, -stretch*(1-split)*m
			refChosen, refRejected := -2.1*chosenLen-math.Max(chosen, 0), -2.3*rejectedLen-math.Max(rejected, 0)
			b.RefChosen = append(b.RefChosen, refChosen)
			b.RefRejected = append(b.RefRejected, refRejected)
			b.PolicyChosen = append(b.PolicyChosen, refChosen+chosen)
			b.PolicyRejected = append(b.PolicyRejected, refRejected+rejected)
			b.ChosenLen = append(b.ChosenLen, chosenLen)
			b.RejectedLen = append(b.RejectedLen, rejectedLen)
		}
	}
	return b
}

var (
	errNotFinite = errors.New("loss or gradient is not finite")
	errFlat      = errors.New("loss does not depend on the policy")
	errUphill    = errors.New("loss does not fall when the margin grows")
	errEndless   = errors.New("loss goes on pushing pairs that are long won")
	errTooLarge  = errors.New("too many operations")
)

// probeCases are where an objective must be usable: at the start, where the policy
// is the reference and every log-ratio 0, and over the usual betas, early and
// late.
var probeCases = []struct{ beta, progress, stretch float64 }{
	{.1, 0, 0}, {.01, 0, 1}, {.05, .5, 1}, {.25, 1, 1}, {1, .5, 1}, {2, 0, 1},
}

// acceptable reports why an objective is not worth proposing: too large, not
// finite on some probe batch, flat on one (where it is flat at the start, nothing
// is ever learned), pushing the margin down over the range in which training
// happens, or pushing on however far a pair is won.
func acceptable(g *graph.Graph) error {
	if len(g.Nodes) > maxSize {
		return errTooLarge
	}
	plan, err := graph.Compile(g)
	if err != nil {
		return err
	}
	runner, out := plan.NewRunner(), graph.Result{}
	uphill, endless := 0.0, true
	for _, c := range probeCases {
		runner.Run(probeBatch(c.beta, c.progress, c.stretch), 2, &out)
		if !finite(out.Loss) || !finite(out.GradChosen) || !finite(out.GradRejected) {
			return errNotFinite
		}
		if flat(out.GradChosen) && flat(out.GradRejected) {
			return errFlat
		}
		if c.stretch > 0 {
			uphill += slope(&out)
			endless = endless && fade(&out) > endlessFade
		}
	}
	switch {
	case uphill >= 0:
		return errUphill
	case endless:
		return errEndless
	}
	return nil
}

// slope sums the signs of the derivative by the margin over the pairs whose
// margin is at most 25 nats.
func slope(out *graph.Result) float64 {
	s := 0.0
	for i := range out.Loss {
		if d := out.GradChosen[i] - out.GradRejected[i]; d != 0 && math.Abs(probeMargins[i%len(probeMargins)]) <= 25 {
			s += math.Copysign(1, d)
		}
	}
	return s
}

// endlessFade is the share of its pull that a loss must lose once a pair is won.
const endlessFade = .8

// fade compares the pull on pairs won by 60 nats or more with that on pairs
// within 4 nats: 1 for a linear loss, 0 for one that lets go.
func fade(out *graph.Result) float64 {
	won, near, wonPairs, nearPairs := 0.0, 0.0, 0.0, 0.0
	for i := range out.Loss {
		d := out.GradRejected[i] - out.GradChosen[i]
		switch m := probeMargins[i%len(probeMargins)]; {
		case m >= 60:
			won, wonPairs = won+d, wonPairs+1
		case math.Abs(m) <= 4:
			near, nearPairs = near+d, nearPairs+1
		}
	}
	return won / wonPairs / (near / nearPairs)
}

func finite(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

func flat(x []float64) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}

// kindOf judges node i of g. Only what depends on log-ratios through their
// product with beta plays a part: nats and beta times nats do not mix.
func kindOf(g *graph.Graph, shapes []bool, i int) kind {
	if !shapes[i] {
		return scalar
	}
	plan, err := graph.Compile(&graph.Graph{Version: g.Version, Nodes: g.Nodes[:i+1], Output: i})
	if err != nil {
		return other
	}
	runner, out, stretched := plan.NewRunner(), graph.Result{}, graph.Result{}
	runner.Run(probeBatch(.1, .5, 1), 2, &out)
	runner.Run(probeBatch(.05, .5, 2), 2, &stretched)
	for i, v := range out.Loss {
		if !(math.Abs(v-stretched.Loss[i]) <= 1e-9*(1+math.Abs(v))) {
			return other
		}
	}
	return judge(&out)
}

// clearly is the share of pairs whose gradient must agree on a direction.
const clearly = .75

func judge(out *graph.Result) kind {
	up, down, unit := 0.0, 0.0, true
	for i, v := range out.Loss {
		d := out.GradChosen[i] - out.GradRejected[i]
		up, down = up+indicator(d > 0), down+indicator(d < 0)
		unit = unit && v >= 0 && v <= 1
	}
	switch {
	case unit:
		return gate
	case up > clearly*(up+down):
		return rising
	case down > clearly*(up+down) && fade(out) < endlessFade:
		return falling
	}
	return other
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
