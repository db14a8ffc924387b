package evaluator

import (
	"encoding/json"
	"math"

	"github.com/objdisco/discover/evaluator/stats"
)

// Verdict is what an interval says about an objective against dpo.
type Verdict string

// The verdicts. An interval that both excludes zero and lies within the
// tolerance is Same: the difference is real and does not matter.
const (
	Better    Verdict = "better"    // the interval lies above zero
	Worse     Verdict = "worse"     // it lies below zero
	Same      Verdict = "same"      // it lies within the tolerance around zero
	Undecided Verdict = "undecided" // it does none of these
)

// SameShare is the share of dpo's gain over the reference that a difference
// must exceed to matter.
const SameShare = .001

// Interval is a 95 % interval [low, high]. One seed bounds nothing: the ends
// are then infinite, and the JSON form is null.
type Interval [2]float64

// Bounded reports whether the interval bounds anything.
func (i Interval) Bounded() bool { return finite(i[0]) && finite(i[1]) }

// MarshalJSON writes null for an interval that bounds nothing.
func (i Interval) MarshalJSON() ([]byte, error) {
	if !i.Bounded() {
		return []byte("null"), nil
	}
	return json.Marshal([2]float64(i))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (i *Interval) UnmarshalJSON(data []byte) error {
	*i = Interval{math.Inf(-1), math.Inf(1)}
	return json.Unmarshal(data, (*[2]float64)(i))
}

const (
	level              = .95
	bootstrapFrom      = 6 // seeds
	bootstrapResamples = 2_000
)

// intervalOf is Student's interval for the mean of the samples, one per seed.
// From six seeds on it is widened at either end to the percentile bootstrap's,
// which sees skew but is too narrow to be trusted alone with so few samples.
func intervalOf(samples []float64) Interval {
	lo, hi := stats.TInterval(samples, level)
	if len(samples) >= bootstrapFrom {
		low, high := stats.Bootstrap(samples, level, bootstrapResamples)
		lo, hi = min(lo, low), max(hi, high)
	}
	return Interval{lo, hi}
}

// verdictOf judges an interval; tolerance is the largest difference that does
// not matter.
func verdictOf(ci Interval, tolerance float64) Verdict {
	switch {
	case ci[0] >= -tolerance && ci[1] <= tolerance:
		return Same
	case ci[0] > 0:
		return Better
	case ci[1] < 0:
		return Worse
	default:
		return Undecided
	}
}
