package graph

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// dpo is softplus(−beta·margin) with a parameter, a duplicate sub-expression
// and an unused node.
func dpo() *Graph {
	return &Graph{Version: Version, Output: 12, Nodes: []Node{
		{Op: PolicyChosen}, {Op: RefChosen}, {Op: Sub, Args: []int{0, 1}},
		{Op: PolicyRejected}, {Op: RefRejected}, {Op: Sub, Args: []int{3, 4}},
		{Op: Sub, Args: []int{2, 5}}, {Op: Beta}, {Op: Mul, Args: []int{6, 7}},
		{Op: Param, K: []float64{1}, Name: "scale"}, {Op: Mul, Args: []int{8, 9}},
		{Op: Neg, Args: []int{10}}, {Op: Softplus, Args: []int{11}}, {Op: Progress},
	}}
}

func TestJSONRoundTrip(t *testing.T) {
	data, err := json.Marshal(dpo())
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dpo(), got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeRejects(t *testing.T) {
	tests := []struct{ name, data, reason string }{
		{"version", `{"version":2,"nodes":[{"op":"policy_chosen"}],"output":0}`, "version 2"},
		{"empty", `{"version":1,"nodes":[],"output":0}`, "0 nodes"},
		{"unknown operation", `{"version":1,"nodes":[{"op":"exec"}],"output":0}`, "unknown operation"},
		{"unknown field", `{"version":1,"nodes":[{"op":"policy_chosen"}],"output":0,"x":1}`, "unknown field"},
		{"trailing data", `{"version":1,"nodes":[{"op":"policy_chosen"}],"output":0} {}`, "after the graph"},
		{"forward operand", `{"version":1,"nodes":[{"op":"neg","args":[0]}],"output":0}`, "earlier node"},
		{"negative operand", `{"version":1,"nodes":[{"op":"policy_chosen"},{"op":"neg","args":[-1]}],"output":1}`, "earlier node"},
		{"arity", `{"version":1,"nodes":[{"op":"policy_chosen"},{"op":"add","args":[0]}],"output":1}`, "operands"},
		{"constants", `{"version":1,"nodes":[{"op":"policy_chosen"},{"op":"scale","args":[0]}],"output":1}`, "constants"},
		{"output", `{"version":1,"nodes":[{"op":"policy_chosen"}],"output":1}`, "output 1"},
		{"scalar result", `{"version":1,"nodes":[{"op":"beta"}],"output":0}`, "scalar"},
		{"scalar mean", `{"version":1,"nodes":[{"op":"policy_chosen"},{"op":"mean","args":[0]}],"output":1}`, "scalar"},
		{"clamp", `{"version":1,"nodes":[{"op":"policy_chosen"},{"op":"clamp","args":[0],"k":[2,1]}],"output":1}`, "empty"},
		{"param name", `{"version":1,"nodes":[{"op":"policy_chosen"},{"op":"param","k":[1],"name":"A b"}],"output":0}`, "parameter name"},
		{"param twice", `{"version":1,"nodes":[{"op":"policy_chosen"},{"op":"param","k":[1],"name":"a"},{"op":"param","k":[2],"name":"a"}],"output":0}`, "declared as"},
		{"name", `{"version":1,"nodes":[{"op":"policy_chosen","name":"a"}],"output":0}`, "has a name"},
		{"not JSON", `xyz`, "invalid character"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, err := Decode([]byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("Decode = %v, %v, want an error with %q", g, err, tt.reason)
			}
		})
	}
}

func TestValidateBoundsNodes(t *testing.T) {
	g := &Graph{Version: Version, Nodes: make([]Node, MaxNodes+1)}
	for i := range g.Nodes {
		g.Nodes[i].Op = PolicyChosen
	}
	if err := g.Validate(); err == nil {
		t.Errorf("%d nodes are valid", len(g.Nodes))
	}
	for _, k := range []float64{math.NaN(), math.Inf(1)} {
		g := &Graph{Version: Version, Nodes: []Node{{Op: PolicyChosen}, {Op: Scale, Args: []int{0}, K: []float64{k}}}, Output: 1}
		if err := g.Validate(); err == nil {
			t.Errorf("constant %v is valid", k)
		}
	}
}

