package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// settings are those of a run with one task.
func settings() archive.Settings {
	return archive.Settings{
		Config: json.RawMessage(`{"config":{"tasks":["reviews"],"seeds":2,"micro_batch":2,"model":[{"name":"m1","weight":1},{"name":"m2","weight":2}]}}`), ConfigHash: "c0ffee",
		Seed: 7, Proposer: "evolve", Version: "v1", Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

// newRun makes the archive of a run that holds the candidates, which get their ids
// here.
func newRun(t *testing.T, status archive.Status, candidates ...archive.Candidate) *archive.Archive {
	t.Helper()
	a, err := archive.Create(t.TempDir(), "run", settings())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	for i, c := range candidates {
		c.ID = i + 1
		reward, kl := .9, .4
		cell := archive.Cell{Task: "reviews", Beta: .1, Seed: 1, Reward: &reward, KL: &kl, Seconds: 30}
		if err := a.SaveCell(c.ID, cell); err != nil {
			t.Fatal(err)
		}
		if err := a.SaveCell(c.ID, archive.Cell{Task: stressTask, Beta: 1, Seed: 1, BlewUp: true}); err != nil {
			t.Fatal(err)
		}
		if err := a.Apply(c, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.SetStatus(status, "wrong key (status 401)"); err != nil {
		t.Fatal(err)
	}
	return a
}

// known is a scored loss of the catalog.
func known(t *testing.T, name string, fitness, half float64) archive.Candidate {
	t.Helper()
	entry, ok := catalog.Lookup(name)
	if !ok {
		t.Fatalf("no known loss %q", name)
	}
	g, err := entry.Graph()
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	return archive.Candidate{
		Origin: fromCatalog, Name: name, Thought: entry.Title, Code: entry.Source, Graph: data, Fingerprint: name,
		Status: archive.Scored, Score: score(fitness, half, "reviews"), Facts: []string{"convex in the margin"},
	}
}

// made is a scored proposal.
func made(t *testing.T, name string, fitness, half float64, parents ...string) archive.Candidate {
	t.Helper()
	c := known(t, "lrml", fitness, half)
	c.Origin, c.Name, c.Thought, c.Fingerprint = "evolve", name, "a thought about "+name, name
	c.Operator, c.Parents, c.Nearest = "mutate", parents, &archive.Nearest{Name: "lrml", BetaScale: 1, Distance: .25}
	return c
}

// score has an interval of this half-width on every task.
func score(fitness, half float64, tasks ...string) *archive.Score {
	ci := [2]float64{fitness - half, fitness + half}
	s := &archive.Score{Fitness: fitness, CI95: ci, Verdict: verdictOf(ci), Seeds: 2}
	var all []taskDetail
	for _, name := range tasks {
		t := taskDetail{Task: name, Advantage: fitness, CI95: &ci, Verdict: s.Verdict, Reference: .5}
		for i, beta := range []float64{.05, .1, .25} {
			t.Budgets = append(t.Budgets, budget{Beta: beta, KL: .5 - .1*float64(i), Reward: .93 - .01*float64(i), Advantage: fitness, CI95: &ci})
		}
		for i, beta := range []float64{.01, .1, 1} {
			reward, kl := .94-.1*float64(i)+fitness, .7-.2*float64(i)
			t.Sweep = append(t.Sweep, betaPoint{Beta: beta, Reward: &reward, KL: &kl, Seeds: 2})
		}
		t.Robustness = robustness{Works: &[2]float64{.025, .5}, BlewUp: []float64{1}, Collapsed: []float64{.01}}
		all = append(all, t)
		s.Tasks = append(s.Tasks, archive.TaskScore{Task: name, Advantage: fitness, CI95: ci, Verdict: s.Verdict})
	}
	detail, err := json.Marshal(all)
	if err != nil {
		panic(err) // plain data
	}
	s.Detail = detail
	return s
}

func verdictOf(ci [2]float64) string {
	switch {
	case ci[0] == 0 && ci[1] == 0:
		return "same"
	case ci[0] > 0:
		return better
	case ci[1] < 0:
		return "worse"
	}
	return undecided
}

func rejected(name, reason string) archive.Candidate {
	return archive.Candidate{
		Origin: "llm", Name: name, Code: "func Loss", Status: archive.Rejected,
		Rejection: archive.Rejection{Stage: "types", Line: 3, Column: 2, Reason: reason},
	}
}

// smallRun has known losses, proposals with a lineage, and failures.
func smallRun(t *testing.T) []archive.Candidate {
	sure := made(t, "second", .008, .02, "4")
	sure.Confirmed = score(.09, .01, "reviews", "support")
	return []archive.Candidate{
		known(t, "dpo", 0, 0), known(t, "hinge", -.002, .003), known(t, "ipo", -.3, .001), known(t, "lrml", .004, .01),
		rejected("broken", "undefined: x"), made(t, "first", .005, .02, "4"), sure, made(t, "third", .003, .001, "6", "7"), rejected("worse still", "undefined: y"),
	}
}

func read(t *testing.T, r *archive.Reader, o Options) *Report {
	t.Helper()
	o.Known, o.Version = catalog.Known(), "v2"
	p, err := Read(r, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func pageOf(t *testing.T, p *Report) string {
	t.Helper()
	var b strings.Builder
	if err := p.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPageTellsTheWholeRun(t *testing.T) {
	a := newRun(t, archive.Finished, smallRun(t)...)
	p := read(t, a.Reader, Options{Config: "candidates: 5\n", Commands: []string{"discover run --config run.yaml"}})
	got := pageOf(t, p)
	for _, want := range []string{
		"Yes, confirmed on fresh seeds: second #7 is better than dpo.",
		"second #7 on fresh seeds and a held-out task: &#43;0.0900 of dpo’s gain, 95 % interval [&#43;0.0800, &#43;0.1000] over 2 seeds: better.",
		"On the seeds of the search: &#43;0.0080 of reward, 95 % interval [−0.0120, &#43;0.0280] over 2 seeds: undecided.",
		"the nearest known loss is lrml (distance 0.25,",
		"The best known loss here is lrml #4, &#43;0.0040 [−0.0060, &#43;0.0140]: which of the two is better is not decided.",
		"<dt>training runs</dt><dd>18</dd>", "The training runs of the confirmation are not counted.", "<dt>CPU time of training</dt><dd>4 min 30 s</dd>", "<dt>language model</dt><dd>not asked</dd>",
		`data-figure="search"`, `data-figure="leaderboard"`, `data-figure="curves"`, `data-figure="frontier"`, `data-figure="lineage"`,
		"<td>types</td><td class=\"n\">2</td>", "<b>broken #5</b>: undefined: x", "<b>worse still #9</b>: undefined: y",
		"All 7 scored candidates", "candidates: 5", "<td class=\"words\">m1, m2</td>", "discover run --config run.yaml",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	at := -1
	for _, id := range []string{`class="answer`, `class="formula"`, `<h2 id="cost"`, `<h2 id="objective"`, `<h2 id="search"`, `<h2 id="leaderboard"`, `<h2 id="lineage"`, `<h2 id="failures"`} {
		next := strings.Index(got, id)
		if next < 0 || next < at {
			t.Errorf("%s is at byte %d, after %d", id, next, at)
		}
		at = next
	}
	if strings.Contains(got, "<caption") || strings.Contains(got, `<details class="rest">`) {
		t.Error("a caption scrolls with its table, or rows are folded away of which there are few")
	}
	if again := pageOf(t, p); again != got {
		t.Error("a second page differs from the first")
	}
}

func TestAnswer(t *testing.T) {
	confirmed := func(c archive.Candidate, fitness, half float64) archive.Candidate {
		c.Confirmed = score(fitness, half, "reviews", "support")
		return c
	}
	dpo := known(t, "dpo", 0, 0)
	for _, test := range []struct {
		name       string
		status     archive.Status
		candidates []archive.Candidate
		want       string
		also       string
	}{
		{"empty", archive.Running, nil, "No answer yet: nothing but dpo itself has been scored.", "The run was killed after 0 candidates"},
		{"dpo alone", archive.Interrupted, []archive.Candidate{dpo}, "No answer yet: nothing but dpo itself has been scored.", "interrupted after 1 candidate;"},
		{"stopped", archive.Stopped, []archive.Candidate{dpo}, "No answer yet", "stopped after 1 candidate: wrong key (status 401); “discover resume run” goes on."},
		{"only rejected", archive.Finished, []archive.Candidate{rejected("a", "x"), rejected("b", "y")}, "No answer: none of the candidates could be scored.", ""},
		{"undecided", archive.Finished, []archive.Candidate{dpo, made(t, "a", .006, .02)}, "Undecided: no objective of this run is shown to be better than dpo.", "The highest fitness is that of a #2: +0.0060 of reward, 95 % interval [−0.0140, +0.0260] over 2 seeds: undecided."},
		{"better", archive.Budget, []archive.Candidate{dpo, made(t, "a", .006, .02), made(t, "b", .004, .001)}, "Not settled: b #3 is better than dpo on the 2 seeds of the search, but that is not confirmed.", "The first of the leaderboard is another, a #2"},
		{"confirmed", archive.Finished, []archive.Candidate{dpo, confirmed(made(t, "a", .006, .02), .1, .01), made(t, "b", .004, .001)}, "Yes, confirmed on fresh seeds: a #2 is better than dpo.", "+0.1000 of dpo’s gain"},
		{"refuted", archive.Finished, []archive.Candidate{dpo, confirmed(made(t, "a", .006, .001), .001, .01)}, "Undecided: no objective of this run is shown to be better than dpo.", "a #2 on fresh seeds and a held-out task: +0.0010"},
		{"worse", archive.Finished, []archive.Candidate{dpo, made(t, "a", -.006, .001)}, "No: nothing that this run scored is better than dpo.", ""},
		{"known", archive.Finished, []archive.Candidate{dpo, known(t, "lrml", .006, .001), made(t, "a", .001, .01)}, "Not settled: lrml #2 is better", "not a discovery of this run. The best proposal is a #3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := read(t, newRun(t, test.status, test.candidates...).Reader, Options{})
			got := p.answer()
			if !strings.HasPrefix(got.Headline, test.want) {
				t.Errorf("headline %q, want %q", got.Headline, test.want)
			}
			if all := strings.Join(got.Sentences, "\n"); !strings.Contains(all, test.also) {
				t.Errorf("sentences lack %q:\n%s", test.also, all)
			}
			pageOf(t, p)
		})
	}
}

func TestRunInProgress(t *testing.T) {
	dir := t.TempDir()
	a, err := archive.Create(dir, "run", settings())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := a.Serve(); err != nil {
		t.Fatal(err)
	}
	for i, c := range []archive.Candidate{known(t, "dpo", 0, 0), made(t, "a", .006, .02)} {
		c.ID = i + 1
		if err := a.Apply(c, nil); err != nil {
			t.Fatal(err)
		}
	}
	r, err := archive.OpenReadOnly(dir, "run")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got := pageOf(t, read(t, r, Options{}))
	if want := "The run is still going on; this is how it stood after 2 candidates."; !strings.Contains(got, want) {
		t.Errorf("the page lacks %q", want)
	}
}

func TestControl(t *testing.T) {
	control := newRun(t, archive.Finished, known(t, "dpo", 0, 0), made(t, "c", .001, .01))
	p := read(t, newRun(t, archive.Finished, smallRun(t)...).Reader, Options{Control: control.Reader})
	got := pageOf(t, p)
	for _, want := range []string{"the same for run (evolve)", "It is not a run of the random proposer.", "with 2 candidates scored"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(got, "cannot be compared") {
		t.Error("runs with the same tasks and seeds are said not to compare")
	}
	other := p.control.run
	other.Config = json.RawMessage(`{"config":{"tasks":["reviews","reviews-flip"],"seeds":2,"micro_batch":2}}`)
	if sameScoring(p.run, other) {
		t.Error("runs with other tasks are said to compare")
	}
}

// TestLargeRun builds the census of 10,000 candidates without their archive, whose
// writes are synced one by one.
func TestLargeRun(t *testing.T) {
	p := &Report{run: archive.Run{Name: "large", Settings: settings(), Status: archive.Finished}, census: census{known: map[string]*archive.Candidate{}}}
	p.totals.Candidates = map[string]int{archive.Scored: 8000, archive.Rejected: 2000}
	for id := 1; id <= 10000; id++ {
		c := archive.Candidate{ID: id, Origin: "llm", Name: strings.Repeat("n", 500), Thought: strings.Repeat("t", 5000), Status: archive.Scored, Score: score(float64(id%997)/1e5, .01)}
		if id%5 == 0 {
			c = rejected(strings.Repeat("n", 500), fmt.Sprintf("reason %d %s", id, strings.Repeat("r", 5000)))
			c.ID, c.Stage = id, fmt.Sprintf("stage %d", id%250)
		}
		p.census.count(c)
		if c.Score != nil && len(p.board) < boardRows {
			p.board = append(p.board, c)
		}
	}
	got := pageOf(t, p)
	if len(got) > 600<<10 {
		t.Errorf("the page has %d bytes", len(got))
	}
	seen, folded, ok := strings.Cut(got, `<details class="rest"><summary>The next 38 candidates</summary>`)
	folded, _, _ = strings.Cut(folded, "</details>")
	if rows := [2]int{strings.Count(seen, "<tbody>\n<tr><td class=\"n\">"), strings.Count(folded, "<tbody>\n<tr><td class=\"n\">")}; !ok || rows != [2]int{12, 38} {
		t.Errorf("%v rows are seen and folded away, want 12 and 38", rows)
	}
	for _, want := range []string{"The first 50 of 8\u202f000 scored candidates", "Of 8\u202f000 points", "2\u202f000 of 10\u202f000 candidates ended without a score. 400 failed in ways too rare to list."} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestWildScores(t *testing.T) {
	wild := made(t, "wild", 1e300, 1)
	broken := made(t, "broken detail", .004, .001)
	broken.Score.Detail = json.RawMessage(`{"personal":1}`)
	far := made(t, "far", .006, .001)
	detail := far.Score.Detail
	far.Score.Detail = json.RawMessage(strings.Replace(string(detail), `"kl":0.5`, `"kl":1e300`, 1))
	far.Confirmed = score(.1, 1e5, "reviews")
	p := read(t, newRun(t, archive.Finished, known(t, "dpo", 0, 0), wild, broken, far).Reader, Options{})
	got := pageOf(t, p)
	for _, want := range []string{"far #4 is better than dpo on the 2 seeds", "its score is not one that an evaluation gives", "All 3 scored candidates", "on the 2 seeds of the search, but that is not confirmed"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if budgets := details(p.leader.Score)[0].Budgets; len(budgets) != 2 {
		t.Errorf("%d of three budgets are believed, one of which has a KL of 1e300", len(budgets))
	}
}

func TestCostOfAModel(t *testing.T) {
	a := newRun(t, archive.Finished, known(t, "dpo", 0, 0), made(t, "a", .006, .02))
	for turn, usage := range []archive.Usage{{Calls: 1, InputTokens: 1200, OutputTokens: 300, NanoUSD: 1.2e9}, {Calls: 1, InputTokens: 34, OutputTokens: 5, NanoUSD: 5e7}} {
		if err := a.SaveReply(2, archive.Reply{Turn: turn, Raw: "{}", Usage: usage}); err != nil {
			t.Fatal(err)
		}
	}
	got := pageOf(t, read(t, a.Reader, Options{}))
	for _, want := range []string{"model calls</dt><dd>2<", "tokens read</dt><dd>1\u202f234<", "tokens written</dt><dd>305<", "price</dt><dd>$1.2500<"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestUnknownCandidate(t *testing.T) {
	a := newRun(t, archive.Finished, known(t, "dpo", 0, 0))
	if _, err := Read(a.Reader, Options{IDs: []int{99}}); err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("got error %v, want one that names candidate 99", err)
	}
	p := read(t, a.Reader, Options{})
	for _, test := range []struct{ figure, format, want string }{
		{"pie", "svg", `unknown figure "pie"`}, {"search", "gif", `figure format "gif"`}, {"lineage", "svg", "nothing to draw yet"},
	} {
		if err := p.WriteFigure(io.Discard, test.figure, test.format); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s as %s: got error %v, want %q", test.figure, test.format, err, test.want)
		}
	}
}
