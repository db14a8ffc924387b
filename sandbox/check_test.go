package sandbox

import (
	"testing"
)

const dpo = `package candidate

import "objective"

func Loss(b objective.Batch) objective.Vec {
	return b.Margin().Mul(b.Beta).Neg().Softplus()
}
`

const lrml = `package candidate

import "objective"

func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta)
	mix := x.Scale(1 / 0.05).Sigmoid()
	return x.Neg().Softplus().Mul(mix.Neg().AddConst(1)).Add(x.Neg().Exp().Mul(mix))
}
`

func TestCheckAccepts(t *testing.T) {
	var c Checker
	got, rejection, err := c.Check(t.Context(), lrml)
	if err != nil || rejection != nil {
		t.Fatalf("rejection %v, error %v", rejection, err)
	}
	if len(got.Graph.Nodes) != 20 || got.Source != lrml {
		t.Errorf("%d nodes", len(got.Graph.Nodes))
	}
}

func BenchmarkCheckDPO(b *testing.B)  { benchmarkCheck(b, dpo) }
func BenchmarkCheckLRML(b *testing.B) { benchmarkCheck(b, lrml) }

func benchmarkCheck(b *testing.B, source string) {
	var c Checker
	for b.Loop() {
		if _, rejection, err := c.Check(b.Context(), source); err != nil || rejection != nil {
			b.Fatal(rejection, err)
		}
	}
}
