package stub

import (
	"go/ast"
	"go/constant"
	"go/doc"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestEveryOperationIsDocumented: the stub is the language reference of the
// prompt, so each declaration says in a sentence what it computes.
func TestEveryOperationIsDocumented(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "objective.go", Objective(), parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := doc.NewFromFiles(fset, []*ast.File{file}, "objective")
	if err != nil {
		t.Fatal(err)
	}
	check := func(name, text string) {
		if !strings.HasPrefix(text, name+" ") || !strings.HasSuffix(strings.TrimSpace(text), ".") {
			t.Errorf("%s: doc comment %q", name, text)
		}
	}
	for _, f := range pkg.Funcs {
		check(f.Name, f.Doc)
	}
	n, methods := 0, 0
	for _, typ := range pkg.Types {
		check(typ.Name, typ.Doc)
		for _, f := range append(typ.Funcs, typ.Methods...) {
			check(f.Name, f.Doc)
			n++
		}
		for _, m := range typ.Methods {
			if methods++; !slices.Contains(Methods(), m.Name) {
				t.Errorf("Methods lacks %s", m.Name)
			}
		}
	}
	if n < 45 || methods != len(Methods()) {
		t.Errorf("%d functions, %d methods, Methods has %d", n, methods, len(Methods()))
	}
}

// TestMathConstants holds the constants against those of the standard library.
func TestMathConstants(t *testing.T) {
	want := map[string]float64{
		"E": math.E, "Pi": math.Pi, "Phi": math.Phi, "Sqrt2": math.Sqrt2, "SqrtE": math.SqrtE, "SqrtPi": math.SqrtPi,
		"SqrtPhi": math.SqrtPhi, "Ln2": math.Ln2, "Log2E": math.Log2E, "Ln10": math.Ln10, "Log10E": math.Log10E,
		"MaxFloat64": math.MaxFloat64, "SmallestNonzeroFloat64": math.SmallestNonzeroFloat64,
	}
	scope := mathPackage().Scope()
	for _, name := range scope.Names() {
		c, ok := scope.Lookup(name).(*types.Const)
		if !ok {
			continue
		}
		if got, _ := constant.Float64Val(constant.ToFloat(c.Val())); got != want[name] {
			t.Errorf("%s = %v, want %v", name, got, want[name])
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("missing %v", want)
	}
}

// TestMathNames holds the names against what the type checker sees.
func TestMathNames(t *testing.T) {
	var wantConstants, wantFunctions []string
	scope := mathPackage().Scope()
	for _, name := range scope.Names() {
		if _, ok := scope.Lookup(name).(*types.Const); ok {
			wantConstants = append(wantConstants, name)
		} else {
			wantFunctions = append(wantFunctions, name)
		}
	}
	constants, functions := MathNames()
	if got := slices.Sorted(slices.Values(constants)); !slices.Equal(got, wantConstants) {
		t.Errorf("constants %v, want %v", got, wantConstants)
	}
	if got := slices.Sorted(slices.Values(functions)); !slices.Equal(got, wantFunctions) {
		t.Errorf("functions %v, want %v", got, wantFunctions)
	}
}

func TestImporterKnowsNothingElse(t *testing.T) {
	for _, path := range []string{"os", "unsafe", "fmt", "", "github.com/objdisco/discover/sandbox/objective"} {
		if pkg, err := (Importer{}).Import(path); err == nil {
			t.Errorf("imported %v", pkg)
		}
	}
}
