package graph

import (
	"math"
	"math/rand/v2"
	"testing"
)

// probe describes how one operation is exercised: the constants it carries and
// the range its operands are drawn from, away from its kinks.
type probe struct {
	k      []float64
	lo, hi float64
}

var probes = map[Op]probe{
	AddConst:     {k: []float64{0.7}, lo: -2, hi: 2},
	Scale:        {k: []float64{-1.3}, lo: -2, hi: 2},
	PowConst:     {k: []float64{2.5}, lo: 0.2, hi: 3},
	Clamp:        {k: []float64{-1, 1}, lo: -2, hi: 2},
	ClampMin:     {k: []float64{0.1}, lo: -2, hi: 2},
	ClampMax:     {k: []float64{0.1}, lo: -2, hi: 2},
	GreaterConst: {k: []float64{0.3}, lo: -2, hi: 2},
	LessConst:    {k: []float64{0.3}, lo: -2, hi: 2},
	Sqrt:         {lo: 0.2, hi: 4},
	Log:          {lo: 0.2, hi: 4},
	Log1p:        {lo: -0.7, hi: 4},
	Reciprocal:   {lo: 0.3, hi: 3},
	Div:          {lo: 0.3, hi: 3},
}

// opGraph applies op to functions of the policy that give distinct operands,
// then multiplies by the policy margin, so that the result is per pair and each
// pair's adjoint differs.
func opGraph(op Op, k []float64) *Graph {
	g := &Graph{Version: Version}
	add := func(op Op, k []float64, args ...int) int {
		g.Nodes = append(g.Nodes, Node{Op: op, K: k, Args: args})
		return len(g.Nodes) - 1
	}
	operands := []int{add(PolicyChosen, nil), add(PolicyRejected, nil)}
	margin := add(Sub, nil, operands[0], operands[1])
	operands = append(operands, add(Add, nil, operands[0], operands[1]))
	if op == Where {
		operands = []int{add(GreaterConst, []float64{0}, margin), operands[0], operands[1]}
	}
	y := add(op, k, operands[:op.Arity()]...)
	g.Output = add(Add, nil, add(Mul, nil, y, operands[len(operands)-1]), add(Square, nil, y))
	return g
}

func randomBatch(r *rand.Rand, n int, lo, hi float64) *Batch {
	draw := func() []float64 {
		s := make([]float64, n)
		for i := range s {
			s[i] = lo + (hi-lo)*r.Float64()
		}
		return s
	}
	return &Batch{PolicyChosen: draw(), PolicyRejected: draw(), RefChosen: draw(), RefRejected: draw(),
		ChosenLen: draw(), RejectedLen: draw(), Beta: 0.3, Progress: 0.4}
}

func meanLoss(run *Runner, b *Batch, micro int) float64 {
	var out Result
	run.Run(b, micro, &out)
	return sum(out.Loss) / float64(len(out.Loss))
}

// numeric returns the central difference of the mean loss with respect to *x.
func numeric(run *Runner, b *Batch, micro int, x *float64) float64 {
	const h = 1e-5
	at := *x
	*x = at + h
	up := meanLoss(run, b, micro)
	*x = at - h
	down := meanLoss(run, b, micro)
	*x = at
	return (up - down) / (2 * h)
}

func TestGradientAgainstCentralDifferences(t *testing.T) {
	for _, op := range Ops() {
		if op.Leaf() || op == Detach {
			continue
		}
		p, ok := probes[op]
		if !ok {
			p = probe{lo: -2, hi: 2}
		}
		t.Run(op.String(), func(t *testing.T) {
			plan, err := Compile(opGraph(op, p.k))
			if err != nil {
				t.Fatal(err)
			}
			for _, micro := range []int{0, 1, 2, 3} {
				checkGradient(t, plan, randomBatch(rand.New(rand.NewPCG(1, uint64(op))), 8, p.lo, p.hi), micro)
			}
		})
	}
}

