package sandbox

import (
	"math"
	"os"
	"testing"
)

// A flood of the error output is kept whole and stopped by nobody without the
// bounds; with each alone, what is kept is short, or the child is stopped.
func TestEachBoundOfStderrAlone(t *testing.T) {
	const flood = 4 * floodStderr
	for _, tt := range []struct {
		name       string
		keep, most int
		kept       int
		stopped    bool
	}{
		{"no bound", math.MaxInt, math.MaxInt, flood, false},
		{"what is kept", keptStderr, math.MaxInt, keptStderr, false},
		{"what is read", math.MaxInt, floodStderr, flood, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			go func() {
				defer w.Close()
				for range flood / 4096 {
					w.Write(make([]byte, 4096))
				}
			}()
			stops := 0
			d := &drain{keep: tt.keep, most: tt.most, done: make(chan struct{})}
			d.run(r, func() { stops++ })
			if len(d.kept) != tt.kept || d.flood != tt.stopped || stops > 1 || (stops == 1) != tt.stopped {
				t.Errorf("kept %d bytes, flood %v, stopped %d times; want %d, %v", len(d.kept), d.flood, stops, tt.kept, tt.stopped)
			}
		})
	}
}
