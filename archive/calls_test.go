package archive

import (
	"errors"
	"math"
	"testing"

	bbolt "go.etcd.io/bbolt"
)

// Calls in flight when a process ends count when the next one begins; those that
// were answered or have failed do not count again.
func TestUnansweredCallsCount(t *testing.T) {
	dir := t.TempDir()
	a := must(Create(dir, "run", settings()))(t)
	for i := range 4 {
		if err := a.BeginCall(Usage{Calls: 1, InputTokens: 20 + i, OutputTokens: 50 - i, NanoUSD: 7}); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.SaveReply(1, Reply{Raw: "one", Usage: Usage{Calls: 1, InputTokens: 10}}); err != nil {
		t.Fatal(err)
	}
	if err := a.EndCall(); err != nil {
		t.Fatal(err)
	}
	if n := must(a.Totals())(t).Usage.Calls; n != 1 {
		t.Errorf("%d calls are counted while two are in flight, want the answered one", n)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}

	a = must(Open(dir, "run"))(t)
	defer a.Close()
	for i, want := range []int{2, 0} {
		if n := must(a.CountUnanswered())(t); n != want {
			t.Errorf("time %d: %d unanswered calls, want %d", i+1, n, want)
		}
	}
	want := Usage{Calls: 1 + 2, InputTokens: 10 + 2*23, OutputTokens: 2 * 50, NanoUSD: 2 * 7}
	if u := must(a.Totals())(t).Usage; u != want {
		t.Errorf("usage %+v, want %+v", u, want)
	}
	if err := a.EndCall(); err != nil {
		t.Fatal(err)
	}
	if n := must(a.CountUnanswered())(t); n != 0 {
		t.Errorf("%d unanswered calls after an end without a beginning", n)
	}
	a.Close()
	if err := Check(dir, "run"); err != nil {
		t.Error(err)
	}
}

// What a file says that nobody can have spent is damage, and neither gives a budget
// back nor is counted for ever.
func TestImpossibleUsageIsDamage(t *testing.T) {
	records := map[string]struct {
		key   []byte
		value any
	}{
		"calls in flight":         {askedKey, announced{Calls: math.MaxInt, Most: Usage{Calls: 1}}},
		"negative calls":          {askedKey, announced{Calls: -1}},
		"the most of a call":      {askedKey, announced{Calls: 2, Most: Usage{NanoUSD: math.MaxInt64}}},
		"a call that gives back":  {askedKey, announced{Calls: 2, Most: Usage{NanoUSD: -1}}},
		"lost tokens":             {lostKey, Usage{OutputTokens: math.MaxInt}},
		"totals that give back":   {totalsKey, Totals{Usage: Usage{InputTokens: -1}}},
		"totals about to go over": {totalsKey, Totals{Usage: Usage{Priced: math.MaxInt}}},
	}
	for name, record := range records {
		t.Run(name, func(t *testing.T) {
			a := must(Create(t.TempDir(), "run", settings()))(t)
			defer a.Close()
			if err := a.BeginCall(Usage{Calls: 1}); err != nil {
				t.Fatal(err)
			}
			if err := a.file.update(func(tx *bbolt.Tx) error { return put(tx, metaBucket, record.key, record.value) }); err != nil {
				t.Fatal(err)
			}
			_, counted := a.CountUnanswered()
			_, totals := a.Totals()
			if !errors.Is(counted, ErrDamaged) || errors.Is(totals, ErrDamaged) != (string(record.key) == string(totalsKey)) {
				t.Errorf("counting: %v; totals: %v", counted, totals)
			}
		})
	}
}

// Sums of what servers say end at the most that there is.
func TestUsageDoesNotOverflow(t *testing.T) {
	var u Usage
	for range 100 {
		u.Add(Usage{Calls: mostCount, InputTokens: mostCount, OutputTokens: 1, NanoUSD: mostNanoUSD, Priced: mostCount})
	}
	if want := (Usage{mostCount, mostCount, 100, mostNanoUSD, mostCount}); u != want || u.check() != nil {
		t.Errorf("%+v, want %+v", u, want)
	}
}
