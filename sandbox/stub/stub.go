// Package stub is the single source of what a candidate may call: Go source
// without bodies for the objective package and for the allowed part of math.
// The type checker, the interpreter's symbol table (a test holds them equal) and
// the language reference in prompts and help texts are all made from it.
package stub

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"sync"
)

//go:embed objective.txt
var objectiveSource string

//go:embed math.txt
var mathSource string

// Objective returns the stub of the objective package.
func Objective() string { return objectiveSource }

// Math returns the stub of the math package.
func Math() string { return mathSource }

// objectivePackage and mathPackage are type-checked once, when first imported.
var (
	objectivePackage = sync.OnceValue(func() *types.Package { return check("objective", objectiveSource) })
	mathPackage      = sync.OnceValue(func() *types.Package { return check("math", mathSource) })
)

func check(path, source string) *types.Package {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path+".go", source, parser.SkipObjectResolution)
	if err != nil {
		panic(fmt.Sprintf("stub: %v", err))
	}
	config := types.Config{IgnoreFuncBodies: true}
	pkg, err := config.Check(path, fset, []*ast.File{file}, nil)
	if err != nil {
		panic(fmt.Sprintf("stub: %v", err))
	}
	return pkg
}

// Importer imports the stubs and nothing else; in particular it reads no
// installed Go. It is safe for concurrent use.
type Importer struct{}

// Import returns the stub package with the given path. It is complete.
func (Importer) Import(path string) (*types.Package, error) {
	switch path {
	case "objective":
		return objectivePackage(), nil
	case "math":
		return mathPackage(), nil
	}
	return nil, fmt.Errorf("stub: no package %q", path)
}

// Methods returns the names of the methods of Vec and Batch, once read. The
// caller must not change the result.
var Methods = sync.OnceValue(func() []string {
	var names []string
	for line := range strings.Lines(objectiveSource) {
		if rest, ok := strings.CutPrefix(line, "func ("); ok {
			_, rest, _ = strings.Cut(rest, ") ")
			name, _, _ := strings.Cut(rest, "(")
			names = append(names, name)
		}
	}
	return names
})

// MathNames returns the names of the constants and of the functions of math, once
// read. The caller must not change them.
var MathNames = sync.OnceValues(func() (constants, functions []string) {
	for line := range strings.Lines(mathSource) {
		if rest, ok := strings.CutPrefix(line, "func "); ok {
			name, _, _ := strings.Cut(rest, "(")
			functions = append(functions, name)
		} else if rest, ok := strings.CutPrefix(line, "\t"); ok {
			name, _, _ := strings.Cut(rest, " ")
			constants = append(constants, name)
		}
	}
	return constants, functions
})
