package archive

import (
	"testing"
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
