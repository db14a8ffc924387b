// Package stats holds the statistics behind a verdict: the frontier of the
// best reward for each KL, its monotone interpolation, intervals over paired
// seeds, the correction for many comparisons, and rank correlation. Every
// function is pure, leaves its arguments alone and is safe for concurrent use;
// scipy's figures are the oracle of the tests, and for [Holm] all intersections of
// hypotheses.
package stats

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// TInterval is Student's interval of the given level (.95, say) for the mean
// of independent samples; for paired data the samples are the differences.
// Fewer than two samples bound nothing: the interval is then infinite.
func TInterval(samples []float64, level float64) (lo, hi float64) {
	if len(samples) < 2 {
		return math.Inf(-1), math.Inf(1)
	}
	mean, half := meanAndError(samples)
	half *= student(len(samples)).Quantile(1 - (1-level)/2)
	return mean - half, mean + half
}

// PGreater is the p-value of the one-sided one-sample t-test that the mean
// exceeds zero. Fewer than two samples show nothing: it is then 1. Samples
// that are all equal leave no doubt: it is then 0 or 1.
func PGreater(samples []float64) float64 {
	if len(samples) < 2 {
		return 1
	}
	mean, stderr := meanAndError(samples)
	switch {
	case stderr > 0:
		return student(len(samples)).Survival(mean / stderr)
	case mean > 0:
		return 0
	default:
		return 1
	}
}

func meanAndError(samples []float64) (mean, stderr float64) {
	mean, std := stat.MeanStdDev(samples, nil)
	return mean, stat.StdErr(std, float64(len(samples)))
}

func student(samples int) distuv.StudentsT {
	return distuv.StudentsT{Sigma: 1, Nu: float64(samples - 1)}
}

// Bootstrap is the percentile bootstrap interval (Efron 1979) of the given
// level for the mean of samples, from the given number of resamples drawn by a
// generator with a fixed seed: equal input gives an equal interval. With few
// samples it is too narrow (with 6 it covers about 89 % where it claims 95),
// so a caller should not let it decide alone. Without samples it is infinite.
func Bootstrap(samples []float64, level float64, resamples int) (lo, hi float64) {
	if len(samples) == 0 {
		return math.Inf(-1), math.Inf(1)
	}
	random := rand.New(rand.NewPCG(0x626f6f74, uint64(len(samples))))
	means := make([]float64, resamples)
	for i := range means {
		sum := 0.0
		for range samples {
			sum += samples[random.IntN(len(samples))]
		}
		means[i] = sum / float64(len(samples))
	}
	slices.Sort(means)
	tail := (1 - level) / 2
	return quantile(means, tail), quantile(means, 1-tail)
}

// quantile interpolates linearly between order statistics, as numpy does.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-1)
	j := min(i+1, len(sorted)-1)
	return sorted[i] + (at-float64(i))*(sorted[j]-sorted[i])
}

// Holm adjusts the p-values of a family of comparisons by the step-down
// procedure of Holm (1979): comparing an adjusted value with a level keeps the
// chance of even one false discovery in the family below that level. The
// result is in the order of the argument.
func Holm(p []float64) []float64 {
	order := sortedBy(p)
	adjusted := make([]float64, len(p))
	largest := 0.0
	for rank, i := range order {
		largest = max(largest, min(1, p[i]*float64(len(p)-rank)))
		adjusted[i] = largest
	}
	return adjusted
}

// Spearman is the rank correlation of two samples of equal length, ties
// sharing their mean rank. It is false where there is none: fewer than two
// samples, or one side constant.
func Spearman(x, y []float64) (rho float64, ok bool) {
	if len(x) != len(y) {
		panic("stats: samples of different length")
	}
	if len(x) < 2 {
		return 0, false
	}
	rho = stat.Correlation(ranks(x), ranks(y), nil)
	if math.IsNaN(rho) {
		return 0, false
	}
	return rho, true
}

// ranks gives each value its rank from 1, equal values their mean rank.
func ranks(values []float64) []float64 {
	order := sortedBy(values)
	ranked := make([]float64, len(values))
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && values[order[end]] == values[order[start]] {
			end++
		}
		for _, i := range order[start:end] {
			ranked[i] = float64(start+1+end) / 2
		}
		start = end
	}
	return ranked
}

// sortedBy returns the indices of values in ascending order of value.
func sortedBy(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case values[a] < values[b]:
			return -1
		case values[a] > values[b]:
			return 1
		default:
			return 0
		}
	})
	return order
}
