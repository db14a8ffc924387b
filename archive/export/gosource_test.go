package export

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/objdisco/discover/sandbox/graph"
)

// goCase is one batch for one exported package, and what it answers: losses and both
// gradients, as bits, because JSON has no NaN.
type goCase struct {
	Package string
	Batch   *graph.Batch
	Answer  [3][]uint64
}

func (c *goCase) answer(i int) []float64 {
	out := make([]float64, len(c.Answer[i]))
	for j, bits := range c.Answer[i] {
		out[j] = math.Float64frombits(bits)
	}
	return out
}

// Every exported package compiles without this module, and agrees with the plan that
// scored the objective: the whole catalog and random programs.
func TestGoAgreesWithPlan(t *testing.T) {
	objectives := known(t)
	for seed := range uint64(30) {
		objectives = append(objectives, random(t, seed))
	}
	dir := t.TempDir()
	if _, err := Write(dir, "go", objectives); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	var cases []goCase
	for _, o := range objectives {
		judge, err := newJudge(o.Graph)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 2, 7} {
			b := sampleBatch(rng, n, 0.1, 2)
			if _, ok := judge.vector(b); ok {
				cases = append(cases, goCase{Package: o.stem(), Batch: b})
			}
		}
	}
	if len(cases) < 2*len(objectives) {
		t.Errorf("only %d cases for %d objectives", len(cases), len(objectives))
	}
	for i, got := range runGo(t, dir, objectives, cases) {
		c := cases[i]
		want := run(t, graphOf(objectives, c.Package), c.Batch)
		for _, s := range []struct {
			name      string
			got, want []float64
		}{{"loss", got.answer(0), want.Loss}, {"chosen", got.answer(1), want.GradChosen}, {"rejected", got.answer(2), want.GradRejected}} {
			if d := relative(s.got, s.want); !(d < 1e-9) {
				t.Errorf("%s, %d pairs, %s: got %v want %v", c.Package, c.Batch.Len(), s.name, s.got, s.want)
			}
		}
	}
}

// The Go that is exported keeps to lines that can be read, and names neither negatives
// nor what is written but once.
func TestGoIsReadable(t *testing.T) {
	for _, o := range append(known(t), evolved(t)...) {
		files, err := goFiles(o)
		if err != nil {
			t.Fatal(err)
		}
		code, _, _ := strings.Cut(string(files[0].data), "// The candidate as it was written")
		for line := range strings.Lines(code) {
			if n := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")); n > 111 {
				t.Errorf("%s: %d columns: %s", o.Candidate.Name, n, line)
			}
		}
		for _, bad := range []string{"negative", "+= -", "(-1.8)", "+ -"} {
			if _, body, _ := strings.Cut(code, "\nfunc Loss("); strings.Contains(body, bad) {
				t.Errorf("%s: %q in\n%s", o.Candidate.Name, bad, body)
			}
		}
		if o.Candidate.Name == "lrml" && strings.Count(code, ":= ") > 16 {
			t.Errorf("lrml: %d variables in\n%s", strings.Count(code, ":= "), code)
		}
	}
}

func graphOf(objectives []Objective, stem string) *graph.Graph {
	for _, o := range objectives {
		if o.stem() == stem {
			return o.Graph
		}
	}
	return nil
}

// runGo builds a program of all exported packages and runs the cases.
func runGo(t *testing.T, dir string, objectives []Objective, cases []goCase) []goCase {
	t.Helper()
	var imports, table strings.Builder
	for _, o := range objectives {
		p, err := compile(o.Graph)
		if err != nil {
			t.Fatal(err)
		}
		fields := "PolicyChosen: b.PolicyChosen, PolicyRejected: b.PolicyRejected, RefChosen: b.RefChosen, RefRejected: b.RefRejected, Beta: b.Beta"
		if p.has(graph.ChosenLen) || p.has(graph.RejectedLen) {
			fields += ", ChosenLen: b.ChosenLen, RejectedLen: b.RejectedLen"
		}
		if p.has(graph.Progress) {
			fields += ", Progress: b.Progress"
		}
		args := fmt.Sprintf("%s.Batch{%s}", o.stem(), fields)
		if len(p.params) > 0 {
			args += fmt.Sprintf(", %s.DefaultParams()", o.stem())
		}
		fmt.Fprintf(&imports, "%q\n", "exported/"+o.stem())
		fmt.Fprintf(&table, "%q: func(b Batch) ([]float64, []float64, []float64) { return %s.Loss(%s) },\n", o.stem(), o.stem(), args)
	}
	source := fmt.Sprintf(goMain, imports.String(), table.String())
	var input bytes.Buffer
	if err := gob.NewEncoder(&input).Encode(cases); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"go.mod": "module exported\n\ngo 1.22\n", "main.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(dir, "exported.exe")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOWORK=off", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	command := exec.Command(binary)
	command.Stdin = &input
	var said strings.Builder
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	var got []goCase
	if err := gob.NewDecoder(bytes.NewReader(out)).Decode(&got); err != nil {
		t.Fatal(err)
	}
	return got
}

const goMain = `package main

import (
	"encoding/gob"
	"math"
	"os"
%s
)

type Batch struct {
	PolicyChosen, PolicyRejected, RefChosen, RefRejected, ChosenLen, RejectedLen []float64
	Beta, Progress float64
}

type Case struct {
	Package string
	Batch Batch
	Answer [3][]uint64
}

var losses = map[string]func(Batch) ([]float64, []float64, []float64){
%s
}

func main() {
	var cases []Case
	if err := gob.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	for i, c := range cases {
		loss, chosen, rejected := losses[c.Package](c.Batch)
		for j, s := range [][]float64{loss, chosen, rejected} {
			for _, v := range s {
				cases[i].Answer[j] = append(cases[i].Answer[j], math.Float64bits(v))
			}
		}
	}
	if err := gob.NewEncoder(os.Stdout).Encode(cases); err != nil {
		panic(err)
	}
}
`
