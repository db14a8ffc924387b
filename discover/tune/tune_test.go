package tune_test

import (
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/discover/tune"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// subject declares three parameters, one of them 0 and one negative.
func subject(t *testing.T) *graph.Graph {
	t.Helper()
	g, err := objective.Trace(func(b objective.Batch) objective.Vec {
		x := b.Margin().Mul(b.Beta).Mul(objective.Param("tau", .05))
		return x.Sub(objective.Param("offset", 0)).Mul(objective.Param("slope", -2)).Softplus()
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func stream() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// hill has its only maximum, 0, at tau .2, offset .4, slope −1.
func hill(v map[string]float64) (float64, error) {
	a, b, c := math.Log(v["tau"]/.2), v["offset"]-.4, math.Log(v["slope"]/-1)
	return -(a*a + 2*b*b + c*c + a*c), nil
}

func TestMaximizeClimbs(t *testing.T) {
	got, err := tune.Maximize(subject(t), hill, 100, stream())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"tau": .2, "offset": .4, "slope": -1} {
		if v := got.Values[name]; math.Abs(v-want) > .02*math.Abs(want) {
			t.Errorf("%s = %g, want %g", name, v, want)
		}
	}
	if before, _ := hill(map[string]float64{"tau": .05, "offset": 0, "slope": -2}); got.Before != before || got.Score <= got.Before {
		t.Errorf("Before = %g, Score = %g, want %g and better", got.Before, got.Score, before)
	}
	if score, _ := hill(got.Values); score != got.Score {
		t.Errorf("Score = %g, but the values score %g", got.Score, score)
	}
}

func TestMaximizeIsReproducible(t *testing.T) {
	run := func() tune.Result {
		r, err := tune.Maximize(subject(t), hill, 60, stream())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Errorf("two searches with one seed differ:\n%s", diff)
	}
}

func TestMaximizeKeepsToTheBudget(t *testing.T) {
	for _, budget := range []int{1, 2, 7, 40} {
		calls := 0
		got, err := tune.Maximize(subject(t), func(v map[string]float64) (float64, error) {
			if calls++; calls == 1 && !maps.Equal(v, map[string]float64{"tau": .05, "offset": 0, "slope": -2}) {
				t.Errorf("the first call is with %v, want the values of the objective", v)
			}
			return hill(v)
		}, budget, stream())
		if err != nil {
			t.Fatal(err)
		}
		if calls != budget || got.Evaluations != budget {
			t.Errorf("budget %d: %d calls, %d reported", budget, calls, got.Evaluations)
		}
	}
}

func TestMaximizeStaysInReach(t *testing.T) {
	_, err := tune.Maximize(subject(t), func(v map[string]float64) (float64, error) {
		if v["tau"] < .05/21 || v["tau"] > .05*21 || v["slope"] > 0 {
			t.Errorf("tried %v", v)
		}
		return v["tau"], nil
	}, 120, stream())
	if err != nil {
		t.Fatal(err)
	}
}

func TestMaximizeKeepsWhatNothingBeats(t *testing.T) {
	start := map[string]float64{"tau": .05, "offset": 0, "slope": -2}
	got, err := tune.Maximize(subject(t), func(v map[string]float64) (float64, error) {
		if maps.Equal(v, start) {
			return 1, nil
		}
		return math.NaN(), nil
	}, 30, stream())
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(got.Values, start) || got.Score != 1 || got.Score > got.Before {
		t.Errorf("got %+v, want the values it came with", got)
	}
}

func TestMaximizeErrors(t *testing.T) {
	plain, err := objective.Trace(func(b objective.Batch) objective.Vec { return b.Margin().Neg() })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tune.Maximize(plain, hill, 10, stream()); err == nil {
		t.Error("no parameters: no error")
	}
	if _, err := tune.Maximize(subject(t), hill, 0, stream()); err == nil {
		t.Error("no budget: no error")
	}
	for _, start := range []float64{math.NaN(), math.Inf(1)} {
		calls := 0
		_, err := tune.Maximize(subject(t), func(map[string]float64) (float64, error) { calls++; return start, nil }, 9, stream())
		if !errors.Is(err, tune.ErrNoScore) || calls != 1 {
			t.Errorf("start scored %g: %d calls, error %v, want 1 call and an error", start, calls, err)
		}
	}
	broken, calls := errors.New("broken"), 0
	_, err = tune.Maximize(subject(t), func(map[string]float64) (float64, error) {
		if calls++; calls == 5 {
			return 0, broken
		}
		return 1, nil
	}, 50, stream())
	if !errors.Is(err, broken) || calls != 5 {
		t.Errorf("after %d calls: %v, want %v after 5", calls, err, broken)
	}
}
