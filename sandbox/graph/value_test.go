package graph

import (
	"math"
	"math/rand/v2"
	"testing"
)

// naive evaluates g pair by pair straight from the definitions, with nothing
// shared with Plan but the operation's number.
func naive(g *Graph, b *Batch) []float64 {
	n := b.Len()
	vals := make([][]float64, len(g.Nodes))
	for i, node := range g.Nodes {
		vals[i] = make([]float64, n)
		for p := range n {
			vals[i][p] = naiveAt(node, vals, b, p, g.Shapes())
		}
	}
	return vals[g.Output]
}

func naiveAt(n Node, vals [][]float64, b *Batch, p int, shapes []bool) float64 {
	arg := func(j int) float64 { return vals[n.Args[j]][p] }
	column := func() []float64 {
		if shapes[n.Args[0]] {
			return vals[n.Args[0]]
		}
		return vals[n.Args[0]][:1]
	}
	switch n.Op {
	case PolicyChosen:
		return b.PolicyChosen[p]
	case PolicyRejected:
		return b.PolicyRejected[p]
	case Const, Param:
		return n.K[0]
	case Add:
		return arg(0) + arg(1)
	case Sub:
		return arg(0) - arg(1)
	case Mul:
		return arg(0) * arg(1)
	case Div:
		return arg(0) / arg(1)
	case Max:
		return math.Max(arg(0), arg(1))
	case Min:
		return math.Min(arg(0), arg(1))
	case AddConst:
		return arg(0) + n.K[0]
	case Scale:
		return arg(0) * n.K[0]
	case PowConst:
		return math.Exp(n.K[0] * math.Log(arg(0)))
	case Clamp:
		return math.Min(n.K[1], math.Max(n.K[0], arg(0)))
	case ClampMin:
		return math.Max(n.K[0], arg(0))
	case ClampMax:
		return math.Min(n.K[0], arg(0))
	case Neg:
		return -arg(0)
	case Abs:
		return math.Sqrt(arg(0) * arg(0))
	case Square:
		return arg(0) * arg(0)
	case Sqrt:
		return math.Sqrt(arg(0))
	case Exp:
		return math.Exp(arg(0))
	case Expm1:
		return math.Exp(arg(0)) - 1
	case Log:
		return math.Log(arg(0))
	case Log1p:
		return math.Log(1 + arg(0))
	case Sigmoid:
		return 1 / (1 + math.Exp(-arg(0)))
	case LogSigmoid:
		return -math.Log(1 + math.Exp(-arg(0)))
	case Softplus:
		return math.Log(1 + math.Exp(arg(0)))
	case ReLU:
		return math.Max(0, arg(0))
	case Tanh:
		return (math.Exp(2*arg(0)) - 1) / (math.Exp(2*arg(0)) + 1)
	case Erf:
		return 1 - math.Erfc(arg(0))
	case Atan:
		return math.Atan2(arg(0), 1)
	case Sin:
		return math.Cos(arg(0) - math.Pi/2)
	case Cos:
		return math.Sin(arg(0) + math.Pi/2)
	case Reciprocal:
		return 1 / arg(0)
	case Detach:
		return arg(0)
	case Greater:
		return truth(arg(0) > arg(1))
	case Less:
		return truth(arg(0) < arg(1))
	case GreaterConst:
		return truth(arg(0) > n.K[0])
	case LessConst:
		return truth(arg(0) < n.K[0])
	case Where:
		return arg(0)*arg(1) + (1-arg(0))*arg(2) // the mask is 0 or 1 here
	case Sort:
		return nth(column(), p)
	}
	return naiveStatistic(n.Op, column())
}

