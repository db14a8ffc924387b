// Package canon rewrites a checked candidate into the canonical form that is
// interpreted.
//
// The interpreter (yaegi v0.16.1) gives some legal Go another meaning than the
// compiler does, so the canonical form is a small core of Go that both read
// alike: every name unique, every constant expression a literal of its type, one
// operation on named operands per statement, no parentheses, and of control flow
// only if/else on a variable, for without clauses, break, continue and return.
// Loops, switches, logical operators, tuple assignments, named results, arrays
// and variadic calls are lowered to that. Vector method chains stay as they are.
//
// Every function body and every loop iteration starts with budget.Spend(n, pos), n
// being about the number of operations in it, so that how far a candidate may
// run does not depend on the speed of the machine, and pos the token.Pos of the
// function or loop, so that it is known which one ran last.
package canon

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/objdisco/discover/sandbox/gate"
)

// BudgetPath is the import path of the package whose Spend the canonical form calls.
const BudgetPath = "budget"

// maxIndent bounds the indentation, so that the size of the text stays
// proportional to that of the source.
const maxIndent = 12

// Rewrite returns the canonical form of c.
func Rewrite(c *gate.Checked) string { return rewrite(c, false) }

// RewriteMarked returns the canonical form of c in which budget.At(pos) precedes
// every statement, pos being the token.Pos of the construct it comes from. Each
// call of the API is a statement of its own, and budget.Traced notes the vector
// that it returns.
func RewriteMarked(c *gate.Checked) string { return rewrite(c, true) }

func rewrite(c *gate.Checked, marked bool) string {
	l := &lowering{c: c, names: newNames(c), marked: marked}
	l.line("package candidate")
	l.line("")
	l.line("import (")
	l.indent++
	for _, path := range [...]string{BudgetPath, gate.MathPath, gate.ObjectivePath} {
		if path != gate.MathPath || l.callsMath() {
			l.line("%q", path)
		}
	}
	l.indent--
	l.line(")")
	for _, d := range c.AST.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			l.line("")
			l.function(header{"func " + l.names.of(c.Info.Defs[fn.Name]), true}, fn.Type, fn.Body)
		}
	}
	return l.out.String()
}

// lowering is the state of one rewrite.
type lowering struct {
	c      *gate.Checked
	names  *names
	out    strings.Builder
	indent int
	marked bool      // write budget.At before every statement
	pos    token.Pos // source construct of the lines being written
	frames []frame   // enclosing functions
	loops  []loop    // enclosing loops and switches of the current function
}

// frame is a function being written.
type frame struct {
	results []*types.Var
	named   bool
	loops   []loop // of the enclosing function
}

// line writes one line, after a mark if it begins a statement of a function.
func (l *lowering) line(format string, args ...any) {
	if l.marked && len(l.frames) > 0 && l.indent > 0 && !strings.HasPrefix(format, "}") {
		l.out.WriteString("budget.At(" + strconv.Itoa(int(l.pos)) + ")\n")
	}
	for range min(l.indent, maxIndent) {
		l.out.WriteByte('\t')
	}
	fmt.Fprintf(&l.out, format, args...)
	l.out.WriteByte('\n')
}

// at sets the source construct of the lines that follow.
func (l *lowering) at(n ast.Node) { l.pos = n.Pos() }

// callsMath reports whether a function of math is called.
func (l *lowering) callsMath() bool {
	for _, obj := range l.c.Info.Uses {
		if fn, ok := obj.(*types.Func); ok && fn.Pkg() != nil && fn.Pkg().Path() == gate.MathPath {
			return true
		}
	}
	return false
}

// header is how a function begins.
type header struct {
	text     string // "func name" or "name := func"
	topLevel bool
}

