package randprog

import (
	"fmt"
	"strings"
)

// expr returns an expression of kind k, at most depth deep.
func (g *generator) expr(k kind, depth int) string {
	e := g.bare(k, depth)
	if g.chance(15) {
		return "(" + e + ")"
	}
	return e
}

func (g *generator) bare(k kind, depth int) string {
	if depth > 0 && g.chance(12) {
		if call, ok := g.callFor(k, depth-1); ok {
			return call
		}
	}
	if name, ok := g.readable(k); ok && g.chance(45) {
		return name
	}
	switch k {
	case float:
		return g.float(depth)
	case integer:
		return g.integer(depth)
	case boolean:
		return g.boolean(depth)
	case vec:
		return g.vec(depth)
	case floats:
		return "[]float64{" + g.list(float, 1+g.rng.IntN(4), depth-1) + "}"
	case table:
		return fmt.Sprintf("[][]float64{{%s}, {%s}}", g.list(float, 2, depth-1), g.list(float, 1+g.rng.IntN(2), depth-1))
	case array:
		return g.pick("[3]", "[...]") + "float64{" + g.list(float, 3, depth-1) + "}"
	case vecs:
		return "[]objective.Vec{" + g.list(vec, 1+g.rng.IntN(3), depth-1) + "}"
	}
	return g.funcLit(k, depth-1)
}

func (g *generator) list(k kind, n, depth int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = g.expr(k, max(depth, 0))
	}
	return strings.Join(out, ", ")
}

func (g *generator) literal() string {
	return g.pick("1", "2", "0", "0.5", "-1", "3.", ".25", "1e2", "-0.75", "1_0.5", "1/3.0", "7/2", "1<<2", "(2)", "0x1p-2", "07", "-0.0", "2 * 0.5", "math.Pi", "math.E")
}

func (g *generator) float(depth int) string {
	if depth <= 0 {
		if g.chance(30) {
			return g.consts[2*g.rng.IntN(3)].name
		}
		return g.literal()
	}
	x := func() string { return g.expr(float, depth-1) }
	switch g.rng.IntN(12) {
	case 0, 1, 2:
		return fmt.Sprintf("lim(%s) %s %s", x(), g.pick("+", "-", "*", "/"), g.operand(float, depth-1))
	case 3:
		return fmt.Sprintf("%s(lim(%s) %s %s)", g.pick("", "-", "+"), x(), g.pick("+", "-", "*", "/"), x())
	case 4:
		return fmt.Sprintf("math.%s(%s)", g.pick("Abs", "Sqrt", "Exp", "Log", "Tanh", "Floor", "Sin"), x())
	case 5:
		return fmt.Sprintf("math.%s(%s, %s)", g.pick("Max", "Min", "Pow", "Hypot"), x(), x())
	case 6:
		return fmt.Sprintf("float64(%s)", g.expr(integer, depth-1))
	case 7:
		if name, ok := g.readable(floats); ok {
			return fmt.Sprintf("%s[%s%%len(%s)]", name, g.pick("0", "1", "(1)", "len("+name+")-1"), name)
		}
	case 8:
		if name, ok := g.readable(array); ok {
			return fmt.Sprintf("%s[%d]", name, g.rng.IntN(3))
		}
	case 9:
		if name, ok := g.readable(table); ok {
			return fmt.Sprintf("%s[%d][0]", name, g.rng.IntN(2))
		}
	case 10:
		if name, ok := g.readable(realFunc); ok {
			return fmt.Sprintf("%s(%s)", name, x())
		}
	}
	return "-" + g.operand(float, depth-1)
}

// operand is an expression that may stand next to any operator.
func (g *generator) operand(k kind, depth int) string { return "(" + g.bare(k, max(depth, 0)) + ")" }

func (g *generator) integer(depth int) string {
	if depth <= 0 {
		return g.pick("0", "1", "2", "3", "-1", "5", "1<<2", "7/2", "i1", "i2", "8 % 3")
	}
	x := g.operand(integer, depth-1)
	switch g.rng.IntN(8) {
	case 0, 1:
		return fmt.Sprintf("%s %s %s", x, g.pick("+", "-", "*", "&", "|", "^", "&^"), g.operand(integer, depth-1))
	case 2:
		return fmt.Sprintf("%s %s %s", x, g.pick("/", "%"), g.pick("2", "3", "(1 + 1)", "-2"))
	case 3:
		// the compiler takes a shift of an untyped constant in a shift count for a uint
		return fmt.Sprintf("%s %s (int(%s) & 3%s)", x, g.pick("<<", ">>"), g.operand(integer, depth-1), g.pick("", "", "", "", " + 61", " - 1"))
	case 4:
		return g.pick("-", "^", "+") + x
	case 5:
		return fmt.Sprintf("int(lim(%s))", g.expr(float, depth-1))
	case 6:
		for _, k := range []kind{floats, vecs, table, array} {
			if name, ok := g.readable(k); ok && g.chance(50) {
				return "len(" + name + ")"
			}
		}
	}
	return x
}