func naiveStatistic(op Op, x []float64) float64 {
	n, s, q := float64(len(x)), 0.0, 0.0
	for _, v := range x {
		s, q = s+v, q+v*v
	}
	switch op {
	case Mean:
		return s / n
	case Sum:
		return s
	case Var:
		return (q - s*s/n) / (n - 1)
	case Std:
		return math.Sqrt((q - s*s/n) / (n - 1))
	case BatchMax:
		return nth(x, len(x)-1)
	case BatchMin:
		return nth(x, 0)
	}
	panic("no definition of " + op.String())
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// nth returns the element of x that n others stand below.
func nth(x []float64, n int) float64 {
	for _, v := range x {
		below := 0
		for _, w := range x {
			if w < v {
				below++
			}
		}
		if below == n {
			return v
		}
	}
	panic("equal values")
}

func TestValueAgainstDefinition(t *testing.T) {
	for _, op := range Ops() {
		if op.Leaf() {
			continue
		}
		p, ok := probes[op]
		if !ok {
			p = probe{lo: -2, hi: 2}
		}
		t.Run(op.String(), func(t *testing.T) {
			g := opGraph(op, p.k)
			plan, err := Compile(g)
			if err != nil {
				t.Fatal(err)
			}
			b := randomBatch(rand.New(rand.NewPCG(2, uint64(op))), 7, p.lo, p.hi)
			var out Result
			plan.NewRunner().Run(b, 0, &out)
			for i, want := range naive(g, b) {
				if math.Abs(out.Loss[i]-want) > 1e-12*(1+math.Abs(want)) {
					t.Errorf("pair %d: %v, want %v", i, out.Loss[i], want)
				}
			}
		})
	}
}

func TestNaNAndInfSurvive(t *testing.T) {
	for _, op := range Ops() {
		if op.Leaf() || op == Detach || !op.differentiable() {
			continue
		}
		g := &Graph{Version: Version, Nodes: []Node{{Op: PolicyChosen}, {Op: PolicyRejected},
			{Op: op, K: probes[op].k, Args: []int{0, 0, 0}[:op.Arity()]}, {Op: Add, Args: []int{2, 1}}}, Output: 3}
		if op == Where {
			g.Nodes[2].Args = []int{1, 0, 0}
		}
		if out := runOne(t, g, math.NaN(), 1); !math.IsNaN(out.Loss[0]) {
			if op != Std && op != Var { // 0 for a single pair, by definition
				t.Errorf("%s of NaN = %v", op, out.Loss[0])
			}
		}
	}
}

func TestStableTails(t *testing.T) {
	tests := []struct {
		op   Op
		x    float64
		want float64
		grad float64
	}{
		{LogSigmoid, -1000, -1000, 1},
		{LogSigmoid, 1000, 0, 0},
		{Softplus, 1000, 1000, 1},
		{Softplus, -1000, 0, 0},
		{Sigmoid, -1000, 0, 0},
		{Sigmoid, 1000, 1, 0},
		{Tanh, 1000, 1, 0},
	}
	for _, tt := range tests {
		g := &Graph{Version: Version, Nodes: []Node{{Op: PolicyChosen}, {Op: tt.op, Args: []int{0}}}, Output: 1}
		out := runOne(t, g, tt.x, 0)
		if out.Loss[0] != tt.want || out.GradChosen[0] != tt.grad {
			t.Errorf("%s(%v) = %v with slope %v, want %v with slope %v", tt.op, tt.x, out.Loss[0], out.GradChosen[0], tt.want, tt.grad)
		}
	}
}

func TestOverflowIsWhatSinglePrecisionCannotHold(t *testing.T) {
	exp := Node{Op: Exp, Args: []int{0}}
	tests := []struct {
		name  string
		x     float64
		nodes []Node
		want  bool
	}{
		{"small", 10, []Node{exp}, false},
		{"exp of 90", 90, []Node{exp}, true},
		{"hidden behind a reciprocal", 90, []Node{exp, {Op: Reciprocal, Args: []int{2}}}, true},
		{"hidden behind a clamp", 90, []Node{exp, {Op: ClampMax, K: []float64{5}, Args: []int{2}}}, true},
		{"detached", 90, []Node{{Op: Detach, Args: []int{0}}, {Op: Exp, Args: []int{2}}, {Op: Reciprocal, Args: []int{3}}, {Op: Mul, Args: []int{4, 0}}}, false},
		{"NaN", -1, []Node{{Op: Log, Args: []int{0}}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := &Graph{Version: Version, Nodes: append([]Node{{Op: PolicyChosen}, {Op: PolicyRejected}}, tt.nodes...)}
			g.Output = len(g.Nodes) - 1
			if out := runOne(t, g, tt.x, 0); out.Overflow != tt.want {
				t.Errorf("overflow %v, want %v", out.Overflow, tt.want)
			}
		})
	}
}
