package gate

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// Policy is the third stage: an allow-list over the syntax tree. What it does
// not name is refused, with the construct, its position and what to write
// instead. It returns nil if f passes.
func Policy(f *File) *Rejection {
	p := &policy{file: f, declared: map[string]bool{}}
	p.collect()
	for _, d := range f.AST.Decls {
		p.topLevel(d)
	}
	if p.rejection == nil && p.file.Loss() == token.NoPos {
		p.refuse(f.AST.Name.Pos(), "there is no function Loss", signatureHint)
	}
	return p.rejection
}

const signatureHint = "declare func Loss(b objective.Batch) objective.Vec"

// policy walks a file and keeps the first violation.
type policy struct {
	file      *File
	declared  map[string]bool // names of functions, parameters and variables
	depth     int             // of the function type that is looked at
	rejection *Rejection
}

// refuse records the first violation.
func (p *policy) refuse(pos token.Pos, reason, hint string) {
	if p.rejection == nil {
		p.rejection = p.file.reject(StagePolicy, pos, reason, hint)
	}
}

// forbid refuses a construct that is not part of the language.
func (p *policy) forbid(pos token.Pos, construct, hint string) {
	p.refuse(pos, construct+" is not allowed in an objective", hint)
}

// collect lists what the candidate declares that could be called. Whether a call
// refers to such a declaration or to a builtin is settled with types.
func (p *policy) collect() {
	ast.Inspect(p.file.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			p.declared[n.Name.Name] = true
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				if id, ok := lhs.(*ast.Ident); ok && n.Tok == token.DEFINE {
					p.declared[id.Name] = true
				}
			}
		case *ast.Field:
			for _, id := range n.Names {
				p.declared[id.Name] = true
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				p.declared[id.Name] = true
			}
		}
		return true
	})
}

func (p *policy) topLevel(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		p.funcDecl(d)
	case *ast.GenDecl:
		switch d.Tok {
		case token.IMPORT:
			p.imports(d)
		case token.VAR:
			p.forbid(d.Pos(), "package variable", "declare it as a const, or as a local variable inside Loss")
		default:
			p.genDecl(d)
		}
	default:
		p.forbid(d.Pos(), "declaration is not allowed", signatureHint)
	}
}

func (p *policy) imports(d *ast.GenDecl) {
	for _, s := range d.Specs {
		spec := s.(*ast.ImportSpec)
		path := strings.Trim(spec.Path.Value, "\"`")
		switch {
		case path != ObjectivePath && path != MathPath:
			p.forbid(spec.Pos(), fmt.Sprintf("import of %q", path), `only "objective" and "math" may be imported`)
		case spec.Name != nil:
			p.refuse(spec.Pos(), fmt.Sprintf("import of %q under another name", path), "import it without a name")
		}
	}
}

func (p *policy) genDecl(d *ast.GenDecl) {
	switch d.Tok {
	case token.TYPE:
		p.forbid(d.Pos(), "type declaration", "use float64, int, bool, objective.Vec and slices of them")
	case token.CONST, token.VAR:
		for _, s := range d.Specs {
			spec := s.(*ast.ValueSpec)
			for _, name := range spec.Names {
				p.declare(name)
			}
			if spec.Type != nil {
				p.typ(spec.Type, false)
			}
			p.exprs(spec.Values)
		}
	}
}

func (p *policy) funcDecl(d *ast.FuncDecl) {
	switch name := d.Name.Name; {
	case d.Recv != nil:
		p.forbid(d.Pos(), fmt.Sprintf("method %s", name), "write a function with the receiver as first parameter")
	case name == "init" || name == "main":
		p.forbid(d.Pos(), fmt.Sprintf("function %s", name), "remove it; only Loss is called")
	case name == "_":
		p.refuse(d.Pos(), "function without a name", "remove it")
	case d.Body == nil:
		p.refuse(d.Pos(), fmt.Sprintf("function %s has no body", name), "write its body")
	case name == "Loss" && !isLossSignature(d.Type):
		p.refuse(d.Name.Pos(), "Loss has the wrong signature", signatureHint)
	}
	p.declare(d.Name)
	p.function(d.Type, d.Body)
}

// isLossSignature reports whether t reads func(objective.Batch) objective.Vec.
func isLossSignature(t *ast.FuncType) bool {
	return t.TypeParams == nil && oneOf(t.Params, "Batch") && oneOf(t.Results, "Vec")
}

// oneOf reports whether list is a single value of type objective.name.
func oneOf(list *ast.FieldList, name string) bool {
	if list.NumFields() != 1 {
		return false
	}
	sel, ok := ast.Unparen(list.List[0].Type).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == ObjectivePath
}

// function checks the signature and body of a declaration or a literal.
func (p *policy) function(t *ast.FuncType, body *ast.BlockStmt) {
	p.funcType(t)
	if body != nil {
		p.stmts(body.List)
	}
}

// reserved may not be declared anew: constants, types and packages.
var reserved = []string{
	"true", "false", "iota", "nil", "any", "bool", "byte", "comparable",
	"complex64", "complex128", "error", "float32", "float64", "int", "int8",
	"int16", "int32", "int64", "rune", "string", "uint", "uint8", "uint16",
	"uint32", "uint64", "uintptr", ObjectivePath, MathPath,
}

// declare checks a name that the candidate introduces.
func (p *policy) declare(id *ast.Ident) {
	if slices.Contains(reserved, id.Name) {
		p.refuse(id.Pos(), fmt.Sprintf("%s is declared anew", id.Name), "choose another name")
	}
}
