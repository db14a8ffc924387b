package discover

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/objdisco/discover/archive"
)

// Ledger is what every model and every operator has done in a run so far.
type Ledger struct {
	Models    map[string]Tally `json:"models"`
	Operators map[string]Tally `json:"operators"`
}

// Tally is what one model or operator has done.
type Tally struct {
	Candidates int     `json:"candidates"`
	Scored     int     `json:"scored"`
	Earned     float64 `json:"earned"` // by how much its candidates raised the mean fitness of the ten best
	archive.Usage
}

// state is the snapshot that a search keeps in its archive with every candidate.
type state struct {
	Ledger Ledger `json:"ledger"`
	Tuned  []int  `json:"tuned,omitempty"` // candidates of the history whose constants were tuned
}

// ReadLedger returns the ledger of a run.
func ReadLedger(r *archive.Reader) (Ledger, error) {
	s, err := readState(r)
	return s.Ledger, err
}

func readState(r *archive.Reader) (state, error) {
	var s state
	data, err := r.State()
	if err != nil || data == nil {
		return s, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("the state of the search: %w", err)
	}
	return s, nil
}

// with returns the ledger with a candidate added, which shares nothing with l.
func (l Ledger) with(c archive.Candidate) Ledger {
	return Ledger{Models: tallied(l.Models, c.Model, c), Operators: tallied(l.Operators, c.Operator, c)}
}

func tallied(arms map[string]Tally, name string, c archive.Candidate) map[string]Tally {
	if name == "" {
		return arms
	}
	arms = maps.Clone(arms)
	if arms == nil {
		arms = map[string]Tally{}
	}
	t := arms[name]
	t.Candidates++
	t.Earned += c.Earned
	if c.Score != nil {
		t.Scored++
	}
	if c.Usage != nil {
		t.Add(*c.Usage)
	}
	arms[name] = t
	return arms
}
