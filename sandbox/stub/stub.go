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

// sources are the stubs by the import path that candidates use.
var sources = map[string]*string{"objective": &objectiveSource, "math": &mathSource}

// Packages type-checks the stubs, once, and returns them by import path. They
// are complete packages: nothing else, in particular no installed Go, is read.
// It is safe for concurrent use.
var Packages = sync.OnceValue(func() map[string]*types.Package {
	packages := map[string]*types.Package{}
	for path, source := range sources {
		fset := token.NewFileSet()
		config := types.Config{IgnoreFuncBodies: true}
		pkg, err := config.Check(path, fset, []*ast.File{mustParse(fset, *source)}, nil)
		if err != nil {
			panic(fmt.Sprintf("stub: %s: %v", path, err))
		}
		packages[path] = pkg
	}
	return packages
})

func mustParse(fset *token.FileSet, source string) *ast.File {
	file, err := parser.ParseFile(fset, "stub.go", source, parser.ParseComments)
	if err != nil {
		panic(fmt.Sprintf("stub: %v", err))
	}
	return file
}

// Methods returns the names of the methods of Vec and Batch, once parsed. The
// caller must not change the result.
var Methods = sync.OnceValue(func() []string {
	var names []string
	for _, d := range mustParse(token.NewFileSet(), objectiveSource).Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
			names = append(names, fn.Name.Name)
		}
	}
	return names
})

// Importer imports the stubs and nothing else.
type Importer struct{}

// Import returns the stub package with the given path.
func (Importer) Import(path string) (*types.Package, error) {
	if pkg, ok := Packages()[path]; ok {
		return pkg, nil
	}
	return nil, fmt.Errorf("stub: no package %q", path)
}
