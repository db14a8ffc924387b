package propose

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/discover/llm"
	"github.com/objdisco/discover/prompts"
)

// model is a scripted Completer.
type model struct {
	calls []llm.Call
	reply func(call llm.Call, n int) (llm.Reply, error)
}

func (m *model) Complete(_ context.Context, call llm.Call) (llm.Reply, error) {
	m.calls = append(m.calls, call)
	return m.reply(call, len(m.calls)-1)
}

// says replies with the texts in turn.
func says(texts ...string) *model {
	return &model{reply: func(call llm.Call, n int) (llm.Reply, error) {
		if n >= len(texts) {
			return llm.Reply{}, errors.New("the script is over")
		}
		return llm.Reply{Text: texts[n], Finish: "stop", Model: call.Model, Usage: llm.Usage{Calls: 1, InputTokens: 10, OutputTokens: 5}}, nil
	}}
}

// memory is a Journal.
type memory map[string][]byte

func (m memory) key(candidate string, turn int) string { return fmt.Sprint(candidate, "/", turn) }

func (m memory) Lookup(candidate string, turn int) ([]byte, bool, error) {
	data, ok := m[m.key(candidate, turn)]
	return data, ok, nil
}

func (m memory) Store(candidate string, turn int, reply []byte) error {
	m[m.key(candidate, turn)] = reply
	return nil
}

const good = `{"thought":"Try it.","name":"try_it","code":"package candidate\n\nfunc Loss() {}"}`

func asker(t *testing.T, c Completer, j Journal) *LLM {
	t.Helper()
	set, err := prompts.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &LLM{
		Completer: c, Journal: j, Prompts: set, Models: []Arm{{"gpt-x", 1}}, Language: "package objective", Rules: "- No goto.",
		MicroBatch: 2, HistoryTokens: 4000, MaxOutput: 2000,
	}
}

// asking is a request with a history, the same for the same id.
func asking(id string) Request {
	req := Request{ID: id, Rand: rand.New(rand.NewPCG(1, uint64(len(id))))}
	for i := range 12 {
		req.Ranked = append(req.Ranked, Prior{
			ID: fmt.Sprint(i + 1), Name: fmt.Sprintf("loss_%d", i+1), Origin: "catalog", Scored: true, Fingerprint: fmt.Sprint("f", i),
			Fitness: -0.01 * float64(i), Verdict: "worse", Code: "package candidate\n\n" + strings.Repeat("// text\n", 40),
		})
	}
	req.Rejected = []Prior{{ID: "13", Name: "bad", Stage: "types", Reason: "undefined: y"}}
	return req
}

