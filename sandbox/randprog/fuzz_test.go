package randprog

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/objdisco/discover/sandbox/child"
	"github.com/objdisco/discover/sandbox/gate"
)

// FuzzMeaning holds, for any text that the gate accepts, the graph that the
// interpreter traces against that of the evaluator.
func FuzzMeaning(f *testing.F) {
	for _, source := range benignSources(f) {
		f.Add(source)
	}
	f.Fuzz(compareMeanings)
}

// FuzzGenerated does the same for random programs.
func FuzzGenerated(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { compareMeanings(t, Generate(seed)) })
}

func compareMeanings(t *testing.T, source string) {
	file, rejection := gate.Front(source)
	if rejection != nil {
		return
	}
	checked, rejection := gate.Types(file)
	if rejection != nil {
		return
	}
	want := failed
	g, err := evaluate(checked)
	switch {
	case errors.Is(err, errSteps):
		return
	case err == nil:
		data, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		want = string(data)
	}
	canonical, graph, rejection := child.Trace(source, 10*maxSteps)
	got := string(graph)
	if rejection != nil {
		got = failed
		if rejection.Stage != gate.StageTrace {
			t.Errorf("%v\n%s", rejection, source)
		}
	}
	if got != want {
		t.Errorf("interpreted\n%s %v\nevaluated\n%s %v\n%s\n%s", got, rejection, want, err, source, canonical)
	}
}
