package sandbox

import (
	"slices"
	"sync"
)

// maxSpares bounds the children that are started before they are needed. Each
// takes some 15 MiB while it waits, and no processor time.
const maxSpares = 4

// ahead is how many spares there are beyond one for each check that goes on. A
// child takes longer to get ready than a check, so that when checks follow each
// other closely two must be at it for none to be waited for.
const ahead = 1

// spares are children that wait for a source. The zero value has none.
type spares struct {
	mu      sync.Mutex
	waiting []*process // in the order of their start; not all need be ready
	begun   int        // children started so far
	busy    int        // checks that have a child
	closed  bool
}

// take returns a child for one check, which must end it and call release: a spare
// one if one waits, and otherwise one that was started just now. If none is left
// that is ready then checks follow each other closely, and more are started at
// once. If one is, that would only slow down this check, and is left to release.
func (c *Checker) take() (p *process, spare bool) {
	s := &c.spares
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy++
	n := s.busy
	if p, spare = s.next(); spare {
		n += ahead
	} else {
		s.begun++
		p = c.begin()
	}
	if !s.ready() {
		c.spare(n)
	}
	return p, spare
}

// release says that a check needs no child any more. A spare takes its place.
func (c *Checker) release() {
	c.spares.mu.Lock()
	defer c.spares.mu.Unlock()
	c.spare(c.spares.busy + ahead)
	c.spares.busy--
}

// next removes the spare child that waits longest, if there is one. Those that died
// while they waited are freed.
func (s *spares) next() (p *process, ok bool) {
	for len(s.waiting) > 0 {
		p := s.waiting[0]
		s.waiting = s.waiting[1:]
		select {
		case <-p.ended:
			p.end()
		default:
			return p, true
		}
	}
	return nil, false
}

// ready reports whether a child waits that needs only its source.
func (s *spares) ready() bool {
	return slices.ContainsFunc(s.waiting, func(p *process) bool {
		select {
		case <-p.ready:
			return true
		default:
			return false
		}
	})
}

// spare starts children until n wait, within the bounds there are.
func (c *Checker) spare(n int) {
	s := &c.spares
	for len(s.waiting) < min(n, maxSpares) && !s.closed && (c.Checks == 0 || s.begun < c.Checks) {
		s.begun++
		s.waiting = append(s.waiting, c.begin())
	}
}

// Prepare starts a child for a check that is to come, unless one waits already,
// and returns at once. Without it the first check waits for its child.
func (c *Checker) Prepare() {
	if c.valid() != nil {
		return // the check will say so
	}
	c.spares.mu.Lock()
	defer c.spares.mu.Unlock()
	c.spare(1)
}

// Close ends the children that wait for a check and starts no more. Checks that
// go on are not disturbed, and later ones each start a child of their own.
func (c *Checker) Close() {
	c.spares.mu.Lock()
	waiting := c.spares.waiting
	c.spares.waiting, c.spares.closed = nil, true
	c.spares.mu.Unlock()
	for _, p := range waiting {
		p.end()
	}
}
