package graph

import (
	"fmt"
	"math"
)

// Known is a named objective to compare with.
type Known struct {
	Name  string
	Graph *Graph
}

// Match says which known objective another amounts to: the known one with beta
// multiplied by BetaScale and the loss by Factor.
type Match struct {
	Name      string  `json:"name"`
	BetaScale float64 `json:"beta_scale"`
	Factor    float64 `json:"factor"`
	// Distance is the mean relative difference of their gradients over the grid, and
	// in equal parts over each view that one of them needs (steps, lengths, betas,
	// far pairs): 0 where they are the same, 1 where they have nothing in common.
	Distance float64 `json:"distance"`
}

// SameDistance is the distance below which two objectives count as the same.
const SameDistance = 1e-6

// Same reports whether the match is exact, up to rounding.
func (m Match) Same() bool { return m.Distance < SameDistance }

// String words the match, as in "dpo with beta × 0.5" or "near dpo (distance 0.1)".
func (m Match) String() string {
	if m.Same() {
		return m.Scaled()
	}
	return fmt.Sprintf("near %s (distance %.2g)", m.Scaled(), m.Distance)
}

// Scaled words the known objective that is matched and how it is scaled, not how near
// it is.
func (m Match) Scaled() string {
	s := m.Name
	if m.BetaScale != 1 {
		s += fmt.Sprintf(" with beta × %.4g", m.BetaScale)
	}
	if m.Factor != 1 {
		s += fmt.Sprintf(", times %.4g", m.Factor)
	}
	return s
}

// Library is a set of known objectives to compare with, their behaviour sampled
// beforehand over a range of scales of beta. It is safe for concurrent use.
type Library struct{ families []family }

// family is a known objective at every scale of beta.
type family struct {
	name   string
	plan   *Plan
	points []point // ascending in scale
	views  []*view // where it does what the grid has not seen
}

// point is a known objective with beta multiplied by 2^octave.
type point struct {
	octave float64
	seen   *behaviour
	glance
}

const (
	coarseStep  = 0.5   // of log2 of the scale of beta, at which every family is looked at
	fineStep    = 0.125 // the same, for those that look close
	coarseLimit = 10    // the same: scales from 1/1024 to 1024
	factorLimit = 3     // the same: scales from 1/8 to 8 may have a factor, and fine steps
)

// NewLibrary samples the known objectives, which takes a few milliseconds for each.
// The error names a graph that is not valid.
func NewLibrary(known []Known) (*Library, error) {
	l := &Library{}
	for _, k := range known {
		plan, err := Compile(k.Graph)
		if err != nil {
			return nil, fmt.Errorf("known objective %q: %w", k.Name, err)
		}
		f, runner := family{name: k.Name, plan: plan}, plan.NewRunner()
		for _, u := range observeAll(runner).beyond {
			f.views = append(f.views, u.view)
		}
		for _, e := range octaves() {
			seen := observe(runner, math.Exp2(e))
			f.points = append(f.points, point{e, seen, seen.glance()})
		}
		l.families = append(l.families, f)
	}
	return l, nil
}

// octaves are log2 of the scales that a library samples.
func octaves() []float64 {
	var out []float64
	for e := -float64(coarseLimit); e <= coarseLimit; {
		out = append(out, e)
		if e >= -factorLimit && e < factorLimit {
			e += fineStep
		} else {
			e += coarseStep
		}
	}
	return out
}

// Nearest returns the objective of the library that g is closest to, after the best
// rescaling of beta and multiplication by a positive factor. Closeness is that of
// the gradients, so additive constants and whatever else training cannot notice do
// not count. A factor other than 1 is used only where it at least halves the
// distance, and only where beta is not scaled by more than 8. The error names a
// graph that is not valid, or says that the library is empty.
func (l *Library) Nearest(g *Graph) (Match, error) {
	s, err := NewStudy(g)
	if err != nil {
		return Match{}, err
	}
	return l.NearestTo(s)
}

// NearestTo is Nearest for a graph that is being studied. The error says that the
// library is empty.
func (l *Library) NearestTo(s *Study) (Match, error) {
	if len(l.families) == 0 {
		return Match{}, fmt.Errorf("graph: nothing to compare with")
	}
	target := s.behaviour()
	closest := l.closest(target)
	known := closest.family.plan.NewRunner()
	m := closest.match(target, known)
	m.Distance = closest.withViews(m, target, s.runner, known)
	m.BetaScale, m.Factor = round(m.BetaScale, 4), round(m.Factor, 4)
	return m, nil
}
