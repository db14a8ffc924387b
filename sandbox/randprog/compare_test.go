package randprog

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/objdisco/discover/sandbox/child"
	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/tracer"
)

var (
	programs  = flag.Int("programs", 40, "random programs to compare")
	firstSeed = flag.Uint64("seed", 1, "seed of the first random program")
)

// failed stands for a program that cannot be traced: it panics or its result is
// no graph.
const failed = "failed"

// TestInterpretedEqualsCompiled holds the graph traced by the interpreter from
// the canonical form against the graph traced from the same source compiled by
// Go: equal bit for bit, or both without a graph. The sources are the benign
// programs of the sandbox and random ones. The evaluator that fuzzing uses must
// agree as well.
func TestInterpretedEqualsCompiled(t *testing.T) {
	sources, interpreted := map[string]string{}, map[string]string{}
	readBenign(t, sources, interpreted)
	generate(t, sources, interpreted)
	for name, want := range compile(t, sources) {
		if got := interpreted[name]; got != want {
			t.Errorf("%s: interpreted\n%s\ncompiled\n%s\n%s", name, got, want, sources[name])
		}
		if got := evaluated(t, sources[name]); got != want {
			t.Errorf("%s: evaluated\n%s\ncompiled\n%s\n%s", name, got, want, sources[name])
		}
	}
}

// evaluated returns the graph that the evaluator traces, as JSON, or failed.
func evaluated(t *testing.T, source string) string {
	g, err := evaluate(check(t, source))
	if err != nil {
		return failed
	}
	data, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// check returns the checked candidate, which must pass.
func check(t *testing.T, source string) *gate.Checked {
	file, rejection := gate.Front(source)
	if rejection == nil {
		checked, r := gate.Types(file)
		if r == nil {
			return checked
		}
		rejection = r
	}
	t.Fatalf("%v\n%s", rejection, source)
	return nil
}

func readBenign(t *testing.T, sources, interpreted map[string]string) {
	paths, err := filepath.Glob("../testdata/benign/*.txt")
	if err != nil || len(paths) < 60 {
		t.Fatalf("%d benign programs (%v), want at least 60", len(paths), err)
	}
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		canonical, graph, rejection := child.Trace(string(source), tracer.DefaultSteps)
		if rejection != nil {
			t.Errorf("%s: %v\n%s", path, rejection, canonical)
			continue
		}
		name := filepath.Base(path)
		sources[name], interpreted[name] = string(source), string(graph)
	}
}

// generate adds random programs. Some are too long or have a constant error;
// most must not.
func generate(t *testing.T, sources, interpreted map[string]string) {
	traced, rejected := 0, map[string]int{}
	for n, seed := 0, *firstSeed; n < *programs; seed++ {
		name, source := fmt.Sprintf("seed %d", seed), Generate(seed)
		_, graph, rejection := child.Trace(source, tracer.DefaultSteps)
		switch {
		case rejection == nil:
			interpreted[name] = string(graph)
			traced++
		case rejection.Stage == "trace":
			interpreted[name] = failed
			if strings.Contains(rejection.Reason, "interpreter") {
				t.Errorf("%s: %v\n%s", name, rejection, source)
			}
		default:
			rejected[rejection.Stage+": "+rejection.Reason]++
			if len(rejected) > *programs {
				t.Fatalf("most programs are rejected: %v", rejected)
			}
			continue
		}
		sources[name] = source
		n++
	}
	if traced < *programs*3/4 {
		t.Errorf("only %d of %d programs have a graph", traced, *programs)
	}
	t.Logf("%d programs have a graph; rejected: %v", traced, rejected)
}
