package discover

import (
	"slices"
	"strconv"
	"testing"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/objective"
)

// Constants are tuned at fixed places, of each candidate once; what was found
// better is a child of its own, and the rest is proposed as usual. Nothing is tuned
// without a screen, nor in the control arm.
func TestSearchTunesConstants(t *testing.T) {
	for _, c := range []struct {
		origin        string
		screen, tunes bool
	}{{ProposerEvolve, true, true}, {ProposerEvolve, false, false}, {ProposerRandom, true, false}} {
		s := newSearch(t, t.TempDir(), 1)
		s.Config.Candidates, s.Config.Screen, s.Origin = 64, c.screen, c.origin
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		var of []string
		children := 0
		for c, err := range s.Archive.Candidates(1) {
			if err != nil {
				t.Fatal(err)
			}
			if c.Tuning != nil {
				of = append(of, c.Tuning.Of)
				checkTuning(t, s, c)
			}
			if c.Origin == originTuned {
				children++
			}
		}
		if (len(of) >= 3) != c.tunes || (children > 0) != c.tunes {
			t.Errorf("%s, screen %v: tuned %v, %d children", c.origin, c.screen, of, children)
		}
		if slices.Sort(of); len(slices.Compact(slices.Clone(of))) != len(of) {
			t.Errorf("tuned %v: one of them twice", of)
		}
	}
}

// A constant that is no more than a factor of beta is tuned in vain, and the proposer
// has its turn: what seems better is luck.
func TestRescaledTuningIsNoCandidate(t *testing.T) {
	s := newSearch(t, t.TempDir(), 1)
	s.Config.Candidates, s.Config.Screen, s.Origin = 16, true, ProposerEvolve
	s.Proposer, s.Checker = constantProposer{}, constantChecker{func(b objective.Batch) objective.Vec {
		return b.Margin().Mul(b.Beta).Mul(objective.Param("k", 2)).Neg().Softplus().Square()
	}}
	s.Catalog = nil // nothing else is there to tune
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	gained := 0
	for c, err := range s.Archive.Candidates(1) {
		if err != nil {
			t.Fatal(err)
		}
		if c.Tuning != nil && c.Tuning.After >= c.Tuning.Before+tuneShare {
			gained++
		}
		if c.Origin == originTuned || c.Name != "again" {
			t.Errorf("candidate %d: %s of origin %s", c.ID, c.Name, c.Origin)
		}
	}
	if gained == 0 {
		t.Error("no tuning seemed to gain anything: nothing was tried")
	}
}

func checkTuning(t *testing.T, s *Search, c archive.Candidate) {
	t.Helper()
	of, err := strconv.Atoi(c.Tuning.Of)
	if (c.ID-len(s.Catalog))%tuneEvery != 0 || err != nil || of > c.ID-s.Config.Lag {
		t.Errorf("candidate %d tuned %s, %v", c.ID, c.Tuning.Of, err)
	}
	improved := c.Tuning.After >= c.Tuning.Before+tuneShare
	if child := c.Origin == originTuned; child != improved || child && !slices.Equal(c.Parents, []string{c.Tuning.Of}) {
		t.Errorf("candidate %d of origin %s and parents %v with the tuning %+v", c.ID, c.Origin, c.Parents, *c.Tuning)
	}
	if c.Tuning.Evaluations > tuneBudget {
		t.Errorf("candidate %d: %d evaluations", c.ID, c.Tuning.Evaluations)
	}
}
