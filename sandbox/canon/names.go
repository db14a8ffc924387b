package canon

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/objdisco/discover/sandbox/gate"
)

// names gives every variable and function of a candidate a name of its own, so
// that the canonical form shadows nothing.
type names struct {
	byObject map[types.Object]string
	taken    map[string]bool
	temps    int
}

// newNames reserves the names that mean something to Go or to the canonical
// form and names the functions; Loss stays Loss.
func newNames(c *gate.Checked) *names {
	n := &names{byObject: map[types.Object]string{}, taken: map[string]bool{}}
	for _, s := range types.Universe.Names() {
		n.taken[s] = true
	}
	for _, s := range [...]string{BudgetPath, gate.MathPath, gate.ObjectivePath, "candidate", "init", "main", "Loss"} {
		n.taken[s] = true
	}
	for _, d := range c.AST.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if fn.Name.Name == "Loss" {
			n.byObject[c.Info.Defs[fn.Name]] = "Loss"
			continue
		}
		n.of(c.Info.Defs[fn.Name])
	}
	return n
}

// of returns the name of obj, chosen at the first call.
func (n *names) of(obj types.Object) string {
	if name, ok := n.byObject[obj]; ok {
		return name
	}
	name := n.fresh(obj.Name())
	n.byObject[obj] = name
	return name
}

// fresh returns base, or base with a number, such that no other name equals it.
func (n *names) fresh(base string) string {
	name := base
	for i := 2; n.taken[name] || token.IsKeyword(name) || name == "" || name == "_"; i++ {
		name = strings.TrimRight(base, "_") + "_" + strconv.Itoa(i)
	}
	n.taken[name] = true
	return name
}

// temp returns a name for an intermediate value.
func (n *names) temp() string {
	n.temps++
	return n.fresh("t" + strconv.Itoa(n.temps))
}

// typeString writes t as it stands in the canonical form: arrays are slices.
func typeString(t types.Type) string {
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return "[]" + typeString(t.Elem())
	case *types.Array:
		return "[]" + typeString(t.Elem())
	case *types.Signature:
		return "func" + signatureString(t)
	}
	return types.TypeString(types.Default(t), func(p *types.Package) string { return p.Name() })
}

func signatureString(t *types.Signature) string {
	results := tupleString(t.Results())
	if t.Results().Len() == 1 {
		results = strings.Trim(results, "()")
		if _, fn := t.Results().At(0).Type().Underlying().(*types.Signature); fn {
			results = typeString(t.Results().At(0).Type())
		}
	}
	if t.Results().Len() == 0 {
		return tupleString(t.Params())
	}
	return tupleString(t.Params()) + " " + results
}

func tupleString(t *types.Tuple) string {
	out := make([]string, t.Len())
	for i := range out {
		out[i] = typeString(t.At(i).Type())
	}
	return "(" + strings.Join(out, ", ") + ")"
}