func TestParams(t *testing.T) {
	g := dpo()
	if diff := cmp.Diff([]Parameter{{"scale", 1}}, g.Params()); diff != "" {
		t.Error(diff)
	}
	h, err := g.WithParams(map[string]float64{"scale": 2})
	if err != nil {
		t.Fatal(err)
	}
	if g.Params()[0].Value != 1 || h.Params()[0].Value != 2 {
		t.Errorf("values %v and %v, want 1 and 2", g.Params(), h.Params())
	}
	if _, err := g.WithParams(map[string]float64{"tau": 2}); err == nil {
		t.Error("an undeclared parameter was accepted")
	}
	if _, err := g.WithParams(map[string]float64{"scale": math.Inf(1)}); err == nil {
		t.Error("an infinite parameter was accepted")
	}
}

func TestHash(t *testing.T) {
	g, swapped, other := dpo(), dpo(), dpo()
	swapped.Nodes[8].Args = []int{7, 6}
	other.Nodes[6].Args = []int{5, 2}
	dropped := dpo()
	dropped.Nodes = dropped.Nodes[:13]
	if g.Hash() != swapped.Hash() || g.Hash() != dropped.Hash() {
		t.Error("exchanged factors or an unused node change the hash")
	}
	if g.Hash() == other.Hash() {
		t.Error("an exchanged subtraction has the same hash")
	}
}

func TestPlanSharesAndFolds(t *testing.T) {
	g := &Graph{Version: Version, Nodes: []Node{
		{Op: PolicyChosen}, {Op: PolicyChosen}, {Op: Const, K: []float64{2}}, {Op: Exp, Args: []int{2}},
		{Op: Neg, Args: []int{0}}, {Op: Neg, Args: []int{1}}, {Op: Mul, Args: []int{4, 5}}, {Op: Add, Args: []int{6, 3}},
	}, Output: 7}
	plan, err := Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	// policy_chosen, const 2 (an operand that folding left), const e², neg, mul, add
	if plan.Len() > 6 {
		t.Errorf("plan has %d operations, want 6 at most", plan.Len())
	}
	if out := runOne(t, g, 3, 0); out.Loss[0] != 9+math.Exp(2) || out.GradChosen[0] != 6 {
		t.Errorf("loss %v gradient %v, want %v and 6", out.Loss[0], out.GradChosen[0], 9+math.Exp(2))
	}
}

// TestMicroBatchesAreIndependent runs whole batches, of more pairs than are run at
// once, and their micro-batches one by one: the same, bit for bit.
func TestMicroBatchesAreIndependent(t *testing.T) {
	const pairs = 2*tile + 3
	rapid.Check(t, func(t *rapid.T) {
		plan, err := Compile(randomGraph(t))
		if err != nil {
			t.Fatal(err)
		}
		micro := rapid.SampledFrom([]int{1, 2, 3, 5, tile + 1}).Draw(t, "micro-batch")
		b := randomBatch(rand.New(rand.NewPCG(3, rapid.Uint64().Draw(t, "seed"))), pairs, -2, 2)
		var whole, part Result
		plan.NewRunner().Run(b, micro, &whole)
		part.resize(pairs)
		for lo := 0; lo < pairs; lo += micro {
			hi := min(lo+micro, pairs)
			run := plan.NewRunner()
			run.microBatch = hi - lo
			run.grow(hi - lo)
			run.forward(b, lo, hi)
			part.Overflow = part.Overflow || run.overflow()
			copy(part.Loss[lo:hi], run.values[plan.output])
			run.backward(&part, lo, hi, 1./pairs)
		}
		if diff := cmp.Diff(part, whole, cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("one by one, and as a whole:\n%s", diff)
		}
	})
}

func TestRunDoesNotAllocate(t *testing.T) {
	for _, op := range []Op{Softplus, Std, Sort, Where, Max} {
		plan, err := Compile(opGraph(op, nil))
		if err != nil {
			t.Fatal(err)
		}
		run, b, out := plan.NewRunner(), randomBatch(rand.New(rand.NewPCG(4, 4)), 64, -2, 2), new(Result)
		if n := testing.AllocsPerRun(20, func() { run.Run(b, 2, out) }); n != 0 {
			t.Errorf("%s: %v allocations per run", op, n)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	for _, micro := range []int{0, 2} {
		name, g := "dpo", dpo()
		if micro > 0 {
			name, g = "std", opGraph(Std, nil)
		}
		b.Run(name, func(b *testing.B) {
			plan, err := Compile(g)
			if err != nil {
				b.Fatal(err)
			}
			run, batch, out := plan.NewRunner(), randomBatch(rand.New(rand.NewPCG(5, 5)), 64, -2, 2), new(Result)
			b.ReportAllocs()
			for b.Loop() {
				run.Run(batch, micro, out)
			}
		})
	}
}
