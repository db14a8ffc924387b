package randprog

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/objdisco/discover/sandbox/gate"
)

// compile builds one program from many candidates with the Go compiler, runs it,
// and returns the graph that each traces, as JSON, or failed.
func compile(t *testing.T, sources map[string]string) map[string]string {
	dir, err := os.MkdirTemp(".", ".compiled-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	var calls strings.Builder
	i := 0
	for name, source := range sources {
		suffix := fmt.Sprintf("_%d", i)
		write(t, filepath.Join(dir, fmt.Sprintf("p%d.go", i)), renamed(t, source, suffix))
		fmt.Fprintf(&calls, "\tshow(%q, Loss%s)\n", name, suffix)
		i++
	}
	write(t, filepath.Join(dir, "main.go"), fmt.Sprintf(mainSource, calls.String()))
	out, err := exec.Command("go", "run", "./"+dir).Output()
	if err != nil {
		t.Fatalf("compile: %v\n%s", err, stderr(err))
	}
	graphs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, graph, _ := strings.Cut(strings.TrimSpace(line), "\t")
		graphs[name] = graph
	}
	return graphs
}

// mainSource traces every loss and prints its name and graph.
const mainSource = `package main

import (
	"encoding/json"
	"fmt"

	"github.com/objdisco/discover/sandbox/objective"
)

func main() {
%s}

func show(name string, loss func(objective.Batch) objective.Vec) {
	defer func() {
		if recover() != nil {
			fmt.Println(name + "\tfailed")
		}
	}()
	g, err := objective.Trace(loss)
	if err != nil {
		fmt.Println(name + "\tfailed")
		return
	}
	data, _ := json.Marshal(g)
	fmt.Println(name + "\t" + string(data))
}
`

// renamed returns the candidate as a file of package main whose top-level names
// end in suffix.
func renamed(t *testing.T, source, suffix string) string {
	checked := check(t, source)
	for id, obj := range checked.Info.Defs {
		if obj != nil && obj.Parent() == obj.Pkg().Scope() {
			id.Name += suffix
		}
	}
	for id, obj := range checked.Info.Uses {
		if obj.Pkg() != nil && obj.Pkg().Path() == "candidate" && obj.Parent() == obj.Pkg().Scope() {
			id.Name += suffix
		}
	}
	ast.Inspect(checked.AST, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ImportSpec); ok && spec.Path.Value == strconv.Quote(gate.ObjectivePath) {
			spec.Path.Value = strconv.Quote(gate.FullObjectivePath)
		}
		return true
	})
	checked.AST.Name.Name, checked.AST.Comments = "main", nil
	var out bytes.Buffer
	if err := format.Node(&out, token.NewFileSet(), checked.AST); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

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
