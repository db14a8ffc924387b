package canon

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/stub"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// checked returns source after the gate, or nil if it does not pass.
func checked(source string) *gate.Checked {
	file, rejection := gate.Front(source)
	if rejection != nil {
		return nil
	}
	c, _ := gate.Types(file)
	return c
}

// TestGolden shows the canonical form of what the interpreter would misread.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.in")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c := checked(string(source))
			if c == nil {
				t.Fatal("does not pass the gate")
			}
			got, golden := Rewrite(c), strings.TrimSuffix(path, ".in")+".out"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// budgetStub declares what the canonical form calls besides the language.
const budgetStub = `package budget

import "objective"

func Spend(n, pos int)
func At(pos int)
func Shift(n int) int
func Traced(v objective.Vec) objective.Vec
`

// canonicalImporter imports the language and the budget.
type canonicalImporter struct{ stub.Importer }

func (i canonicalImporter) Import(path string) (*types.Package, error) {
	if path != BudgetPath {
		return i.Importer.Import(path)
	}
	return typeCheck(path, budgetStub, i.Importer)
}

func typeCheck(path, source string, importer types.Importer) (*types.Package, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "canonical.go", source, 0)
	if err != nil {
		return nil, err
	}
	config := types.Config{GoVersion: "go1.17", Importer: importer, Error: func(error) {}}
	pkg, err := config.Check(path, fset, []*ast.File{file}, nil)
	if err != nil && strings.Contains(err.Error(), "declared and not used") {
		err = nil // the interpreter does not mind
	}
	return pkg, err
}

// FuzzRewrite checks for any text that the gate accepts that the canonical form,
// with and without marks, is valid Go and has none of the constructs that it is
// there to remove.
func FuzzRewrite(f *testing.F) {
	for _, pattern := range []string{"testdata/*.in", "../testdata/benign/*.txt"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			f.Fatalf("no sources %s: %v", pattern, err)
		}
		for _, path := range paths {
			source, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(source))
		}
	}
	f.Fuzz(func(t *testing.T, source string) {
		c := checked(source)
		if c == nil {
			return
		}
		for _, text := range []string{Rewrite(c), RewriteMarked(c)} {
			if _, err := typeCheck("candidate", text, canonicalImporter{}); err != nil {
				t.Errorf("%v\n%s\n%s", err, source, text)
			}
			simple(t, text)
		}
	})
}

// simple checks that text is in the core that the package comment describes.
func simple(t *testing.T, text string) {
	file, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	if err != nil {
		return
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SwitchStmt, *ast.RangeStmt, *ast.IncDecStmt, *ast.ParenExpr, *ast.LabeledStmt, *ast.SliceExpr:
			t.Errorf("%T in the canonical form:\n%s", n, text)
		case *ast.ForStmt:
			if n.Init != nil || n.Cond != nil || n.Post != nil {
				t.Errorf("for with a clause in the canonical form:\n%s", text)
			}
		case *ast.IfStmt:
			if _, name := n.Cond.(*ast.Ident); !name || n.Init != nil {
				t.Errorf("if on an expression in the canonical form:\n%s", text)
			}
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				t.Errorf("%s in the canonical form:\n%s", n.Op, text)
			}
		}
		return true
	})
}
