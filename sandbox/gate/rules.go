package gate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// MaxArray bounds the elements of an array. It keeps the canonical form, in which
// an array is written out, in proportion to the source.
const MaxArray = 64

// ruler applies the rules of the language that need types. Together they make
// every function pure and every call finite but for loops: no recursion, no
// reassigned function values, no assignment to captured variables.
type ruler struct {
	*Checked
	calls     map[types.Object][]call // references between top-level functions
	rejection *Rejection
}

// call is a reference to a top-level function.
type call struct {
	to  types.Object
	pos token.Pos
}

func (c *Checked) rules() *Rejection {
	r := &ruler{Checked: c, calls: map[types.Object][]call{}}
	for _, d := range c.AST.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if fn.Name.Name == "Loss" && !r.isLoss(r.Info.Defs[fn.Name]) {
			r.refuse(fn.Name.Pos(), "Loss has the wrong signature", signatureHint)
		}
		r.unset(fn.Type, fn.Body)
		r.references(r.Info.Defs[fn.Name], fn.Body)
		ast.Inspect(fn, func(n ast.Node) bool { r.node(n); return r.rejection == nil })
	}
	r.recursion()
	return r.rejection
}

func (r *ruler) refuse(pos token.Pos, reason, hint string) {
	if r.rejection == nil {
		r.rejection = r.reject(StagePolicy, pos, reason, hint)
	}
}

// isLoss reports whether fn has the type func(objective.Batch) objective.Vec.
func (r *ruler) isLoss(fn types.Object) bool {
	sig := fn.Type().(*types.Signature)
	return !sig.Variadic() && sig.Params().Len() == 1 && sig.Results().Len() == 1 &&
		sig.Params().At(0).Type().String() == ObjectivePath+".Batch" &&
		sig.Results().At(0).Type().String() == ObjectivePath+".Vec"
}

func (r *ruler) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.Ident:
		if v, ok := r.Info.Defs[n].(*types.Var); ok {
			r.array(n.Pos(), v.Type())
		}
		if b, ok := r.Info.Uses[n].(*types.Builtin); ok && b.Name() != "len" {
			r.refuse(n.Pos(), "call of "+n.Name+" is not allowed in an objective", builtinHint(n.Name))
		}
	case *ast.FuncLit:
		r.pure(n)
		r.unset(n.Type, n.Body)
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			r.redefine(n)
			return
		}
		for _, lhs := range n.Lhs {
			r.assigned(lhs)
		}
	case *ast.RangeStmt:
		r.ranged(n)
	case *ast.CompositeLit:
		r.array(n.Pos(), r.Info.TypeOf(n))
	case *ast.CallExpr:
		r.conversion(n)
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			r.comparable(n.X)
		}
	case *ast.SwitchStmt:
		if n.Tag != nil {
			r.comparable(n.Tag)
		}
	}
}

// comparable refuses to compare anything but numbers and bools.
func (r *ruler) comparable(e ast.Expr) {
	if _, ok := r.Info.TypeOf(e).Underlying().(*types.Basic); !ok {
		r.refuse(e.Pos(), fmt.Sprintf("comparison of %s is not allowed in an objective", r.Info.TypeOf(e)), "compare numbers")
	}
}

// redefine checks the names on the left of := that were declared before.
func (r *ruler) redefine(n *ast.AssignStmt) {
	for _, lhs := range n.Lhs {
		if id := lhs.(*ast.Ident); r.Info.Defs[id] == nil {
			r.assigned(id)
		}
	}
}

// assigned refuses a new value for a variable that holds a function.
func (r *ruler) assigned(lhs ast.Expr) {
	id, ok := ast.Unparen(lhs).(*ast.Ident)
	if !ok || id.Name == "_" {
		return
	}
	if _, ok := r.Info.TypeOf(id).Underlying().(*types.Signature); ok {
		r.refuse(id.Pos(), fmt.Sprintf("assignment to the function %s is not allowed in an objective", id.Name), "declare another function with :=")
	}
}

func (r *ruler) ranged(n *ast.RangeStmt) {
	switch t := r.Info.TypeOf(n.X).Underlying().(type) {
	case *types.Slice, *types.Array:
	default:
		r.refuse(n.X.Pos(), fmt.Sprintf("range over %s is not allowed in an objective", t), "range over a slice, or write for i := 0; i < n; i++")
	}
}

// array bounds the elements of array types, all dimensions together.
func (r *ruler) array(pos token.Pos, t types.Type) {
	n := int64(1)
	for {
		switch u := t.Underlying().(type) {
		case *types.Slice:
			t = u.Elem()
			continue
		case *types.Array:
			if n *= max(1, u.Len()); n > MaxArray {
				r.refuse(pos, fmt.Sprintf("array of more than %d elements is not allowed in an objective", MaxArray), "use a loop")
				return
			}
			t = u.Elem()
			continue
		}
		return
	}
}

// conversion allows conversions between numbers, and of a bool to itself.
func (r *ruler) conversion(n *ast.CallExpr) {
	if tv := r.Info.Types[n.Fun]; !tv.IsType() {
		return
	}
	if b, ok := r.Info.TypeOf(n).Underlying().(*types.Basic); !ok || b.Info()&(types.IsNumeric|types.IsBoolean) == 0 {
		r.refuse(n.Pos(), fmt.Sprintf("conversion to %s is not allowed in an objective", r.Info.TypeOf(n)), "convert between float64 and int only")
	}
}

// pure refuses assignments inside fn to variables declared outside.
func (r *ruler) pure(fn *ast.FuncLit) {
	check := func(e ast.Expr) {
		id, ok := ast.Unparen(e).(*ast.Ident)
		if !ok {
			return
		}
		if v, ok := r.Info.Uses[id].(*types.Var); ok && (v.Pos() < fn.Pos() || v.Pos() >= fn.End()) {
			r.refuse(id.Pos(), fmt.Sprintf("function literal assigns to %s, which is declared outside it", id.Name), "return the new value instead")
		}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				check(lhs)
			}
		case *ast.IncDecStmt:
			check(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				check(n.Key)
				check(n.Value)
			}
		}
		return true
	})
}

// references records which top-level functions body mentions.
func (r *ruler) references(from types.Object, body ast.Node) {
	ast.Inspect(body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if fn, ok := r.Info.Uses[id].(*types.Func); ok && fn.Pkg() == from.Pkg() {
			r.calls[from] = append(r.calls[from], call{fn, id.Pos()})
		}
		return true
	})
}

// recursion refuses a cycle of references.
func (r *ruler) recursion() {
	const active, done = 1, 2
	state := map[types.Object]int{}
	var visit func(from types.Object)
	visit = func(from types.Object) {
		state[from] = active
		for _, c := range r.calls[from] {
			switch state[c.to] {
			case active:
				r.refuse(c.pos, fmt.Sprintf("recursion: %s refers to %s, which leads back to it", from.Name(), c.to.Name()), "write a loop over constants")
			case 0:
				visit(c.to)
			}
		}
		state[from] = done
	}
	for _, d := range r.AST.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && state[r.Info.Defs[fn.Name]] == 0 {
			visit(r.Info.Defs[fn.Name])
		}
	}
}