func (g *generator) boolean(depth int) string {
	if depth <= 0 {
		return g.pick("true", "false", "i0 == 0", "1 < 2", "c0 > 1")
	}
	switch g.rng.IntN(6) {
	case 0, 1:
		return fmt.Sprintf("%s %s %s", g.operand(float, depth-1), g.pick("<", ">", "<=", ">=", "==", "!="), g.operand(float, depth-1))
	case 2:
		return fmt.Sprintf("%s %s %s", g.operand(integer, depth-1), g.pick("<", ">", "<=", ">=", "==", "!="), g.operand(integer, depth-1))
	case 3:
		return fmt.Sprintf("%s %s %s", g.operand(boolean, depth-1), g.pick("&&", "||", "==", "!="), g.operand(boolean, depth-1))
	case 4:
		return "!" + g.operand(boolean, depth-1)
	}
	return fmt.Sprintf("(%s) < %s %s %s > %s", g.bare(float, depth-1), g.literalOperand(), g.pick("&&", "||"), g.operand(float, depth-1), g.literalOperand())
}

func (g *generator) literalOperand() string { return "(" + g.literal() + ")" }

// source is a vector without operands.
func (g *generator) source() string {
	if g.declared("b") {
		return g.pick("b.PolicyChosen", "b.Beta", "b.Margin()", "b.LogRatioChosen()", "b.RejectedLen", "b.Progress")
	}
	return g.pick("objective.Const(0.5)", "objective.Const(2)", `objective.Param("tau", 0.25)`)
}

func (g *generator) vec(depth int) string {
	if depth <= 0 {
		return g.source()
	}
	x := g.chainOperand(depth - 1)
	switch g.rng.IntN(8) {
	case 0, 1:
		return x + "." + g.pick("Neg", "Abs", "Square", "Exp", "Sigmoid", "LogSigmoid", "Softplus", "ReLU", "Tanh", "Detach", "Mean", "Std", "Sort") + "()"
	case 2, 3:
		return x + "." + g.pick("Add", "Sub", "Mul", "Div", "Max", "Min", "Greater", "Less") + "(" + g.expr(vec, depth-1) + ")"
	case 4:
		return x + "." + g.pick("AddConst", "Scale", "ClampMin", "GreaterConst", "PowConst") + "(" + g.constant(depth-1) + ")"
	case 5:
		if name, ok := g.readable(vecFunc); ok {
			return name + "(" + g.expr(vec, depth-1) + ")"
		}
		return "func(v objective.Vec) objective.Vec { return v.Neg() }(" + g.expr(vec, depth-1) + ")"
	case 6:
		if name, ok := g.readable(vecs); ok {
			return fmt.Sprintf("%s[%s%%len(%s)]", name, g.pick("0", "1", "2"), name)
		}
	}
	return "objective.Where(" + g.list(vec, 3, depth-1) + ")"
}

// constant is a float64 that a vector operation accepts.
func (g *generator) constant(depth int) string {
	return fmt.Sprintf("lim(%s)", g.expr(float, depth))
}

// chainOperand is a vector that a method can be called on.
func (g *generator) chainOperand(depth int) string {
	if name, ok := g.readable(vec); ok && g.chance(50) {
		return name
	}
	return g.operand(vec, depth)
}

// funcLit returns a function literal of kind vecFunc or realFunc.
func (g *generator) funcLit(k kind, depth int) string {
	depth = max(depth, 0)
	if g.chance(20) {
		if name, ok := g.helperValue(k); ok {
			return name
		}
	}
	result := float
	if k == vecFunc {
		result = vec
	}
	saved := *g
	g.push()
	g.barrier, g.loops, g.switches = len(g.scopes)-1, 0, 0
	g.returning, g.named = []kind{result}, nil
	name := g.fresh()
	g.declare(name, result, g.chance(50))
	header := fmt.Sprintf("func(%s %s) %s", name, typeNames[result], typeNames[result])
	g.out = strings.Builder{}
	g.depth++
	if g.depth < 4 && g.chance(30) {
		g.indent++
		g.statements(1 + g.rng.IntN(2))
		g.indent--
	}
	g.line("\treturn %s", g.expr(result, depth))
	body := g.out.String()
	g.pop()
	names := g.names
	*g = saved
	g.names = names
	return header + " {\n" + body + strings.Repeat("\t", g.indent) + "}"
}

// helperValue returns the name of a helper whose type is that of kind k.
func (g *generator) helperValue(k kind) (string, bool) {
	want := float
	if k == vecFunc {
		want = vec
	}
	for _, h := range g.helpers {
		if !h.variadic && len(h.params) == 1 && len(h.results) == 1 && h.params[0] == want && h.results[0] == want {
			return h.name, true
		}
	}
	if k == realFunc {
		return "lim", true
	}
	return "", false
}

// callFor returns a call of a helper with the single result k.
func (g *generator) callFor(k kind, depth int) (string, bool) {
	for _, h := range g.helpers {
		if len(h.results) == 1 && h.results[0] == k && g.chance(60) {
			return g.call(h, depth), true
		}
	}
	return "", false
}

func (g *generator) call(h helper, depth int) string {
	var args []string
	for i, k := range h.params {
		if !h.variadic || i < len(h.params)-1 {
			args = append(args, g.expr(k, max(depth, 0)))
			continue
		}
		if k == float && g.chance(30) {
			args = append(args, g.expr(floats, max(depth, 0))+"...")
			continue
		}
		for range 1 + g.rng.IntN(3) {
			args = append(args, g.expr(k, max(depth, 0)))
		}
	}
	return h.name + "(" + strings.Join(args, ", ") + ")"
}
