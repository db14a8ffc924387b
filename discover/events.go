package discover

import (
	"sync"

	"github.com/objdisco/discover/archive"
)

// Event is something that happened in a search: Started, Progress, Applied or
// Ended. Consumers (the terminal, a log, a page) only read events.
type Event interface{ event() }

// Started says what the search is about to do.
type Started struct {
	Run      string
	Proposer string
	Catalog  int // known losses scored before the first proposal
	Done     int // candidates applied by earlier sittings
	Total    int // candidates in all, the catalog included
}

// Progress says what a candidate in work is going through.
type Progress struct {
	ID            int
	Name          string // "" until it is proposed
	Stage         string // propose, check, screen or train
	Done, Planned int    // cells; 0 before training
}

// Applied says that a candidate is finished and stored.
type Applied struct {
	Candidate archive.Candidate
	Best      *archive.Candidate // best so far, nil before the first score
	Done      int
	Total     int
}

// Ended is the last event.
type Ended struct{ Status archive.Status }

func (Started) event()  {}
func (Progress) event() {}
func (Applied) event()  {}
func (Ended) event()    {}

// emitter passes events on one at a time.
type emitter struct {
	mu   sync.Mutex
	sink func(Event) // may be nil
}

func (e *emitter) emit(event Event) {
	if e.sink == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sink(event)
}
