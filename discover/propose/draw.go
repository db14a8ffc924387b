package propose

import (
	"math/rand/v2"
	"strconv"
)

// choice is something to draw, with its weight.
type choice[T any] struct {
	weight float64
	value  T
}

// draw returns one of the choices with chances in proportion to their weights.
func draw[T any](r *rand.Rand, choices []choice[T]) T {
	total := 0.0
	for _, c := range choices {
		total += c.weight
	}
	at := r.Float64() * total
	for _, c := range choices {
		if at -= c.weight; at < 0 {
			return c.value
		}
	}
	return choices[len(choices)-1].value
}

// one returns one of the items, each with the same chance.
func one[T any](r *rand.Rand, items []T) T { return items[r.IntN(len(items))] }

// round returns x with the given number of significant digits.
func round(x float64, digits int) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	if err != nil {
		return x
	}
	return y
}
