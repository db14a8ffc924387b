package sandbox

import "sync"

// maxSpares bounds the children that are started before they are needed. Each
// takes some 15 MiB while it waits, and no processor time.
const maxSpares = 4

// spares are children that wait for a source. The zero value has none.
type spares struct {
	mu      sync.Mutex
	waiting []*process // in the order of their start; not all need be ready
	begun   int        // children started so far
	busy    int        // checks that have a child
	closed  bool
}

// take returns a child for one check, which must end it and call release: a spare
// one if one waits, and otherwise one that was started just now. If the check has
// to wait for it then checks follow each other closely, and the spare for the next
// is started at once. If not, that would only slow down this one, and is left to
// release.
func (c *Checker) take() (p *process, spare bool) {
	s := &c.spares
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy++
	p = s.next()
	spare = p != nil
	if !spare {
		s.begun++
		p = c.begin()
	}
	select {
	case <-p.ready:
	default:
		c.spare(s.busy)
	}
	return p, spare
}

// release says that a check needs no child any more. A spare takes its place, so
// that there are no more than there were checks at once.
func (c *Checker) release() {
	c.spares.mu.Lock()
	defer c.spares.mu.Unlock()
	c.spare(c.spares.busy)
	c.spares.busy--
}

// next removes the spare child that waits longest; nil if there is none. Those
// that died while they waited are freed.
func (s *spares) next() *process {
	for len(s.waiting) > 0 {
		p := s.waiting[0]
		s.waiting = s.waiting[1:]
		select {
		case <-p.ended:
			p.end()
		default:
			return p
		}
	}
	return nil
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
