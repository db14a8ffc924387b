package propose

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/objdisco/discover/discover/llm"
	"github.com/objdisco/discover/prompts"
)

// lying is a server that says of its prompts whatever it likes: the same of the same
// one.
func lying(seed uint64) *model {
	return &model{reply: func(call llm.Call, _ int) (llm.Reply, error) {
		h := fnv.New64()
		fmt.Fprint(h, call.Messages)
		rng := rand.New(rand.NewPCG(seed, h.Sum64()))
		size := chars(call.Messages)
		counts := []int{0, 1, leastContext - 1, leastContext, leastContext + 1, size / 9, size / 4, size / 3, size, 1 << 30, rng.IntN(size)}
		texts := []string{good, good, "", "Which loss?", "{"}
		if rng.IntN(8) == 0 {
			return llm.Reply{}, &llm.Error{Kind: llm.ContextOverflow}
		}
		return llm.Reply{
			Text: texts[rng.IntN(len(texts))], Finish: "stop", Model: call.Model, Estimated: rng.IntN(6) == 0,
			Usage: llm.Usage{Calls: 1, InputTokens: counts[rng.IntN(len(counts))], OutputTokens: 5},
		}, nil
	}}
}

// most is how many calls a turn may cost with the history of these tests: halves of
// 4,000 tokens down to 500, none, no parents.
const most = 7

// Whatever a server says of its prompts, a turn costs a few calls, all of them are
// kept and counted, and a search that is killed after any of them comes to the same.
func TestServerThatLies(tt *testing.T) {
	rapid.Check(tt, func(t *rapid.T) {
		seed, left := rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 12).Draw(t, "killed after")
		calm, undisturbed := lying(seed), memory{}
		want, err := proposals(t, asker(tt, calm, undisturbed))
		if calls := len(calm.calls); len(undisturbed) > calls || calls > most*3*(len(want)+1) {
			t.Fatalf("%d calls for %d candidates, %d kept", calls, len(want), len(undisturbed))
		}
		counted := 0
		for _, p := range want {
			counted += p.Usage.Calls
		}
		if err == nil && counted != len(undisturbed) {
			t.Fatalf("%d calls are counted, %d kept", counted, len(undisturbed))
		}
		if e, ok := errors.AsType[*llm.Error](err); ok && e.Status != 0 {
			return // there is no point in going on: whoever resumes asks to go on nonetheless
		}
		again, j := lying(seed), memory{}
		proposals(t, asker(tt, again, killed{j, &left}))
		got, _ := proposals(t, asker(tt, again, j))
		if diff := cmp.Diff(want, got); diff != "" || !cmp.Equal(undisturbed, j) {
			t.Fatalf("killed and resumed (-want +got):\n%s", diff)
		}
	})
}

// proposals are those of a few candidates, each repaired twice, until one fails. The
// prompt of each is the one that was answered.
func proposals(t *rapid.T, p *LLM) (found []Proposal, err error) {
	server := p.Completer.(*model)
	for id := 20; id < 26; id++ {
		req := long(fmt.Sprint(id), id-1)
		before := len(server.calls)
		got, err := p.Propose(t.Context(), req)
		if asked := server.calls[before:]; err == nil && len(asked) > 0 {
			m := asked[len(asked)-1].Messages
			if sent := (prompts.Prompt{System: m[0].Content, User: m[1].Content}); got.Prompt != sent.String() {
				t.Fatalf("candidate %d has not the prompt that was answered (-sent +kept):\n%s", id, cmp.Diff(sent.String(), got.Prompt))
			}
		}
		for turn := 1; turn <= 2 && err == nil; turn++ {
			got, err = p.Repair(t.Context(), req, got, strings.Repeat("types: no\n", turn), turn)
		}
		if err != nil {
			return found, err
		}
		found = append(found, got)
	}
	return found, nil
}
