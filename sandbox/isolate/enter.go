package isolate

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
)

// maxThreads bounds the threads of the Go runtime.
const maxThreads = 64

// errUnsupported is why a layer does not hold on this platform.
var errUnsupported = errors.New("not on " + runtime.GOOS)

// Enter applies layers to the current process, in the order of All, and reports
// what holds. It does not fail: the parent decides whether the report is enough.
func Enter(limits Limits, layers []Layer) Report {
	limits = limits.withDefaults()
	runtime.GOMAXPROCS(1)
	report := Report{Platform: runtime.GOOS + "/" + runtime.GOARCH}
	var w watcher
	for _, l := range All {
		if !slices.Contains(layers, l) {
			continue
		}
		detail, err := enter(l, limits, &w)
		if err != nil {
			detail = err.Error()
		}
		report.Layers = append(report.Layers, State{Layer: l, Holds: err == nil, Detail: detail})
	}
	if w != (watcher{}) {
		go w.watch(limits.Begin, limits.Ending)
	}
	return report
}

func enter(l Layer, limits Limits, w *watcher) (detail string, err error) {
	switch l {
	case Environment:
		return environment()
	case Memory:
		w.heap = limits.MemoryBytes
		return fmt.Sprintf("%d MiB", limits.MemoryBytes>>20), nil
	case Stack:
		debug.SetMaxStack(limits.StackBytes)
		w.stacks = uint64(limits.StackBytes) / 2
		return fmt.Sprintf("%d MiB", limits.StackBytes>>20), nil
	case Threads:
		debug.SetMaxThreads(maxThreads)
		return fmt.Sprint(maxThreads), nil
	}
	return enterKernel(l, limits)
}

// environment drops what the parent or the system put into the environment.
func environment() (string, error) {
	n := len(os.Environ())
	os.Clearenv()
	if n > 0 {
		return fmt.Sprintf("%d variables dropped", n), nil
	}
	return "", nil
}
