package propose

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

func catalogPriors(tb testing.TB) []Prior {
	var ranked []Prior
	for i, e := range catalog.All() {
		g, err := e.Graph()
		if err != nil {
			tb.Fatal(err)
		}
		fp, _ := graph.Fingerprint(g)
		ranked = append(ranked, Prior{ID: strconv.Itoa(i), Origin: "catalog", Name: e.Name, Graph: g, Scored: true, Fingerprint: fp})
	}
	return ranked
}

func BenchmarkEvolve(b *testing.B) {
	ranked := catalogPriors(b)
	ranked = append(ranked, ranked...)[:64]
	for i := 0; b.Loop(); i++ {
		req := Request{ID: "c", Rand: rand.New(rand.NewPCG(1, uint64(i))), Ranked: ranked}
		if _, err := (Evolve{}).Propose(context.Background(), req); err != nil {
			b.Fatal(err)
		}
	}
}
