package sandbox

import (
	"os"
	"time"

	"github.com/objdisco/discover/sandbox/wire"
)

// answer is what an honest child says about an accepted candidate.
type answer struct {
	canonical string
	graph     []byte
}

// ask sends source to a child that is ready and reads the answer. The error says
// how the child failed to answer. What comes after the answer is read by finish.
func (p *process) ask(source string) (a answer, rejection *Rejection, err error) {
	if err := p.in.Write(wire.Source, []byte(source)); err != nil {
		return a, nil, err
	}
	t, payload, err := p.out.Next(wire.Canonical, wire.Rejected)
	if err != nil {
		return a, nil, err
	}
	if t == wire.Rejected {
		rejection, err = decodeRejection(payload, source)
		return a, rejection, err
	}
	a.canonical = printable(string(payload), len(payload))
	_, a.graph, err = p.out.Next(wire.Graph)
	return a, nil, err
}

// finish waits for a child that has answered to end by itself, in silence.
func (p *process) finish() error {
	p.pipes[0].Close() // there are no more questions
	if err := p.out.End(); err != nil {
		return err
	}
	if p.expired.Load() { // the end of the stream is that of the killed child
		return os.ErrDeadlineExceeded
	}
	return nil
}

// patience is how many times its processor time a child may take by the clock on
// the wall, when the machine is busy with other things.
const patience = 10

// farewell is the processor time that a child gets beyond its own: it ends itself
// when that is over, and says where the candidate was.
const farewell = 100 * time.Millisecond

// allow kills the child once it has used d of processor time and farewell from now
// on, or as much by the clock where the system does not tell, and after patience*d
// in any case, unless the returned function is called first.
func (p *process) allow(d time.Duration) (stop func()) {
	begun, over, gone := time.Now(), make(chan bool), make(chan bool)
	p.before, _ = p.used()
	go func() {
		defer close(gone)
		for left := d + farewell; left > 0; left = p.left(d, begun) {
			select {
			case <-over:
				return
			case <-time.After(left):
			}
		}
		p.expire()
	}()
	return func() {
		close(over)
		<-gone
	}
}

// late reports whether the child has used more than d since it was asked.
func (p *process) late(d time.Duration) bool {
	used, ok := p.used()
	return ok && used-p.before > d
}

// left returns how long a child that may use d of processor time can be left
// alone, given when its time began; 0 when its time is over.
func (p *process) left(d time.Duration, begun time.Time) time.Duration {
	used, ok := p.used()
	left := min(d+farewell-(used-p.before), patience*d-time.Since(begun))
	if !ok || left <= 0 {
		return 0
	}
	return max(left, d/100)
}
