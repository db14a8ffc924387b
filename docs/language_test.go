package docs

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/sandbox"
)

var update = flag.Bool("update", false, "write language.md")

// entry is one row of a table.
type entry struct{ Name, Doc string }

// group is a table of calls.
type group struct {
	Title string
	Calls []entry
	holds func(f *ast.FuncDecl) bool
}

// TestLanguageIsGenerated holds language.md to what the stubs and the gate say.
func TestLanguageIsGenerated(t *testing.T) {
	var got bytes.Buffer
	if err := template.Must(template.ParseFiles("testdata/language.md.tmpl")).Execute(&got, reference(t)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("language.md", got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("language.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("language.md is out of date, run go test ./docs -update: -have +want\n%s", diff)
	}
}

// reference is what the template is filled with.
func reference(t *testing.T) map[string]any {
	file, err := parser.ParseFile(token.NewFileSet(), "objective.go", sandbox.Stub(), parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	groups := []*group{
		{Title: "Leaves and choices", holds: func(f *ast.FuncDecl) bool { return f.Recv == nil }},
		{Title: "Masks", holds: func(f *ast.FuncDecl) bool { return strings.Contains(f.Doc.Text(), " is 1 where ") }},
		{Title: "Statistics of the micro-batch", holds: func(f *ast.FuncDecl) bool { return strings.Contains(f.Doc.Text(), "micro-batch") }},
		{Title: "Two vectors", holds: func(f *ast.FuncDecl) bool { return takes(f, "Vec") }},
		{Title: "A vector and constants", holds: func(f *ast.FuncDecl) bool { return takes(f, "float64") }},
		{Title: "One vector", holds: func(*ast.FuncDecl) bool { return true }},
	}
	var fields, methods []entry
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.GenDecl:
			fields = append(fields, batchFields(d)...)
		case *ast.FuncDecl:
			e := entry{call(d), strings.TrimPrefix(sentence(d.Doc.Text()), d.Name.Name+" is ")}
			if d.Recv != nil && d.Recv.List[0].Type.(*ast.Ident).Name == "Batch" {
				methods = append(methods, entry{strings.TrimPrefix(e.Name, "b."), e.Doc})
				continue
			}
			for _, g := range groups {
				if g.holds(d) {
					g.Calls = append(g.Calls, e)
					break
				}
			}
		}
	}
	return map[string]any{"Rules": sandbox.Rules(), "Fields": fields, "BatchMethods": methods, "Groups": groups, "Math": mathCalls()}
}

// batchFields lists the fields of type Batch, if d declares it.
func batchFields(d *ast.GenDecl) []entry {
	var out []entry
	for _, spec := range d.Specs {
		s, ok := spec.(*ast.TypeSpec)
		if !ok || s.Name.Name != "Batch" {
			continue
		}
		for _, f := range s.Type.(*ast.StructType).Fields.List {
			out = append(out, entry{f.Names[0].Name, sentence(f.Comment.Text())})
		}
	}
	return out
}

// takes reports whether the first parameter has the type.
func takes(f *ast.FuncDecl, name string) bool {
	list := f.Type.Params.List
	return len(list) > 0 && list[0].Type.(*ast.Ident).Name == name
}

// call is a declaration as it is written in use: v.Clamp(lo, hi float64).
func call(f *ast.FuncDecl) string {
	on := "objective"
	if f.Recv != nil {
		on = f.Recv.List[0].Names[0].Name
	}
	var names []string
	for _, p := range f.Type.Params.List {
		for _, n := range p.Names {
			names = append(names, n.Name)
		}
	}
	return on + "." + f.Name.Name + "(" + strings.Join(names, ", ") + ")"
}

// sentence is a comment on one line, fit for a table.
func sentence(doc string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(doc), " "), "|", "\\|")
}

// mathCalls is the stub of math without its package clause.
func mathCalls() string {
	_, body, _ := strings.Cut(sandbox.MathStub(), "package math\n\n")
	return body
}