// function writes a function from its header, its type and its body.
func (l *lowering) function(h header, t *ast.FuncType, body *ast.BlockStmt) {
	l.at(t)
	f := frame{loops: l.loops}
	params, unbox := l.params(t, h.topLevel)
	f.results, f.named = l.results(t)
	l.frames, l.loops = append(l.frames, f), nil
	l.line("%s(%s)%s {", h.text, params, l.resultTypes(f.results))
	l.indent++
	l.spend(body.List)
	for _, b := range unbox {
		l.line("%s := %s[0]", b.name, b.box)
	}
	if f.named {
		for _, v := range f.results {
			l.line("%s := %s", l.names.of(v), l.zero(v.Type()))
		}
	}
	if !l.block(body.List) && len(f.results) > 0 {
		l.returnZero(f.results)
	}
	l.indent--
	l.line("}")
	l.loops, l.frames = f.loops, l.frames[:len(l.frames)-1]
}

// boxed is a float64 parameter that arrives in a slice: the interpreter passes
// -0.0 to a declared function as 0.0, but not inside a slice.
type boxed struct{ name, box string }

func isFloat(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsFloat != 0
}

// params returns the parameter list and those that are boxed.
func (l *lowering) params(t *ast.FuncType, box bool) (list string, boxes []boxed) {
	var out []string
	add := func(id *ast.Ident, typ types.Type) {
		name := ""
		if id == nil || id.Name == "_" {
			name = l.names.fresh("unused")
		} else {
			name = l.names.of(l.c.Info.Defs[id])
		}
		if box && isFloat(typ) {
			b := boxed{name, l.names.fresh(name + "_box")}
			boxes = append(boxes, b)
			out = append(out, b.box+" []float64")
			return
		}
		out = append(out, name+" "+typeString(typ))
	}
	for _, field := range t.Params.List {
		typ := l.c.Info.TypeOf(field.Type)
		if dots, ok := field.Type.(*ast.Ellipsis); ok {
			typ = types.NewSlice(l.c.Info.TypeOf(dots.Elt))
		}
		if len(field.Names) == 0 {
			add(nil, typ)
		}
		for _, id := range field.Names {
			add(id, typ)
		}
	}
	return strings.Join(out, ", "), boxes
}

// results returns the result variables and whether they have names.
func (l *lowering) results(t *ast.FuncType) (vars []*types.Var, named bool) {
	if t.Results == nil {
		return nil, false
	}
	for _, field := range t.Results.List {
		for _, id := range field.Names {
			named = true
			v, ok := l.c.Info.Defs[id].(*types.Var)
			if !ok || id.Name == "_" {
				v = types.NewVar(id.Pos(), nil, "unused", l.c.Info.TypeOf(field.Type))
			}
			vars = append(vars, v)
		}
		if len(field.Names) == 0 {
			vars = append(vars, types.NewVar(token.NoPos, nil, "", l.c.Info.TypeOf(field.Type)))
		}
	}
	return vars, named
}

func (l *lowering) resultTypes(vars []*types.Var) string {
	out := make([]string, len(vars))
	for i, v := range vars {
		out[i] = typeString(v.Type())
	}
	switch len(out) {
	case 0:
		return ""
	case 1:
		return " " + out[0]
	}
	return " (" + strings.Join(out, ", ") + ")"
}

// returnZero ends a function whose end cannot be reached but whose canonical
// form would not show it.
func (l *lowering) returnZero(results []*types.Var) {
	out := make([]string, len(results))
	for i, v := range results {
		out[i] = l.zero(v.Type())
	}
	l.line("return %s", strings.Join(out, ", "))
}

// spend writes the call that charges for one run of the statements.
func (l *lowering) spend(list []ast.Stmt) {
	n := 1
	for _, s := range list {
		n += weight(s)
	}
	l.line("budget.Spend(%d, %d)", n, l.pos)
}

// weight counts the operations in s, without those of the loops and function
// literals in it, which are charged for apart.
func weight(s ast.Stmt) int {
	n := 1
	ast.Inspect(s, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.CallExpr, *ast.BinaryExpr, *ast.AssignStmt, *ast.IncDecStmt, *ast.IndexExpr:
			n++
		case *ast.CompositeLit:
			n += len(x.Elts)
		case *ast.CaseClause:
			n += 1 + len(x.List)
		case *ast.FuncLit:
			n++
			return false
		case *ast.ForStmt, *ast.RangeStmt:
			n++
			return false
		}
		return true
	})
	return n
}
