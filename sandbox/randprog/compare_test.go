package randprog

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/objdisco/discover/sandbox/child"
	"github.com/objdisco/discover/sandbox/tracer"
)

var (
	programs  = flag.Int("programs", 60, "random programs to compare")
	firstSeed = flag.Uint64("seed", 1, "seed of the first random program")
)

// failed stands for a program that cannot be traced: it panics or its result is
// no graph.
const failed = "failed"

// TestInterpretedEqualsCompiled holds, for random programs, the graph traced by
// the interpreter from the canonical form against the graph traced from the same
// source compiled by Go: equal bit for bit, or both without a graph.
func TestInterpretedEqualsCompiled(t *testing.T) {
	start := time.Now()
	interpreted := map[uint64]string{}
	reasons := map[string]int{}
	for seed := *firstSeed; len(interpreted) < *programs; seed++ {
		canonical, graph, rejection := child.Trace(Generate(seed, ""), tracer.DefaultSteps)
		switch {
		case rejection == nil:
			interpreted[seed] = string(graph)
		case rejection.Stage == "trace":
			interpreted[seed] = failed
			if strings.Contains(rejection.Reason, "tracer:") {
				t.Errorf("seed %d: %v\n%s", seed, rejection, canonical)
			}
			reasons[rejection.Reason]++
		default:
			reasons[rejection.Stage+": "+rejection.Reason]++
		}
		if seed-*firstSeed > 2*uint64(*programs) {
			t.Fatalf("most programs are rejected: %v", reasons)
		}
	}
	t.Logf("interpreted after %v", time.Since(start))
	t.Logf("not traced: %v", reasons)
	compiled := compile(t, interpreted)
	traced := 0
	for seed, got := range interpreted {
		if want := compiled[seed]; got != want {
			t.Errorf("seed %d: interpreted\n%s\ncompiled\n%s", seed, got, want)
		}
		if got != failed {
			traced++
		}
	}
	if traced < *programs/2 {
		t.Errorf("only %d of %d programs have a graph", traced, *programs)
	}
}

// compile builds one program from the sources of all seeds and returns their graphs.
func compile(t *testing.T, seeds map[uint64]string) map[uint64]string {
	dir, err := os.MkdirTemp(".", ".compiled-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	var calls strings.Builder
	for seed := range seeds {
		suffix := fmt.Sprintf("_%d", seed)
		source := strings.Replace(Generate(seed, suffix), "package candidate", "package main", 1)
		write(t, filepath.Join(dir, fmt.Sprintf("p%d.go", seed)), source)
		fmt.Fprintf(&calls, "\tshow(%d, Loss%s)\n", seed, suffix)
	}
	write(t, filepath.Join(dir, "main.go"), fmt.Sprintf(mainSource, calls.String()))
	out, err := exec.Command("go", "run", "./"+dir).Output()
	if err != nil {
		t.Fatalf("compile: %v\n%s", err, stderr(err))
	}
	return parse(t, string(out))
}

const mainSource = `package main

import (
	"encoding/json"
	"fmt"

	"github.com/objdisco/discover/sandbox/objective"
)

func main() {
%s}

func show(seed int, loss func(objective.Batch) objective.Vec) {
	defer func() {
		if recover() != nil {
			fmt.Println(seed, "failed")
		}
	}()
	g, err := objective.Trace(loss)
	if err != nil {
		fmt.Println(seed, "failed")
		return
	}
	data, err := json.Marshal(g)
	fmt.Println(seed, string(data))
}
`

func write(t *testing.T, path, text string) {
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func stderr(err error) string {
	if e, ok := err.(*exec.ExitError); ok {
		return string(e.Stderr)
	}
	return ""
}

func parse(t *testing.T, out string) map[uint64]string {
	graphs := map[uint64]string{}
	lines := bufio.NewScanner(strings.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var seed uint64
		id, graph, _ := strings.Cut(lines.Text(), " ")
		if err := json.Unmarshal([]byte(id), &seed); err != nil {
			t.Fatal(err)
		}
		graphs[seed] = graph
	}
	return graphs
}
