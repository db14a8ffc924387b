package graph

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
)

// Fingerprint returns a hex digest of what g does: its gradients, and its value
// up to an additive constant, on a fixed grid of log-ratios, lengths, betas,
// progress and micro-batches. If g changes with progress, has a switch on lengths or
// on beta, or one that only margins, log-ratios or log-probabilities beyond the grid
// operate, its gradients count wherever training gets to: at each of 200 steps, at
// lengths of 1 to 2,000 tokens, at betas of 0.005 to 5, at margins of −140 to 370
// nats. Two graphs that denote the same loss have the same fingerprint however they
// are written; parameters count with their values. Losses that differ by less than
// about 1e-4 of their value everywhere share one too, and so do those whose
// difference no training reaches, and two with a switch at margins that no pair of
// the grid lies between.
//
// The error is that of Compile.
func Fingerprint(g *Graph) (string, error) {
	s, err := NewStudy(g)
	if err != nil {
		return "", err
	}
	return s.Fingerprint(), nil
}

// FormerFingerprint returns the fingerprint by the grid alone, as candidates of runs
// have it that were made when there was no other. It differs from Fingerprint for
// losses with the switches described there only.
func FormerFingerprint(g *Graph) (string, error) {
	plan, err := Compile(g)
	if err != nil {
		return "", err
	}
	return observe(plan.NewRunner(), 1).fingerprint(), nil
}

func (b *behaviour) fingerprint() string {
	size := len(b.change) + len(b.gradient)
	for _, u := range b.beyond {
		size += 2 * u.pairs.Len() * len(u.points)
	}
	buf := append(make([]byte, 0, 64+8*size), "discover fingerprint 1"...)
	for _, samples := range [...][]float64{b.change, b.gradient} {
		buf = appendCells(buf, samples)
	}
	for _, u := range b.beyond {
		buf = append(buf, u.name...)
		for _, block := range u.seen {
			buf = appendCells(buf, block)
		}
	}
	sum := sha256.Sum256(buf)
	return hex.EncodeToString(sum[:16])
}

func appendCells(buf []byte, samples []float64) []byte {
	for _, v := range samples {
		buf = binary.LittleEndian.AppendUint64(buf, uint64(cell(v)))
	}
	return buf
}

// The resolution of a fingerprint: cellStep of the value where that is large,
// cellStep·cellFloor where it is small. Algebraic rewriting moves a value by
// some 1e-15 of the terms it is made of, ten orders of magnitude less than a
// cell, and the borders between cells lie at irrational numbers, away from the
// values that formulas favour (0, 1/2, beta). So two ways of writing a loss
// disagree on a cell about once in a million losses.
const (
	cellStep   = 1e-4
	cellFloor  = 1e-3
	cellOffset = math.Phi - 1
)

// cell returns the number of the cell that holds v. Infinities and NaN have
// cells of their own.
func cell(v float64) int64 {
	switch {
	case math.IsNaN(v):
		return math.MinInt64
	case math.IsInf(v, 0):
		return int64(math.Copysign(math.MaxInt32, v)) << 16
	}
	return int64(math.Floor(position(v)))
}

// position maps v to a line on which cells have length 1.
func position(v float64) float64 {
	return math.Asinh(v/cellFloor)/cellStep + cellOffset
}
