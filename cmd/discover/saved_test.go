package main

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/discover/llm"
)

// What a person is told of a search that ended early works when it is done.
func TestSavedSaysHowToGoOn(t *testing.T) {
	spent := archive.Usage{Calls: 8, InputTokens: 57_000, OutputTokens: 579}
	limit := &llm.BudgetError{Limit: "--max-tokens", Value: "60000", Call: llm.Usage{Calls: 1, InputTokens: 9319, OutputTokens: 1024}}
	const saved = "Everything finished so far is saved; go on with: discover resume r"
	for _, test := range []struct {
		err  error
		want string
	}{
		{context.Canceled, "Interrupted. " + saved + "\n"},
		{&llm.Error{Kind: llm.NoCredit}, "Stopped. " + saved + "\n"},
		{fmt.Errorf("%w: %w", discover.ErrBudget, limit), "The budget is spent. " + saved + " --max-tokens N, with N of at least 67922\n"},
		{discover.ErrBudget, "The budget is spent. " + saved + ", for as long again, or with --max-time for another time\n"},
		{fmt.Errorf("candidate 36: %w", archive.ErrDamaged), ""}, // it would not go on
	} {
		var told bytes.Buffer
		s := &sitting{app: &app{err: &told, runs: "runs"}, search: &discover.Search{Name: "r"}}
		s.saved(test.err, spent)
		if told.String() != test.want {
			t.Errorf("%v: told %q, want %q", test.err, &told, test.want)
		}
	}
}
