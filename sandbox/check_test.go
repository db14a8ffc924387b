package sandbox

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/objdisco/discover/sandbox/objective/catalog"
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
	defer c.Close()
	got, rejection, err := c.Check(t.Context(), lrml)
	if err != nil || rejection != nil {
		t.Fatalf("rejection %v, error %v", rejection, err)
	}
	if len(got.Graph.Nodes) != 20 || got.Source != lrml {
		t.Errorf("%d nodes", len(got.Graph.Nodes))
	}
}

func TestCheckErrors(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	for _, tt := range []struct {
		name    string
		ctx     context.Context
		checker *Checker
		want    string
	}{
		{"mode", t.Context(), &Checker{Mode: "lax"}, `unknown mode "lax"`},
		{"canceled", canceled, &Checker{}, "context canceled"},
		{"late", late, &Checker{}, "context deadline exceeded"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer tt.checker.Close()
			_, rejection, err := tt.checker.Check(tt.ctx, dpo)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("rejection %v, error %v, want an error with %q", rejection, err, tt.want)
			}
		})
	}
}

// TestLimits checks that each field of Checker changes what it says.
func TestLimits(t *testing.T) {
	const loop = `func Loss(b objective.Batch) objective.Vec {
	x := 0.0
	for i := 0; i < 10000; i++ {
		x += 1
	}
	return b.Margin().Scale(x)
}`
	for _, tt := range []struct {
		name    string
		checker *Checker
		source  string
		stage   string
	}{
		{"steps spent", &Checker{Steps: 1000}, loop, "budget"},
		{"more steps", &Checker{Steps: 1_000_000}, loop, ""},
		{"time over", &Checker{Timeout: time.Microsecond}, loop, "time"},
		{"memory spent", &Checker{MemoryBytes: 1, Steps: 100_000_000}, strings.Replace(loop, "10000", "1000000", 1), "memory"},
		{"strict", &Checker{Mode: Strict}, dpo, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS != "linux" && tt.checker.Mode == Strict {
				tt.stage = "error"
			}
			defer tt.checker.Close()
			_, rejection, err := tt.checker.Check(t.Context(), tt.source)
			switch {
			case (err != nil) != (tt.stage == "error"):
				t.Fatal(err)
			case tt.stage == "" && rejection != nil, tt.stage != "" && tt.stage != "error" && (rejection == nil || rejection.Stage != tt.stage):
				t.Errorf("got %v, want stage %q", rejection, tt.stage)
			}
		})
	}
}

func TestIsolation(t *testing.T) {
	c := Checker{MemoryBytes: 48 << 20}
	report, err := c.Isolation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s := report.String(); !strings.Contains(s, "memory (48 MiB)") {
		t.Errorf("the limit on memory is not in %q", s)
	}
	if runtime.GOOS == "linux" && len(report.Missing()) > 0 {
		t.Errorf("missing %v", report.Missing())
	}
}

// BenchmarkCheck reports the median time from source to graph and the child's share.
func BenchmarkCheck(b *testing.B) {
	for _, bb := range []struct{ name, source string }{{"dpo", dpo}, {"lrml", lrml}} {
		b.Run(bb.name, func(b *testing.B) {
			var c Checker
			defer c.Close()
			var whole, child []time.Duration
			for b.Loop() {
				var t Timing
				begun := time.Now()
				if _, rejection, err := c.CheckTimed(b.Context(), bb.source, &t); err != nil || rejection != nil {
					b.Fatal(rejection, err)
				}
				whole, child = append(whole, time.Since(begun)), append(child, t.Child)
			}
			slices.Sort(whole)
			slices.Sort(child)
			median := float64(whole[len(whole)/2].Microseconds()) / 1e3
			b.ReportMetric(median, "median-ms")
			b.ReportMetric(100*float64(child[len(child)/2].Microseconds())/1e3/median, "child-%")
		})
	}
}

// BenchmarkReject reports what a candidate costs that the gate stops.
func BenchmarkReject(b *testing.B) {
	var c Checker
	defer c.Close()
	source := strings.Replace(lrml, "x :=", "go x()\n\tx :=", 1)
	for b.Loop() {
		if _, rejection, err := c.Check(b.Context(), source); err != nil || rejection == nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rejected/s")
}

// BenchmarkCatalog checks every known loss.
func BenchmarkCatalog(b *testing.B) {
	var c Checker
	defer c.Close()
	for b.Loop() {
		for _, e := range catalog.All() {
			if _, rejection, err := c.Check(b.Context(), e.Source); err != nil || rejection != nil {
				b.Fatal(rejection, err)
			}
		}
	}
}
