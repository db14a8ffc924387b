package graph

import (
	"fmt"
	"strings"
)

// Facts words the datasheet, one short sentence each, the most telling first.
func (d *Datasheet) Facts() []string {
	var facts []string
	facts = append(facts, d.Start.facts(d.Depends.Progress)...)
	if d.GPO {
		facts = append(facts, "a member of the generalized preference optimization family: convex in the margin, with a negative slope at 0")
	} else {
		facts = append(facts, "not a member of the generalized preference optimization family: "+d.NotGPO)
	}
	if d.Shape != nil {
		facts = append(facts, d.Shape.facts()...)
	}
	facts = append(facts, d.WrongTail.wrongFact(), d.RightTail.rightFact())
	facts = append(facts, d.Depends.facts()...)
	if d.Detached {
		facts = append(facts, "the gradient is not the derivative of the value")
	}
	return append(facts, d.overflowFacts()...)
}

// facts words the first step of a loss that changes later on, or does not.
func (s Start) facts(changes bool) []string {
	var facts []string
	at := "slope at margin 0"
	if s.Slope != nil {
		at = fmt.Sprintf("slope at margin 0 is %+.3g per unit of beta·margin", *s.Slope)
	}
	switch s.Direction {
	case "right":
		facts = append(facts, at+": pushes the right way from the start")
	case "wrong":
		facts = append(facts, at+": pushes the wrong way at first, lowering the margin")
	case "none":
		none := "no gradient at margin 0: training cannot leave the reference"
		if changes {
			none = "no gradient at the first step of training"
		}
		facts = append(facts, none)
	default:
		facts = append(facts, at+": pushes one way or the other at first, depending on the pair or on beta")
	}
	if l, r := s.SlopeLeft, s.SlopeRight; l != nil && r != nil && apart(*l, *r, 1e-6) > 1e-3 {
		facts = append(facts, fmt.Sprintf("kink at margin 0: slope %+.3g below, %+.3g above", *l, *r))
	}
	usual := s.Chosen == "up" && s.Rejected == "down" || s.Chosen == "down" && s.Rejected == "up"
	if !usual && s.Direction != "none" {
		facts = append(facts, fmt.Sprintf("at the start the chosen completion goes %s, the rejected one %s", adverb(s.Chosen), adverb(s.Rejected)))
	}
	return facts
}

// adverb words a direction of Start for a sentence.
func adverb(direction string) string {
	switch direction {
	case "still":
		return "nowhere"
	case "varies":
		return "either way"
	}
	return direction
}

func (s *Shape) facts() []string {
	var facts []string
	switch s.Monotone {
	case "decreasing":
		facts = append(facts, "decreasing in the margin everywhere")
	case "increasing":
		facts = append(facts, "increasing in the margin everywhere: trains the opposite of the preference")
	}
	if len(s.Minima) == 1 && len(s.Maxima) == 0 {
		facts = append(facts, fmt.Sprintf("lowest at beta·margin %g: draws margins to a target", s.Minima[0]))
	} else if len(s.Minima)+len(s.Maxima) > 0 {
		facts = append(facts, fmt.Sprintf("not monotone: minima at beta·margin %s, maxima at %s", list(s.Minima), list(s.Maxima)))
	}
	if len(s.Jumps) > 0 {
		facts = append(facts, "discontinuous at beta·margin "+list(s.Jumps))
	}
	if s.FlatAbove != nil {
		facts = append(facts, fmt.Sprintf("no gradient for beta·margin above %g: such pairs are left alone", *s.FlatAbove))
	}
	if s.FlatBelow != nil {
		facts = append(facts, fmt.Sprintf("no gradient for beta·margin below %g: pairs ranked so wrongly are given up", *s.FlatBelow))
	}
	if !s.OfProduct {
		facts = append(facts, "beta and the margin enter otherwise than by their product: beta changes the shape, not only the scale")
	}
	return facts
}

// list shows at most four numbers.
func list(v []float64) string {
	if len(v) == 0 {
		return "none"
	}
	var parts []string
	for _, x := range v[:min(4, len(v))] {
		parts = append(parts, fmt.Sprintf("%g", x))
	}
	if len(v) > 4 {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}

// wrongFact words the tail of pairs ranked wrongly.
func (t Tail) wrongFact() string {
	effect := map[string]string{
		"saturating":              "their gradient vanishes",
		"logarithmic":             "their gradient fades slowly",
		"sublinear":               "their gradient fades slowly",
		"linear":                  "they pull with a constant force",
		"superlinear":             "their pull grows slowly",
		"quadratic":               "their pull grows with the margin",
		"polynomial":              "their pull grows as a power of the margin",
		"exponential":             "their gradient explodes",
		"faster than exponential": "their gradient explodes",
	}[t.Growth]
	if effect == "" {
		return t.Growth + " for pairs ranked very wrongly"
	}
	if t.Trend == "falls" {
		effect += ", and what is left pushes them further"
	}
	return fmt.Sprintf("%s for pairs ranked very wrongly: %s", t.Growth, effect)
}

// rightFact words the tail of pairs ranked rightly.
func (t Tail) rightFact() string {
	switch {
	case t.Growth == "saturating":
		return "levels off for large margins"
	case t.Trend == "rises":
		return fmt.Sprintf("rises again for large margins (%s): holds the policy back", t.Growth)
	case t.Trend == "falls":
		return fmt.Sprintf("falls without end for large margins (%s): nothing stops the margin from growing", t.Growth)
	}
	return t.Growth + " for large margins"
}

func (d Dependence) facts() []string {
	var facts []string
	for _, f := range [...]struct {
		holds bool
		fact  string
	}{
		{!d.Beta, "the gradient does not depend on beta"},
		{!d.Reference, "the gradient does not depend on the reference"},
		{d.Lengths, "depends on the lengths of the completions"},
		{d.Batch, "depends on the other pairs of the micro-batch (far out, it was looked at beside a pair near the reference)"},
		{d.Progress, "changes with training progress (far out, it was looked at half-way)"},
	} {
		if f.holds {
			facts = append(facts, f.fact)
		}
	}
	return facts
}

func (d *Datasheet) overflowFacts() []string {
	var facts []string
	if len(d.OverflowBetas) > 0 {
		facts = append(facts, fmt.Sprintf("overflows from beta %g on with log-ratios of 100 nats", d.OverflowBetas[0]))
	}
	if len(d.OverflowBetas32) > len(d.OverflowBetas) {
		facts = append(facts, fmt.Sprintf("overflows in float32 from beta %g on with log-ratios of 100 nats", d.OverflowBetas32[0]))
	}
	return facts
}
