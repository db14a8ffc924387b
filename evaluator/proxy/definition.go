package proxy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/objdisco/discover/evaluator/kernel"
	"github.com/objdisco/discover/evaluator/policy"
	"github.com/objdisco/discover/evaluator/task"
	"github.com/objdisco/discover/evaluator/train"
)

// Definition is everything the outcomes of a task depend on besides objective,
// beta, seed and arithmetic. It is plain data; exactly one of Text and Bandit is set.
type Definition struct {
	Name      string       `json:"name"`
	Version   int          `json:"version"` // counts changes of the code that change outcomes
	About     string       `json:"about"`   // one sentence for a reader
	BetaScale float64      `json:"beta_scale"`
	Training  train.Recipe `json:"training"`
	Text      *Text        `json:"text,omitempty"`
	Bandit    *task.Bandit `json:"bandit,omitempty"`
}

// Text is a task over a synthetic language with a neural order-2 language model
// as its policy.
type Text struct {
	task.Text
	Hidden    int        `json:"hidden"`
	Reference policy.Fit `json:"reference"`
	// The steps of the training are divided among Rounds; from the second on
	// RoundPairs pairs are sampled from the policy as it is then. 0: one round.
	Rounds     int  `json:"rounds,omitempty"`
	RoundPairs int  `json:"round_pairs,omitempty"`
	Reliance   bool `json:"reliance,omitempty"` // the reward is the policy's reliance on sentiment instead
}

// identity returns a string that differs if outcomes may.
func (d Definition) identity() string {
	d.About = ""
	return fmt.Sprintf("%s tier %s", d.encode(), kernel.Tier())
}

// Same reports whether two definitions are of one task: outcomes on them may be
// compared.
func (d Definition) Same(other Definition) bool { return d.identity() == other.identity() }

// encode returns d as JSON.
func (d Definition) encode() json.RawMessage {
	data, err := json.Marshal(d)
	if err != nil {
		panic(err) // plain data of finite numbers
	}
	return data
}

// reviewsTraining is how policies are trained on the text tasks.
var reviewsTraining = train.Recipe{Steps: 200, BatchPairs: 64, MicroBatch: 2, PeakRate: 1.5e-2, WarmUp: 20, ClipNorm: 1}

// reviewsText is the main task.
var reviewsText = Text{
	Text:      task.Text{Grammar: "reviews", Corpus: 3000, NewTokens: 40, Pairs: 1024, Queries: 600, Scale: .35, Kappa: 2},
	Hidden:    64,
	Reference: policy.Fit{Steps: 500, Batch: 128, InitScale: .3, Rate: 1e-2, LastRate: 1e-4},
}

// reviewsVariant returns the main task, changed.
func reviewsVariant(change func(*Text)) *Text {
	t := reviewsText
	change(&t)
	return &t
}

// shortText returns the smaller variant of the main task, changed.
func shortText(change func(*Text)) *Text {
	return reviewsVariant(func(t *Text) {
		t.NewTokens, t.Pairs, t.Scale = 24, 768, .5
		change(t)
	})
}

// personalTraining is how a policy adapts to a few pairs.
func personalTraining() train.Recipe {
	r := reviewsTraining
	r.Steps, r.BatchPairs, r.WarmUp = 30, 24, 3
	return r
}

// stress changes the bandit to make steep losses overflow.
func stress(b task.Bandit) *task.Bandit {
	b.Features, b.LengthFactor, b.Kappa = 256, 20, 2
	return &b
}

// banditTraining is how policies are trained on the bandit tasks.
func banditTraining(rate float64) train.Recipe {
	r := reviewsTraining
	r.BatchPairs, r.PeakRate = 32, rate
	return r
}

// Definitions returns all tasks, those of the fitness first.
func Definitions() []Definition {
	bandit := task.Bandit{Responses: 64, Features: 64, LengthFactor: 40, TrainQueries: 256, TestQueries: 128, Pairs: 512, Kappa: .7}
	return []Definition{
		{
			Name: "reviews", Version: 2, BetaScale: 1, Training: reviewsTraining, Text: reviewsVariant(func(*Text) {}),
			About: "write film reviews that please: 1,024 pairs, Bradley–Terry labels, 40 tokens",
		},
		{
			Name: "reviews-flip", Version: 2, BetaScale: 1, Training: reviewsTraining,
			Text:  shortText(func(t *Text) { t.Flip = .3 }),
			About: "the same with 30 % of the labels inverted: 768 pairs, 24 tokens",
		},
		{
			Name: "reviews-short", Version: 2, BetaScale: 1, Training: reviewsTraining, Text: shortText(func(*Text) {}),
			About: "reviews-flip without inverted labels: what label noise costs is the difference",
		},
		{
			Name: "bandit", Version: 2, BetaScale: 2, Training: banditTraining(1e-2), Bandit: &bandit,
			About: "choose one of 64 responses: the screen, milliseconds a cell",
		},
		{
			Name: "bandit-stress", Version: 2, BetaScale: 2, Training: banditTraining(2e-2), Bandit: stress(bandit),
			About: "the same with 256 features and sharp labels: steep losses blow up",
		},
		{
			Name: "support", Version: 2, BetaScale: 1, Training: reviewsTraining,
			Text:  reviewsVariant(func(t *Text) { t.Grammar, t.NewTokens, t.Scale, t.Linear = "support", 32, .3, true }),
			About: "held out: answer customers, with other words, neighbours and reward",
		},
		{
			Name: "shift", Version: 2, BetaScale: 1, Training: reviewsTraining,
			Text:  shortText(func(t *Text) { t.TrainGenres, t.TestGenres = []int{0, 1}, []int{2, 3} }),
			About: "pairs of two genres, scored on the two others",
		},
		{
			Name: "personal", Version: 2, BetaScale: 1, Training: personalTraining(),
			Text:  shortText(func(t *Text) { t.Taste, t.Pairs = true, 24 }),
			About: "adapt to the taste of one user from 24 pairs in 30 steps",
		},
		{
			Name: "online", Version: 2, BetaScale: 1, Training: reviewsTraining,
			Text:  shortText(func(t *Text) { t.Rounds, t.RoundPairs = 4, 192 }),
			About: "4 rounds of 50 steps; from the second on 192 pairs are sampled from the policy itself",
		},
		{
			Name: "confounded", Version: 2, BetaScale: 1, Training: reviewsTraining,
			Text:  shortText(func(t *Text) { t.Kappa, t.Style, t.Reliance = 1, 1.5, true }),
			About: "labels also like exclamation marks; scored by the share of a policy's change that is due to sentiment",
		},
	}
}

// Lookup returns the named task. The error lists the known ones.
func Lookup(name string) (Definition, error) {
	all := Definitions()
	if i := slices.IndexFunc(all, func(d Definition) bool { return d.Name == name }); i >= 0 {
		return all[i], nil
	}
	var known []string
	for _, d := range all {
		known = append(known, d.Name)
	}
	return Definition{}, fmt.Errorf("unknown task %q; known are %s", name, strings.Join(known, ", "))
}
