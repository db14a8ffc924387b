package isolate

import (
	"os"
	"runtime/metrics"
	"time"
)

// The exit codes by which the child tells why it ended itself.
const (
	ExitMemory = 81
	ExitStack  = 82
)

// watcher ends the process when its heap or its stacks take more bytes than it may
// use; 0 means that they are not watched.
type watcher struct{ heap, stacks uint64 }

// watch never returns. It begins after begin unless that is nil, and calls ending
// before it ends the process.
func (w watcher) watch(begin <-chan struct{}, ending func(Layer)) {
	if begin != nil {
		<-begin
	}
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	for {
		metrics.Read(sample)
		switch heap, stacks := sample[0].Value.Uint64(), sample[1].Value.Uint64(); {
		case w.stacks > 0 && stacks > w.stacks:
			end(Stack, ExitStack, ending)
		case w.heap > 0 && heap+stacks > w.heap:
			end(Memory, ExitMemory, ending)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func end(l Layer, code int, ending func(Layer)) {
	if ending != nil {
		ending(l)
	}
	os.Exit(code)
}
