package task

import (
	"math"
	"testing"
)

// uniformPolicy gives every token the same probability in every context.
func uniformPolicy(l *Language) Table {
	table := NewTable(l)
	for i := range table.Rows {
		row := table.Row(i)[:l.Vocab()]
		for j := range row {
			row[j] = 1 / float32(l.Vocab())
		}
	}
	return table
}

func TestLabelsAreBradleyTerry(t *testing.T) {
	for _, test := range []struct {
		name string
		text Text
	}{
		{"plain", Text{Kappa: 2, Scale: .35}},
		{"flip", Text{Kappa: 2, Scale: .5, Flip: .3}},
		{"style", Text{Kappa: 1, Scale: .5, Style: 1.5}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := test.text
			text.Grammar, text.Corpus, text.NewTokens, text.Queries = "reviews", 300, 24, 1
			w, err := text.Draw(1)
			if err != nil {
				t.Fatal(err)
			}
			const n = 20_000
			var agree, want, variance float64
			for _, p := range w.DrawPairs(Stream(1, "pairs"), uniformPolicy(w.Language).Matrix, n) {
				logit := text.Kappa * text.Scale * float64(w.Language.Score(p.Query, p.Chosen)-w.Language.Score(p.Query, p.Rejected))
				logit += text.Style * float64(w.styleWords(p.Chosen)-w.styleWords(p.Rejected))
				// Given the two completions, the one with the higher logit is chosen
				// with this probability.
				likely := sigmoid(math.Abs(logit))
				likely = likely*(1-text.Flip) + (1-likely)*text.Flip
				if logit >= 0 {
					agree++
				}
				if logit == 0 {
					likely = 1
				}
				want += likely
				variance += likely * (1 - likely)
			}
			if math.Abs(agree-want) > 5*math.Sqrt(variance) {
				t.Errorf("%.0f of %d labels agree with the truth, want %.0f ± %.0f", agree, n, want, 5*math.Sqrt(variance))
			}
		})
	}
}

func TestDrawIsAFunctionOfTheSeed(t *testing.T) {
	text := Text{Grammar: "reviews", Corpus: 50, NewTokens: 24, Queries: 20, Taste: true}
	draw := func(seed uint64) *World {
		w, err := text.Draw(seed)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	a, again, b := draw(1), draw(1), draw(2)
	if a.Reviews[7].Query() != again.Reviews[7].Query() || string(a.Reviews[7].Tokens) != string(again.Reviews[7].Tokens) {
		t.Error("two draws of a seed differ")
	}
	if string(a.Reviews[7].Tokens) == string(b.Reviews[7].Tokens) {
		t.Error("two seeds have the same review")
	}
	if a.Tests[0] != b.Tests[0] || len(a.Tests) != len(b.Tests) {
		t.Error("the test queries depend on the seed")
	}
}

func TestGenresOfTrainingAndTest(t *testing.T) {
	text := Text{Grammar: "reviews", Corpus: 200, NewTokens: 24, Queries: 200, TrainGenres: []int{0, 1}, TestGenres: []int{2, 3}}
	w, err := text.Draw(1)
	if err != nil {
		t.Fatal(err)
	}
	total := 0.
	for _, q := range w.Tests {
		total += q.Weight
		if q.Genre < 2 {
			t.Fatalf("a test query is of genre %d", q.Genre)
		}
	}
	if math.Abs(total-1) > 1e-9 {
		t.Errorf("the weights of the test queries add up to %g", total)
	}
	for _, p := range w.DrawPairs(Stream(1, "pairs"), uniformPolicy(w.Language).Matrix, 100) {
		if p.Query.Genre > 1 {
			t.Fatalf("a pair is of genre %d", p.Query.Genre)
		}
	}
}

func TestTasteIsOnOpinionsOnly(t *testing.T) {
	text := Text{Grammar: "reviews", Corpus: 1, NewTokens: 24, Queries: 1, Taste: true}
	counts := map[int8]float64{}
	total := 0.
	for seed := uint64(1); seed <= 200; seed++ {
		w, err := text.Draw(seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range w.Language.Opinions {
			counts[w.Language.Polarity[o]]++
			total++
		}
		for _, verb := range tokens(t, w.Language, "loved hated not .") {
			if p := w.Language.Polarity[verb]; p != 0 {
				t.Fatalf("%q has polarity %d", w.Language.Words[verb], p)
			}
		}
	}
	for polarity, share := range map[int8]float64{-1: .3, 0: .4, 1: .3} {
		checkShare(t, "taste", counts[polarity], total, share)
	}
}

func TestUnknownGrammar(t *testing.T) {
	if _, err := (&Text{Grammar: "sonnets"}).Draw(1); err == nil {
		t.Error("no error for an unknown grammar")
	}
}
