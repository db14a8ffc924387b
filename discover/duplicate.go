package discover

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// duplicateOf reports whether an earlier candidate denotes the same objective, or
// a known loss does but for a scale, and then completes the record. What was
// applied after the candidate was proposed does not count, so that the answer does
// not depend on timing.
func (s *sitting) duplicateOf(record *archive.Candidate) (bool, error) {
	if record.ID <= len(s.Catalog) {
		return false, nil // the catalog holds each objective once
	}
	first, same, err := s.first(record)
	if err != nil || same == "" {
		return false, err
	}
	known, err := outcome(first)
	if err != nil {
		return false, err
	}
	record.Status, record.DuplicateOf = archive.Duplicate, strconv.Itoa(first.ID)
	record.Stage = "duplicate"
	record.Reason = fmt.Sprintf("it is %s as candidate %d, %s, %s", same, first.ID, first.Name, known)
	record.Hint = "propose something that behaves differently"
	return true, nil
}

// first returns the candidate that a record duplicates, and in words how the two are
// the same; "" if there is none.
func (s *sitting) first(record *archive.Candidate) (first archive.Candidate, same string, err error) {
	scaled := match(record.Nearest).Scaled() + ", which amounts to the same objective"
	first, found, err := s.Archive.ByFingerprint(record.Fingerprint)
	switch {
	case err != nil:
		return first, "", err
	case !found || first.ID > s.needs(record.ID):
		if first, found, err = s.rescaled(record); !found || err != nil {
			return first, "", err
		}
		return first, scaled, nil
	case first.Status == archive.Duplicate: // the oldest of its fingerprint is one of a known loss only
		first, err = s.original(first)
		return first, scaled, err
	}
	return first, "the same objective", nil
}

// original is what a duplicate is one of.
func (s *sitting) original(c archive.Candidate) (archive.Candidate, error) {
	id, err := strconv.Atoi(c.DuplicateOf)
	if err != nil {
		return archive.Candidate{}, fmt.Errorf("candidate %d: duplicate of %q: %w", c.ID, c.DuplicateOf, err)
	}
	return s.Archive.Candidate(id)
}

// Fitness does not see scales up to these: the betas that are trained with span a
// factor of 100, and gradients are not clipped.
const (
	sameBetaScale = 4
	sameFactor    = 16
)

// rescaled returns the known loss that a candidate is but for a scale.
func (s *sitting) rescaled(record *archive.Candidate) (archive.Candidate, bool, error) {
	m := match(record.Nearest)
	within := func(x, limit float64) bool { return x <= limit && x >= 1/limit }
	if !m.Same() || !within(m.BetaScale, sameBetaScale) || !within(m.Factor, sameFactor) {
		return archive.Candidate{}, false, nil
	}
	i := slices.IndexFunc(s.Catalog, func(e catalog.Entry) bool { return e.Name == m.Name })
	if i < 0 {
		return archive.Candidate{}, false, nil
	}
	c, err := s.Archive.Candidate(i + 1)
	return c, err == nil, err
}

// match is the stored form of a match, undone.
func match(n *archive.Nearest) graph.Match {
	return graph.Match{Name: n.Name, BetaScale: n.BetaScale, Factor: cmp.Or(n.Factor, 1), Distance: n.Distance}
}

// outcome says in words what became of a candidate, its fitness in the unit that
// proposers are shown.
func outcome(c archive.Candidate) (string, error) {
	if c.Score == nil {
		return fmt.Sprintf("which failed at %s: %s", c.Stage, c.Reason), nil
	}
	unit, err := fitnessUnit(c.Score)
	if err != nil {
		return "", fmt.Errorf("candidate %d: %w", c.ID, err)
	}
	return fmt.Sprintf("whose fitness is known: %+.2f %% of dpo's gain, %s", 100*c.Score.Fitness/unit, c.Score.Verdict), nil
}
