package sandbox

import (
	"os"
)

// The bounds on what a child may write to stderr: what is kept, and where a
// child is killed for flooding.
const (
	keptStderr  = 16 << 10
	floodStderr = 1 << 20
)

// drain reads the stderr of a child to its end, so that the child never blocks
// on it, and keeps the beginning.
type drain struct {
	keep  int // bytes, from the beginning
	most  int // bytes; more is a flood
	done  chan struct{}
	kept  []byte
	flood bool
}

// newDrain starts draining r; it calls flooded if there is too much.
func newDrain(r *os.File, flooded func()) *drain {
	d := &drain{keep: keptStderr, most: floodStderr, done: make(chan struct{})}
	go d.run(r, flooded)
	return d
}

func (d *drain) run(r *os.File, flooded func()) {
	defer close(d.done)
	buf := make([]byte, 4<<10)
	for total := 0; ; {
		n, err := r.Read(buf)
		d.kept = append(d.kept, buf[:min(n, d.keep-len(d.kept))]...)
		if total += n; total > d.most && !d.flood {
			d.flood = true
			flooded()
		}
		if err != nil {
			return
		}
	}
}

// wait returns when r has been read to its end.
func (d *drain) wait() { <-d.done }

// text returns what was kept. The child must have ended.
func (d *drain) text() string {
	d.wait()
	return printable(string(d.kept), d.keep)
}
