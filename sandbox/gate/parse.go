package gate

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strconv"
	"strings"
)

// The import paths that mean the objective package, and the one for math.
const (
	ObjectivePath     = "objective"
	FullObjectivePath = "github.com/objdisco/discover/sandbox/objective"
	MathPath          = "math"
)

// supplied is written in front of a source without a package clause.
const supplied = "package candidate; "

// File is a parsed candidate.
type File struct {
	Fset   *token.FileSet
	AST    *ast.File
	lines  []string // of the source
	prefix int      // bytes put in front of line 1
}

// Parse is the second stage. A missing package clause and missing imports of
// the two allowed packages are supplied; imports that nothing refers to are
// dropped. Positions remain those of source. The source must have passed Size.
func Parse(source string) (*File, *Rejection) {
	f := &File{Fset: token.NewFileSet()}
	source = strings.TrimPrefix(source, string(rune(byteOrderMark)))
	f.lines = strings.Split(source, "\n")
	source = lineComments.Replace(source)
	if !startsWithPackage(source) {
		source, f.prefix = supplied+source, len(supplied)
	}
	tree, err := parser.ParseFile(f.Fset, "", source, parser.SkipObjectResolution|parser.AllErrors)
	if err != nil {
		return nil, f.parseRejection(err)
	}
	f.AST = tree
	f.completeImports()
	return f, nil
}

// startsWithPackage reports whether the first token is the package keyword.
func startsWithPackage(source string) bool {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(source))
	s.Init(file, []byte(source), func(token.Position, string) {}, 0)
	_, tok, _ := s.Scan()
	return tok == token.PACKAGE
}

// Position returns the line and column of pos in the candidate's own source, or
// 0, 0 for code that was supplied.
func (f *File) Position(pos token.Pos) (line, column int) {
	if !pos.IsValid() {
		return 0, 0
	}
	return f.shift(f.Fset.Position(pos))
}

// shift maps a position in the parsed text to the source. The parser places some
// errors at the end of the text beyond the end of the line.
func (f *File) shift(p token.Position) (line, column int) {
	line, column = min(p.Line, len(f.lines)), p.Column
	if line == 1 {
		column -= f.prefix
	}
	return line, max(1, min(column, len(f.lines[line-1])+1))
}

// Loss returns where the name Loss is declared.
func (f *File) Loss() token.Pos {
	for _, d := range f.AST.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "Loss" {
			return fn.Name.Pos()
		}
	}
	return token.NoPos
}

// reject returns a rejection at pos.
func (f *File) reject(stage string, pos token.Pos, reason, hint string) *Rejection {
	line, column := f.Position(pos)
	return &Rejection{Stage: stage, Line: line, Column: column, Reason: reason, Hint: hint}
}

// completeImports gives the objective package its short path, adds the imports
// that are missing and drops those without use.
func (f *File) completeImports() {
	used := packagesUsed(f.AST)
	imported := map[string]bool{}
	for _, d := range f.AST.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok || gen.Tok != token.IMPORT {
			continue
		}
		gen.Specs = keepImports(gen.Specs, used, imported)
	}
	for _, path := range [...]string{ObjectivePath, MathPath} {
		if used[path] && !imported[path] {
			f.AST.Decls = append([]ast.Decl{importDecl(path)}, f.AST.Decls...)
		}
	}
	f.AST.Decls = dropEmptyImports(f.AST.Decls)
	f.AST.Imports = nil // go/types reads Decls
}

// keepImports shortens the objective path and returns specs without unused or
// repeated imports of the allowed packages.
func keepImports(specs []ast.Spec, used, imported map[string]bool) []ast.Spec {
	var kept []ast.Spec
	for _, s := range specs {
		spec := s.(*ast.ImportSpec)
		path := strings.Trim(spec.Path.Value, "\"`")
		if path == FullObjectivePath {
			path = ObjectivePath
		}
		spec.Path.Value = strconv.Quote(path)
		allowed := spec.Name == nil && (path == ObjectivePath || path == MathPath)
		if allowed && (imported[path] || !used[path]) {
			continue
		}
		imported[path] = true
		kept = append(kept, spec)
	}
	return kept
}

func importDecl(path string) *ast.GenDecl {
	lit := &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(path)}
	return &ast.GenDecl{Tok: token.IMPORT, Specs: []ast.Spec{&ast.ImportSpec{Path: lit}}}
}

func dropEmptyImports(decls []ast.Decl) []ast.Decl {
	var kept []ast.Decl
	for _, d := range decls {
		if gen, ok := d.(*ast.GenDecl); ok && gen.Tok == token.IMPORT && len(gen.Specs) == 0 {
			continue
		}
		kept = append(kept, d)
	}
	return kept
}

// packagesUsed returns the names before a dot, among which are the packages.
func packagesUsed(tree *ast.File) map[string]bool {
	used := map[string]bool{}
	ast.Inspect(tree, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				used[id.Name] = true
			}
		}
		return true
	})
	return used
}
