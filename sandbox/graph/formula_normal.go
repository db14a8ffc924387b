package graph

import "math"

// normalForm returns the form of the output of g.
func (a *algebra) normalForm(g *Graph) *form {
	forms := make([]*form, len(g.Nodes))
	for i, live := range g.reachable() {
		if !live {
			continue
		}
		args := make([]*form, len(g.Nodes[i].Args))
		for j, arg := range g.Nodes[i].Args {
			args[j] = forms[arg]
		}
		forms[i] = a.node(&g.Nodes[i], args)
	}
	return forms[g.Output]
}

// numbers returns the values of forms that are numbers, all of them.
func numbers(forms []*form) ([]float64, bool) {
	values := make([]float64, len(forms))
	for i, f := range forms {
		x, ok := f.number()
		if !ok {
			return nil, false
		}
		values[i] = x
	}
	return values, true
}

// node returns the form of one operation.
func (a *algebra) node(n *Node, args []*form) *form {
	if operands, ok := numbers(args); ok {
		if x, ok := n.Fold(operands); ok {
			return a.number(x)
		}
	}
	switch n.Op {
	case Const:
		return a.number(n.K[0])
	case Param:
		return a.value(a.atom(Param, n.Name, n.K[0]))
	case Add:
		return a.add(args[0], args[1], 1)
	case Sub:
		return a.add(args[0], args[1], -1)
	case Mul:
		return a.mul(args[0], args[1])
	case Div:
		return a.mul(args[0], a.power(args[1], -1))
	case AddConst:
		return a.add(args[0], a.number(n.K[0]), 1)
	case Scale:
		return a.scale(args[0], n.K[0])
	case PowConst:
		return a.power(args[0], n.K[0])
	case Neg:
		return a.neg(args[0])
	case Square:
		return a.power(args[0], 2)
	case Sqrt:
		return a.power(args[0], 0.5)
	case Reciprocal:
		return a.power(args[0], -1)
	}
	if f := a.function(n, args); f != nil {
		return f
	}
	return a.apply(n.Op, args...)
}

// function returns the form of a function that is written in terms of another,
// or nil.
func (a *algebra) function(n *Node, args []*form) *form {
	switch n.Op {
	case Exp:
		return a.exp(args[0])
	case Expm1:
		return a.add(a.exp(args[0]), a.number(-1), 1)
	case Log:
		return a.log(args[0])
	case Log1p:
		return a.log(a.add(args[0], a.number(1), 1))
	case Softplus:
		return a.neg(a.apply(LogSigmoid, a.neg(args[0])))
	case Max:
		return a.max(args[0], args[1])
	case ClampMin:
		return a.max(args[0], a.number(n.K[0]))
	case ClampMax:
		return a.apply(Min, args[0], a.number(n.K[0]))
	case Clamp:
		return a.apply(Clamp, args[0], a.number(n.K[0]), a.number(n.K[1]))
	case GreaterConst:
		return a.apply(Greater, args[0], a.number(n.K[0]))
	case LessConst:
		return a.apply(Less, args[0], a.number(n.K[0]))
	case Where:
		if mask, ok := args[0].number(); ok && mask != 0 || args[1] == args[2] {
			return args[1]
		} else if ok {
			return args[2]
		}
	}
	return nil
}

// folded returns the value of a function of a number, nil for another form or where
// it has none.
func (a *algebra) folded(op Op, f *form) *form {
	if x, ok := f.number(); ok {
		if y, ok := (&Node{Op: op}).Fold([]float64{x}); ok {
			return a.number(y)
		}
	}
	return nil
}

func (a *algebra) exp(u *form) *form {
	if f := a.folded(Exp, u); f != nil {
		return f
	}
	if x, ok := u.call(); ok && x.op == Log {
		return x.args[0]
	}
	return a.apply(Exp, u)
}

// log returns the logarithm of f, of products of exponentials and sigmoids
// term by term.
func (a *algebra) log(f *form) *form {
	if x := a.folded(Log, f); x != nil {
		return x
	}
	if u, ok := onePlusExp(f); ok {
		return a.neg(a.apply(LogSigmoid, a.neg(u)))
	}
	t, ok := f.single()
	if !ok || t.coefficient != 1 {
		return a.apply(Log, f)
	}
	sum := a.number(0)
	for _, x := range t.mono.factors {
		switch x.atom.op {
		case Exp:
			sum = a.add(sum, x.atom.args[0], x.power)
		case Sigmoid:
			sum = a.add(sum, a.apply(LogSigmoid, x.atom.args[0]), x.power)
		default:
			return a.apply(Log, f)
		}
	}
	return sum
}

// max writes the maximum with 0 as relu.
func (a *algebra) max(f, g *form) *form {
	if x, ok := f.number(); ok && x == 0 {
		return a.apply(ReLU, g)
	}
	if x, ok := g.number(); ok && x == 0 && !math.Signbit(x) {
		return a.apply(ReLU, f)
	}
	return a.apply(Max, f, g)
}