func TestProposeAsksAndReads(t *testing.T) {
	m, j := says(good), memory{}
	p := asker(t, m, j)
	next, err := p.Next(asking("20"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Propose(t.Context(), asking("20"))
	if err != nil {
		t.Fatal(err)
	}
	want := next
	want.Name, want.Thought, want.Code = "try_it", "Try it.", "package candidate\n\nfunc Loss() {}\n"
	want.Usage = llm.Usage{Calls: 1, InputTokens: 10, OutputTokens: 5}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("proposal (-want, from Next, +got):\n%s", diff)
	}
	call := m.calls[0]
	if call.Model != "gpt-x" || call.MaxOutput != 2000 || len(call.Messages) != 2 {
		t.Errorf("call %+v", call)
	}
	for _, part := range []string{"loss_1 ", "bad", "undefined: y", "package objective", "- No goto.", call.Messages[0].Content, call.Messages[1].Content} {
		if !strings.Contains(got.Prompt, part) {
			t.Errorf("the prompt lacks %q", part)
		}
	}
}

// crash fails to go on right after a reply is stored.
type crash struct{ memory }

func (c crash) Store(candidate string, turn int, reply []byte) error {
	_ = c.memory.Store(candidate, turn, reply)
	return errors.New("killed")
}

// A reply that is in the journal is not asked for again, and gives the same
// proposal.
func TestReplyIsNotBoughtTwice(t *testing.T) {
	j := memory{}
	m := says(good, good)
	if _, err := asker(t, m, crash{j}).Propose(t.Context(), asking("20")); err == nil {
		t.Fatal("the journal's error is lost")
	}
	resumed, err := asker(t, says(), j).Propose(t.Context(), asking("20"))
	if err != nil {
		t.Fatal(err)
	}
	undisturbed, err := asker(t, m, memory{}).Propose(t.Context(), asking("20"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(undisturbed, resumed); diff != "" {
		t.Errorf("resumed proposal (-undisturbed +resumed):\n%s", diff)
	}
}

// What is journalled is what arrived: even a reply without any sense, before it
// is parsed.
func TestJournalHoldsWhatArrived(t *testing.T) {
	j := memory{}
	got, err := asker(t, says("No."), j).Propose(t.Context(), asking("20"))
	if err != nil || got.Code != "" || got.Problem == "" || got.Hint == "" || got.Operator == "" || got.Prompt == "" {
		t.Errorf("proposal %+v, %v, want a problem and how it came about", got, err)
	}
	var r Record
	if err := json.Unmarshal(j["20/0"], &r); err != nil || r.Text != "No." || r.Finish != "stop" || r.Usage.OutputTokens != 5 || r.HistoryTokens != 4000 {
		t.Errorf("journal has %s, %v", j["20/0"], err)
	}
}

func TestRepair(t *testing.T) {
	m, j := says(`{"thought":"Try it.","name":"try_it","code":"package candidate\n\nfunc Loss( {}"}`, good), memory{}
	p := asker(t, m, j)
	first, err := p.Propose(t.Context(), asking("20"))
	if err != nil {
		t.Fatal(err)
	}
	rejection := "3:11: parse: expected parameter (close the bracket)"
	second, err := p.Repair(t.Context(), asking("20"), first, rejection, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := first
	want.Code, want.Usage = "package candidate\n\nfunc Loss() {}\n", llm.Usage{Calls: 2, InputTokens: 20, OutputTokens: 10}
	if diff := cmp.Diff(want, second); diff != "" {
		t.Errorf("repaired proposal (-want +got):\n%s", diff)
	}
	talk := m.calls[1].Messages
	if len(talk) != 4 || talk[2].Role != "assistant" || !strings.Contains(talk[2].Content, "func Loss( {}") || talk[3].Role != "user" || !strings.Contains(talk[3].Content, rejection) {
		t.Errorf("messages %+v", talk)
	}
	if diff := cmp.Diff(m.calls[0].Messages, talk[:2]); diff != "" {
		t.Errorf("the repair begins with another prompt:\n%s", diff)
	}
	again, err := asker(t, says(), j).Repair(t.Context(), asking("20"), first, rejection, 1)
	if err != nil || !cmp.Equal(again, second) {
		t.Errorf("resumed repair %+v, %v", again, err)
	}
}

// After a reply that was cut off or empty, the prompt is shorter: the history may
// have filled the context in silence. No two user messages follow each other.
func TestRepairOfATruncatedReply(t *testing.T) {
	m := says("", good)
	p := asker(t, m, memory{})
	p.HistoryTokens = 1600 // what the history takes up
	first, err := p.Propose(t.Context(), asking("20"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := p.Repair(t.Context(), asking("20"), first, "reply: "+first.Problem, 1)
	if err != nil || second.Problem != "" || second.Code == "" {
		t.Fatalf("%+v, %v", second, err)
	}
	talk := m.calls[1].Messages
	if len(talk) != 2 || !strings.Contains(talk[1].Content, "the reply is empty") {
		t.Errorf("messages %+v", talk)
	}
	if before, after := len(m.calls[0].Messages[1].Content), len(talk[1].Content); after > before*2/3 {
		t.Errorf("the prompt has %d bytes after %d", after, before)
	}
}

// A prompt that is too long is shortened until it fits, and the record says so.
func TestContextOverflow(t *testing.T) {
	overflow := func(fits int) *model {
		return &model{reply: func(call llm.Call, _ int) (llm.Reply, error) {
			if len(call.Messages[1].Content) > fits {
				return llm.Reply{}, &llm.Error{Kind: llm.ContextOverflow, Reason: "too long"}
			}
			return llm.Reply{Text: good}, nil
		}}
	}
	j := memory{}
	m := overflow(5000)
	got, err := asker(t, m, j).Propose(t.Context(), asking("20"))
	if err != nil || len(m.calls) < 2 {
		t.Fatalf("%v after %d calls", err, len(m.calls))
	}
	if last := m.calls[len(m.calls)-1]; !strings.Contains(got.Prompt, last.Messages[1].Content) {
		t.Error("the proposal has another prompt than the one that was answered")
	}
	resumed, err := asker(t, says(), j).Propose(t.Context(), asking("20"))
	if err != nil || !cmp.Equal(got, resumed) {
		t.Errorf("resumed: %v", err)
	}
	m = overflow(10)
	_, err = asker(t, m, memory{}).Propose(t.Context(), asking("20"))
	if e, ok := errors.AsType[*llm.Error](err); !ok || e.Kind != llm.ContextOverflow || len(m.calls) > 6 {
		t.Errorf("%v after %d calls", err, len(m.calls))
	}
}

func TestErrorsReachTheCaller(t *testing.T) {
	fault := &llm.BudgetError{Limit: "--max-calls"}
	j := memory{}
	_, err := asker(t, &model{reply: func(llm.Call, int) (llm.Reply, error) { return llm.Reply{}, fault }}, j).Propose(t.Context(), asking("20"))
	if !errors.Is(err, fault) || len(j) != 0 {
		t.Errorf("%v, journal %v", err, j)
	}
	if _, err := asker(t, nil, memory{"20/0": []byte("{")}).Propose(t.Context(), asking("20")); err == nil || !strings.Contains(err.Error(), "candidate 20, call 0") {
		t.Errorf("damaged journal: %v", err)
	}
	p := asker(t, nil, memory{})
	p.Completer = nil
	if _, err := p.Propose(t.Context(), asking("20")); !errors.Is(err, ErrNotRecorded) {
		t.Errorf("no model and no record: %v", err)
	}
}

// drawn counts what many requests draw.
func drawn(t *testing.T, p *LLM, req Request, what func(Proposal) string) map[string]float64 {
	t.Helper()
	const n = 4000
	req.Rand = rand.New(rand.NewPCG(7, 7))
	shares := map[string]float64{}
	for range n {
		shares[what(p.plan(req))] += 1. / n
	}
	return shares
}

func TestDrawsFollowTheWeights(t *testing.T) {
	p := asker(t, nil, nil)
	p.Models = []Arm{{"a", 1}, {"b", 3}, {"c", 0}, {"d", -1}}
	model := func(p Proposal) string { return p.Model }
	operator := func(p Proposal) string { return p.Operator }
	withOdds := asking("1")
	withOdds.Odds = Odds{Models: map[string]float64{"a": 27, "c": math.NaN(), "d": math.Inf(1)}, Operators: map[string]float64{"mutate": 0}}
	bare := asking("1")
	bare.Ranked = bare.Ranked[:1]
	empty := Request{}
	tests := []struct {
		name string
		got  map[string]float64
		want map[string]float64
	}{
		{"models", drawn(t, p, asking("1"), model), map[string]float64{"a": .25, "b": .75}},
		{"models with odds", drawn(t, p, withOdds, model), map[string]float64{"a": .9, "b": .1}},
		{"operators", drawn(t, p, asking("1"), operator), map[string]float64{"new": 2. / 11, "mutate": 4. / 11, "combine": 2. / 11, "simplify": 1. / 11, "explore": 2. / 11}},
		{"operators with odds", drawn(t, p, withOdds, operator), map[string]float64{"new": 2. / 7, "combine": 2. / 7, "simplify": 1. / 7, "explore": 2. / 7}},
		{"one parent", drawn(t, p, bare, operator), map[string]float64{"new": 2. / 9, "mutate": 4. / 9, "simplify": 1. / 9, "explore": 2. / 9}},
		{"no parent", drawn(t, p, empty, operator), map[string]float64{"new": .5, "explore": .5}},
	}
	for _, test := range tests {
		for name := range test.got {
			if _, ok := test.want[name]; !ok {
				t.Errorf("%s: drew %q", test.name, name)
			}
		}
		for name, want := range test.want {
			// Five standard deviations of a share of 4,000 draws.
			if got := test.got[name]; math.Abs(got-want) > 5*math.Sqrt(want*(1-want)/4000) {
				t.Errorf("%s: share of %s is %.3f, want %.3f", test.name, name, got, want)
			}
		}
	}
	p.Operators = []Arm{{"combine", 1}}
	if got := p.plan(Request{Rand: rand.New(rand.NewPCG(1, 1))}); got.Operator != "new" {
		t.Errorf("without parents combine became %q", got.Operator)
	}
}

// Parents differ in behaviour, are scored, and the best come first most often.
func TestParents(t *testing.T) {
	req := asking("1")
	req.Ranked[1].Fingerprint = req.Ranked[0].Fingerprint
	req.Ranked[2].Scored = false
	req.Ranked[3].Code = ""
	p := asker(t, nil, nil)
	p.Operators = []Arm{{"combine", 1}}
	req.Rand = rand.New(rand.NewPCG(3, 3))
	counts := map[string]int{}
	for range 1000 {
		parents := p.plan(req).Parents
		if len(parents) != 2 || parents[0] == parents[1] {
			t.Fatalf("parents %v", parents)
		}
		counts[parents[0]]++
	}
	for _, id := range []string{"2", "3", "4"} {
		if counts[id] > 0 {
			t.Errorf("%s was a parent %d times", id, counts[id])
		}
	}
	if counts["1"] < counts["12"] || counts["12"] == 0 && counts["11"] == 0 && counts["10"] == 0 {
		t.Errorf("draws by rank: %v", counts)
	}
}

// A model that proposes the same again and again is told once, what cannot be compared
// every time.
func TestRejectionsAreShownOnce(t *testing.T) {
	req := asking("20")
	req.Rejected = []Prior{
		{ID: "19", Name: "third", Stage: "duplicate", Fingerprint: "f", Reason: "it is dpo"},
		{ID: "18", Name: "untraced", Stage: "types", Reason: "undefined: y"},
		{ID: "17", Name: "second", Stage: "duplicate", Fingerprint: "f", Reason: "it is dpo"},
		{ID: "16", Name: "untraced", Stage: "types", Reason: "undefined: y"},
		{ID: "15", Name: "first", Stage: "screen", Fingerprint: "f", Reason: "hopeless"},
	}
	next, err := asker(t, nil, nil).Next(req)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"- third": 1, "- second": 0, "- first": 0, "- untraced": 2} {
		if got := strings.Count(next.Prompt, name+"\n"); got != want {
			t.Errorf("%q stands in the prompt %d times, want %d", name, got, want)
		}
	}
}

// Same request, same plan; another stream, another plan.
func TestPlanIsAFunctionOfTheRequest(t *testing.T) {
	p := asker(t, nil, nil)
	var plans []Proposal
	for seed := range uint64(20) {
		for range 2 {
			req := asking("1")
			req.Rand = rand.New(rand.NewPCG(seed, 1))
			plans = append(plans, p.plan(req))
		}
		if n := len(plans); !cmp.Equal(plans[n-1], plans[n-2]) {
			t.Errorf("seed %d: %+v and %+v", seed, plans[n-2], plans[n-1])
		}
	}
	slices.SortFunc(plans, func(a, b Proposal) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	if n := len(slices.CompactFunc(plans, func(a, b Proposal) bool { return cmp.Equal(a, b) })); n < 10 {
		t.Errorf("%d different plans from 20 streams", n)
	}
}