func checkGradient(t *testing.T, plan *Plan, b *Batch, micro int) {
	t.Helper()
	run := plan.NewRunner()
	var out Result
	run.Run(b, micro, &out)
	for i := range b.PolicyChosen {
		for _, c := range []struct {
			name string
			x    *float64
			got  float64
		}{
			{"chosen", &b.PolicyChosen[i], out.GradChosen[i]},
			{"rejected", &b.PolicyRejected[i], out.GradRejected[i]},
		} {
			want := numeric(plan.NewRunner(), b, micro, c.x)
			if math.Abs(c.got-want) > 1e-6*(1+math.Abs(want)) {
				t.Errorf("micro-batch %d: gradient of %s %d = %v, central difference %v", micro, c.name, i, c.got, want)
			}
		}
	}
}

// At a kink PyTorch 1.13 and 2.x give these sub-gradients.
func TestSubgradientsAtKinks(t *testing.T) {
	inf := math.Inf(1)
	tests := []struct {
		op     Op
		k      []float64
		x, w   float64
		dx, dw float64
	}{
		{op: Abs, x: 0, dx: 0},
		{op: ReLU, x: 0, dx: 0},
		{op: Clamp, k: []float64{-1, 1}, x: 1, dx: 1},
		{op: Clamp, k: []float64{-1, 1}, x: -1, dx: 1},
		{op: ClampMin, k: []float64{2}, x: 2, dx: 1},
		{op: ClampMax, k: []float64{2}, x: 2, dx: 1},
		{op: Sqrt, x: 0, dx: inf},
		{op: PowConst, k: []float64{0}, x: 0, dx: 0},
		{op: PowConst, k: []float64{1}, x: 0, dx: 1},
		{op: Max, x: 3, w: 3, dx: 0.5, dw: 0.5},
		{op: Min, x: 3, w: 3, dx: 0.5, dw: 0.5},
		{op: Greater, x: 3, w: 3},
		{op: Detach, x: 3},
	}
	for _, tt := range tests {
		t.Run(tt.op.String(), func(t *testing.T) {
			g := &Graph{Version: Version, Nodes: []Node{{Op: PolicyChosen}, {Op: PolicyRejected},
				{Op: tt.op, K: tt.k, Args: []int{0, 1}[:tt.op.Arity()]}}, Output: 2}
			out := runOne(t, g, tt.x, tt.w)
			if out.GradChosen[0] != tt.dx || out.GradRejected[0] != tt.dw {
				t.Errorf("gradient (%v, %v), want (%v, %v)", out.GradChosen[0], out.GradRejected[0], tt.dx, tt.dw)
			}
		})
	}
}

func runOne(t *testing.T, g *Graph, x, w float64) *Result {
	t.Helper()
	plan, err := Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	b := &Batch{PolicyChosen: []float64{x}, PolicyRejected: []float64{w}, RefChosen: []float64{0}, RefRejected: []float64{0},
		ChosenLen: []float64{1}, RejectedLen: []float64{1}}
	var out Result
	plan.NewRunner().Run(b, 0, &out)
	return &out
}

func TestExtremesShareTheGradient(t *testing.T) {
	g := &Graph{Version: Version, Nodes: []Node{{Op: PolicyChosen}, {Op: BatchMax, Args: []int{0}},
		{Op: RefChosen}, {Op: Add, Args: []int{1, 2}}}, Output: 3}
	plan, err := Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	zero := make([]float64, 4)
	b := &Batch{PolicyChosen: []float64{1, 5, 5, 0}, PolicyRejected: zero, RefChosen: zero, RefRejected: zero, ChosenLen: zero, RejectedLen: zero}
	var out Result
	plan.NewRunner().Run(b, 0, &out)
	want := []float64{0, 0.5, 0.5, 0}
	for i := range want {
		if out.GradChosen[i] != want[i] {
			t.Errorf("gradient %d = %v, want %v", i, out.GradChosen[i], want[i])
		}
	}
}
