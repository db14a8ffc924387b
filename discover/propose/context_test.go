package propose

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/objdisco/discover/discover/llm"
	"github.com/objdisco/discover/prompts"
)

// narrow is a server that does not say when a prompt is longer than its context.
type narrow struct {
	model
	context int     // tokens
	ratio   float64 // characters per token
	halves  bool    // a longer prompt is cut off to half of the context, as by Ollama from 0.30 on
	says    string  // reply to what it has read whole
	babbles string  // reply to what it has cut off
	whole   []llm.Call
}

// newNarrow is a server that reads so many tokens, of 3.7 characters, and answers
// well what it has read whole.
func newNarrow(context int) *narrow {
	n := &narrow{context: context, ratio: 3.7, halves: true, says: good, babbles: "Which loss do you mean?"}
	n.reply = func(call llm.Call, _ int) (llm.Reply, error) {
		tokens, text := int(float64(chars(call.Messages))/n.ratio), n.says
		if tokens > n.context {
			text, tokens = n.babbles, n.context
			if n.halves {
				tokens = n.context/2 + 2
			}
		} else {
			n.whole = append(n.whole, call)
		}
		return llm.Reply{Text: text, Finish: "stop", Model: call.Model, Usage: llm.Usage{Calls: 1, InputTokens: tokens, OutputTokens: 5}}, nil
	}
	return n
}

// refuse makes it a server that does say when a prompt is too long.
func (n *narrow) refuse() {
	cuts := n.reply
	n.reply = func(call llm.Call, i int) (llm.Reply, error) {
		if r, err := cuts(call, i); r.Text == good {
			return r, err
		}
		return llm.Reply{}, &llm.Error{Kind: llm.ContextOverflow}
	}
}

// long is a request like asking's, with a history that fills a prompt.
func long(id string, applied int) Request {
	req := asking(id)
	req.Applied = applied
	for i := range req.Ranked {
		req.Ranked[i].Code += strings.Repeat("// more of it\n", 60)
	}
	return req
}

