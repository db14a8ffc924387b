package catalog

import (
	"sync"

	"github.com/objdisco/discover/sandbox/graph"
)

// Known returns every entry's graph, to compare others with. The slice is shared
// and must not be written. It panics if an entry cannot be traced, which a test
// rules out.
var Known = sync.OnceValue(func() []graph.Known {
	var known []graph.Known
	for _, e := range All() {
		g, err := e.Graph()
		if err != nil {
			panic("catalog: " + e.Name + ": " + err.Error())
		}
		known = append(known, graph.Known{Name: e.Name, Graph: g})
	}
	return known
})

// Library is every entry, to find the nearest one with. The first call takes a
// tenth of a second.
var Library = sync.OnceValue(func() *graph.Library {
	l, err := graph.NewLibrary(Known())
	if err != nil {
		panic("catalog: " + err.Error())
	}
	return l
})
