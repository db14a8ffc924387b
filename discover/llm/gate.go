package llm

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// errLate is why a try is given up whose time is over.
var errLate = errors.New("no reply in time")

// gate lets tries through to the server, so many at once, and keeps their time.
// Servers that answer one request at a time (Ollama, llama.cpp) let the others
// wait: the time of a try begins anew when the server has answered another, as
// often as there can be others. If a try is late all the same, tries are let
// through one by one, until replies come so fast that waiting for each other cannot
// make them late.
type gate struct {
	timeout time.Duration // of a try that waits for no other
	most    int           // tries at once

	mu    sync.Mutex
	width int           // tries at once as the server turned out to be
	taken int           // places
	freed chan struct{} // closed and replaced when a place may be free
	sent  []*pending    // tries in flight
}

// pending is a try in flight.
type pending struct {
	timer  *time.Timer
	at     time.Time // when it was sent
	anew   int       // how often its time may still begin anew
	shared bool      // another try was in flight with it
}

func newGate(timeout time.Duration, most int) *gate {
	return &gate{timeout: timeout, most: most, width: most, freed: make(chan struct{})}
}

// enter waits for a place, which leave gives back.
func (g *gate) enter(ctx context.Context) error {
	for {
		freed, ok := g.take()
		if ok {
			return nil
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (g *gate) take() (<-chan struct{}, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.taken >= g.width {
		return g.freed, false
	}
	g.taken++
	return nil, true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken--
	g.wake()
}

// wake tells those who wait for a place; g.mu is held.
func (g *gate) wake() {
	close(g.freed)
	g.freed = make(chan struct{})
}

// send begins a try, which giveUp ends when its time is over.
func (g *gate) send(giveUp context.CancelCauseFunc) *pending {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := &pending{at: time.Now(), anew: g.most - 1, shared: len(g.sent) > 0, timer: time.AfterFunc(g.timeout, func() { giveUp(errLate) })}
	for _, other := range g.sent {
		other.shared = true
	}
	g.sent = append(g.sent, p)
	return p
}

// end ends a try; answered says that the server had the time to answer it.
func (g *gate) end(p *pending, answered bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p.timer.Stop()
	g.sent = slices.DeleteFunc(g.sent, func(other *pending) bool { return other == p })
	if !answered {
		return
	}
	for _, other := range g.sent {
		if other.anew > 0 {
			other.anew--
			other.timer.Reset(g.timeout)
		}
	}
	if quick := g.timeout / time.Duration(2*g.most); g.width < g.most && time.Since(p.at) <= quick {
		g.width++
		g.wake()
	}
}

// late takes in that a try was late, and reports whether others may be to blame.
// Then tries go one by one from now on.
func (g *gate) late(p *pending) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.shared {
		g.width = 1
	}
	return p.shared
}