// A prompt of which the server reads only part, and does not say so, is asked again,
// shorter, until it is read whole. All that was paid for is kept and counted, and a
// person is told once.
func TestPromptThatIsCutOff(t *testing.T) {
	for _, halves := range []bool{false, true} {
		for _, ratio := range []float64{3.2, 3.8} {
			t.Run(fmt.Sprint(halves, ratio), func(t *testing.T) {
				n, j := newNarrow(2100), memory{}
				n.halves, n.ratio = halves, ratio
				n.babbles = good // as if nothing were missing
				p := asker(t, n, j)
				var told []Overflow
				p.Overflowed = func(o Overflow) { told = append(told, o) }
				got, err := p.Propose(t.Context(), long("20", 0))
				if err != nil {
					t.Fatal(err)
				}
				calls := len(n.calls)
				if len(n.whole) != 1 || calls < 2 || calls > 6 || len(j) != calls || got.Usage.Calls != calls {
					t.Fatalf("%d calls, %d of them read whole, %d kept, %d counted", calls, len(n.whole), len(j), got.Usage.Calls)
				}
				if !strings.Contains(got.Prompt, n.whole[0].Messages[1].Content) {
					t.Error("the proposal has another prompt than the one that was read")
				}
				want := Overflow{Model: "gpt-x", Read: n.context, Estimate: int(float64(chars(n.calls[0].Messages)) / mostChars)}
				if halves {
					want.Read = n.context/2 + 2
				}
				if diff := cmp.Diff([]Overflow{want}, told); diff != "" {
					t.Errorf("a person was told (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// killed is a journal whose process dies after so many replies.
type killed struct {
	memory
	left *int
}

func (k killed) Store(candidate string, call int, reply []byte) error {
	if *k.left--; *k.left < 0 {
		return errors.New("killed")
	}
	return k.memory.Store(candidate, call, reply)
}

// A search that is killed between the calls of one proposal buys none again, and
// comes to the same proposal with the same replies.
func TestCutOffPromptAndKills(t *testing.T) {
	n, undisturbed := newNarrow(2100), memory{}
	want, err := asker(t, n, undisturbed).Propose(t.Context(), long("20", 0))
	if err != nil || len(undisturbed) < 3 {
		t.Fatalf("%v after %d calls", err, len(undisturbed))
	}
	for stored := range len(undisturbed) {
		n, j := newNarrow(2100), memory{}
		if _, err := asker(t, n, killed{j, new(stored)}).Propose(t.Context(), long("20", 0)); err == nil {
			t.Fatal("it was not killed")
		}
		n.calls = n.calls[:stored] // what had arrived; the last reply was lost
		got, err := asker(t, n, j).Propose(t.Context(), long("20", 0))
		if err != nil || !cmp.Equal(want, got) || !cmp.Equal(undisturbed, j) || len(n.calls) != len(undisturbed) {
			t.Errorf("killed with %d stored: %v, %d calls, want %d; proposal (-want +got):\n%s", stored, err, len(n.calls), len(undisturbed), cmp.Diff(want, got))
		}
	}
}

// What one candidate has learnt of a context, later ones know: exactly those that
// may know its result, in this process or another one.
func TestContextIsLearnt(t *testing.T) {
	for name, silent := range map[string]bool{"cut off": true, "refused": false} {
		t.Run(name, func(t *testing.T) {
			n, j := newNarrow(2100), memory{}
			if !silent {
				n.refuse()
			}
			p := asker(t, n, j)
			var told []Overflow
			p.Overflowed = func(o Overflow) { told = append(told, o) }
			if _, err := p.Propose(t.Context(), long("20", 0)); err != nil || len(n.calls) < 2 {
				t.Fatalf("%v after %d calls", err, len(n.calls))
			}
			if len(told) != 1 || (told[0].Read > 0) != silent || told[0].Estimate < n.context {
				t.Errorf("a person was told %+v", told)
			}
			tests := []struct {
				id      string
				applied int
				knows   bool
			}{{"21", 19, false}, {"24", 20, true}, {"69", 20 + remembered - 1, true}, {"70", 20 + remembered, false}}
			for _, test := range tests {
				for process, p := range map[string]*LLM{"this process": p, "another one": asker(t, n, j)} {
					next, err := p.Next(long(test.id, test.applied))
					if err != nil {
						t.Fatal(err)
					}
					n.calls = nil
					p.Journal = maps.Clone(j) // what is asked now is not kept
					got, err := p.Propose(t.Context(), long(test.id, test.applied))
					p.Journal = j
					if err != nil || (len(n.calls) == 1) != test.knows || (next.Prompt == got.Prompt) != test.knows {
						t.Errorf("candidate %s from those up to %d, in %s: %v after %d calls; the next prompt was foreseen: %v", test.id, test.applied, process, err, len(n.calls), next.Prompt == got.Prompt)
					}
				}
			}
		})
	}
}

// Of a model whose tokens are short a quarter of a prompt that is missing is noticed,
// once others have been read whole.
func TestCharactersPerTokenAreLearnt(t *testing.T) {
	for _, learnt := range []bool{true, false} {
		n, j := newNarrow(1<<30), memory{}
		n.ratio, n.halves = 2, false
		p := asker(t, n, j)
		for id := 20; id < 23 && learnt; id++ {
			req := long(fmt.Sprint(id), 0)
			req.Ranked = req.Ranked[:1]
			if _, err := p.Propose(t.Context(), req); err != nil {
				t.Fatal(err)
			}
		}
		n.calls, n.whole = nil, nil
		whole := float64(chars(asked(t, p, long("30", 0)))) / n.ratio
		n.context = int(.75 * whole)
		if _, err := p.Propose(t.Context(), long("30", 29)); err != nil || (len(n.whole) == 1) != learnt {
			t.Errorf("other prompts were read whole: %v; of this one 3/4 are read at first, and it is asked %d times: %v", learnt, len(n.calls), err)
		}
	}
}

// asked are the messages that a request comes to, when nothing is known.
func asked(t *testing.T, p *LLM, req Request) []llm.Message {
	t.Helper()
	prompt, err := p.render(req, p.plan(req), p.HistoryTokens)
	if err != nil {
		t.Fatal(err)
	}
	return messages(prompt, nil)
}

// With a server that reads all there is, whatever its tokenizer, no prompt is asked
// twice; nor with one whose counts leave out what it had in its cache, or that counts
// nothing at all.
func TestWholePromptsAreNotAskedAgain(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, j := newNarrow(1<<30), memory{}
		n.ratio = rapid.Float64Range(1, mostChars).Draw(rt, "characters per token")
		cached := rapid.SliceOfN(rapid.SampledFrom([]string{"", "most", "all", "no count"}), 12, 12).Draw(rt, "cached")
		cached[0] = ""
		counts := n.reply
		n.reply = func(call llm.Call, i int) (llm.Reply, error) {
			r, err := counts(call, i)
			switch cached[i] {
			case "most":
				r.Usage.InputTokens /= 3
			case "all":
				r.Usage.InputTokens = 1
			case "no count":
				r.Usage.InputTokens, r.Estimated = 10, true
			}
			return r, err
		}
		p := asker(t, n, j)
		for i := range 12 {
			req := long(fmt.Sprint(20+i), 19+i)
			if i > 0 { // no longer than the first
				req.Ranked = req.Ranked[:rapid.IntRange(1, 12).Draw(rt, "ranked")]
			}
			if _, err := p.Propose(t.Context(), req); err != nil || len(n.calls) != i+1 {
				rt.Fatalf("candidate %s: %v, %d calls", req.ID, err, len(n.calls))
			}
		}
	})
}

// Where not even the parents fit, the task is a new objective, when resumed and in
// repairs too.
func TestParentsThatDoNotFit(t *testing.T) {
	for name, silent := range map[string]bool{"cut off": true, "refused": false} {
		t.Run(name, func(t *testing.T) {
			n, j := newNarrow(2100), memory{}
			if !silent {
				n.refuse()
			}
			p := asker(t, n, j)
			p.Operators = []Arm{{prompts.Combine, 1}}
			req := long("20", 0)
			for i := range req.Ranked {
				req.Ranked[i].Code += strings.Repeat("// long\n", 400)
			}
			got, err := p.Propose(t.Context(), req)
			if err != nil || got.Operator != prompts.New || got.Parents != nil || !strings.Contains(got.Prompt, "Propose a new objective") || len(n.whole) != 1 {
				t.Fatalf("operator %q of parents %v, %v after %d calls", got.Operator, got.Parents, err, len(n.calls))
			}
			resumed, err := asker(t, nil, j).Propose(t.Context(), req)
			if err != nil || !cmp.Equal(resumed, got) {
				t.Errorf("resumed, with other operators to draw from: %v\n%s", err, cmp.Diff(got, resumed))
			}
			repaired, err := p.Repair(t.Context(), req, got, "types: no", 1)
			if err != nil || repaired.Operator != prompts.New || repaired.Code == "" {
				t.Errorf("repair: %+v, %v", repaired, err)
			}
		})
	}
}

// A server that reads less than the shortest prompt is not asked the same again and
// again: each candidate costs one call once that is known. If nothing that it says
// can be read, the search stops and says why.
func TestContextBelowTheShortestPrompt(t *testing.T) {
	for _, readable := range []bool{true, false} {
		n, j := newNarrow(1050), memory{}
		n.halves = false
		if readable {
			n.babbles = good
		}
		p := asker(t, n, j)
		p.Language = strings.Repeat("func (v Vec) Neg() Vec\n", 180)
		told := 0
		p.Overflowed = func(Overflow) { told++ }
		var err error
		var calls []int
		for i := 0; i < 8 && err == nil; i++ {
			req := long(fmt.Sprint(20+i), 19+i)
			before := len(n.calls)
			_, err = p.Propose(t.Context(), req)
			calls = append(calls, len(n.calls)-before)
		}
		e, stopped := errors.AsType[*llm.Error](err)
		if stopped == readable || stopped && (e.Kind != llm.ContextOverflow || e.Hint == "" || !strings.Contains(e.Reason, "1050")) {
			t.Errorf("readable %v: stopped by %v", readable, err)
		}
		want := []int{calls[0], 1, 1, 1, 1}
		if readable {
			want = append(want, 1, 1, 1)
		}
		if !slices.Equal(calls, want) || calls[0] < 3 || calls[0] > 6 || told != 1 {
			t.Errorf("readable %v: calls by candidate %v, told %d times", readable, calls, told)
		}
	}
}

// However much history is allowed, shortening begins with what was shown of it.
func TestShorteningBeginsWithWhatWasShown(t *testing.T) {
	n := newNarrow(2100)
	p := asker(t, n, memory{})
	p.HistoryTokens = 1e6
	if _, err := p.Propose(t.Context(), long("20", 0)); err != nil || len(n.calls) > 3 {
		t.Errorf("%v after %d calls", err, len(n.calls))
	}
}

// A reply that ignores the format is a hint that the format was cut off, unless the
// server has counted all of the prompt.
func TestRepairOfAReplyWithoutFormat(t *testing.T) {
	for name, test := range map[string]struct {
		tokens    func(size int) int
		estimated bool
		shorter   bool
	}{
		"read whole":      {func(size int) int { return size * 10 / 37 }, false, false},
		"not counted":     {func(int) int { return 0 }, false, true},
		"estimated":       {func(size int) int { return size / 3 }, true, true},
		"counted in part": {func(int) int { return 12 }, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			m := &model{}
			m.reply = func(call llm.Call, _ int) (llm.Reply, error) {
				return llm.Reply{Text: "Which loss?", Finish: "stop", Model: call.Model, Estimated: test.estimated, Usage: llm.Usage{InputTokens: test.tokens(chars(call.Messages))}}, nil
			}
			p := asker(t, m, memory{})
			first, err := p.Propose(t.Context(), long("20", 0))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Repair(t.Context(), long("20", 0), first, "reply: "+first.Problem, 1); err != nil || len(m.calls) != 2 {
				t.Fatalf("%v after %d calls", err, len(m.calls))
			}
			before, after := chars(m.calls[0].Messages), chars(m.calls[1].Messages)
			if shorter := after < before*9/10; shorter != test.shorter || !shorter && after < before {
				t.Errorf("%d characters after %d", after, before)
			}
		})
	}
}

// A reply is paid for, and kept, even if the shorter prompt that is to follow it cannot
// be written.
func TestReplyIsKeptThoughTheNextPromptFails(t *testing.T) {
	n, j := newNarrow(2100), memory{}
	n.babbles = good
	p := asker(t, n, j)
	var err error
	if p.Prompts, err = prompts.Load(map[string]string{"operator_new.tmpl": "New.", "user.tmpl": `{{range .Scored}}{{entry .}}{{end}}{{if gt .Hidden 5}}{{slice "" 1}}{{end}}`}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Propose(t.Context(), long("20", 0)); err == nil || !strings.Contains(err.Error(), "user.tmpl") || len(n.calls) != 1 || len(j) != 1 {
		t.Fatalf("%v after %d calls, %d kept", err, len(n.calls), len(j))
	}
	if got, err := p.Propose(t.Context(), long("20", 0)); err != nil || got.Code == "" || len(n.calls) != 1 {
		t.Errorf("resumed: %+v, %v after %d calls", got, err, len(n.calls))
	}
}
