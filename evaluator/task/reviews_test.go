package task

import (
	"strings"
	"testing"
)

// tokens finds words in the language.
func tokens(t *testing.T, l *Language, words string) []Token {
	t.Helper()
	var out []Token
	for _, w := range strings.Fields(words) {
		i := 0
		for l.Words[i] != w {
			if i++; i == l.Vocab() {
				t.Fatalf("no word %q", w)
			}
		}
		out = append(out, Token(i))
	}
	return out
}

func TestReviewLanguageHas53Words(t *testing.T) {
	l := Reviews().Language()
	if l.Vocab() != 53 || len(l.Polarity) != 53 || len(l.Factor) != 53 {
		t.Errorf("%d words, %d polarities, %d factors, want 53", l.Vocab(), len(l.Polarity), len(l.Factor))
	}
	if got := l.Words[l.End()]; got != "<end>" {
		t.Errorf("the last word is %q, want the end", got)
	}
}

func TestScore(t *testing.T) {
	l := Reviews().Language()
	for _, test := range []struct {
		query, completion string
		want              int
	}{
		{"the film", "was great . <end>", 1},
		{"the film", "was not great . <end>", -1},
		{"the film", "was very awful and was not boring", -1},
		{"i loved", "the plot . <end>", 0}, // the query does not count
		{"i loved", "the plot . i hated the cast", -1},
		{"its cast", "was so moving", 2},
		{"its cast", "not very fun", 2}, // only the previous word changes a polarity
		{"its cast", strings.Repeat("so great ", 7) + "awful", 7},
		{"its cast", "was long", 0},
	} {
		q := tokens(t, l, test.query)
		if got := l.Score(Query{0, q[0], q[1]}, tokens(t, l, test.completion)); got != test.want {
			t.Errorf("score of %q = %d, want %d", test.completion, got, test.want)
		}
	}
}

func TestReviewsFollowTheGrammar(t *testing.T) {
	const n, limit = 20_000, 42
	g := Reviews().(*reviewGrammar)
	counts := map[string]float64{}
	genres := make([]float64, 4)
	r := Stream(1, "grammar")
	for range n {
		review := g.Write(r, limit)
		genres[review.Genre]++
		if len(review.Tokens) > limit {
			t.Fatalf("a review has %d tokens, want at most %d", len(review.Tokens), limit)
		}
		countBigrams(g, review.Tokens, counts)
	}
	for i, c := range genres {
		checkShare(t, g.language.Words[i], c, n, 1./4)
	}
	for _, test := range []struct {
		what, of string
		want     float64
	}{
		{"not", "copula", notRate},
		{"intensifier", "copula", (1 - notRate) * intensifierRate},
		{"clause", "start", clauseRate},
		{"!", "stop", exclaimRate},
		{"end", "after stop", endRate},
		{"neutral", "adjective", neutralRate},
	} {
		checkShare(t, test.what+" of "+test.of, counts[test.what], counts[test.of], test.want)
	}
}

// countBigrams counts classes of words in classes of places.
func countBigrams(g *reviewGrammar, tokens []Token, counts map[string]float64) {
	in := func(t Token, class []Token) bool { return class[0] <= t && t <= class[len(class)-1] }
	w := &g.words
	for i, t := range tokens {
		if i == 0 {
			counts["start"]++
			if in(t, w.determiners) {
				counts["clause"]++
			}
			continue
		}
		previous := tokens[i-1]
		switch {
		case in(previous, w.copulas):
			counts["copula"]++
			if in(t, w.not) {
				counts["not"]++
			} else if in(t, w.intensifiers) {
				counts["intensifier"]++
			}
		case in(previous, w.statement), in(previous, w.exclamation):
			counts["after stop"]++
			if in(t, w.end) {
				counts["end"]++
			}
		}
		if in(t, w.exclamation) {
			counts["!"]++
		}
		if in(t, w.statement) || in(t, w.exclamation) {
			counts["stop"]++
		}
		if t <= w.neutral[len(w.neutral)-1] {
			counts["adjective"]++
			if in(t, w.neutral) {
				counts["neutral"]++
			}
		}
	}
}

// A review whose sentiment is positive or negative says so with "not" as without.
func TestNegationKeepsTheMeaning(t *testing.T) {
	g := Reviews().(*reviewGrammar)
	r := Stream(1, "negation")
	for _, positive := range []float64{0, 1} {
		for range 500 {
			w := reviewWriter{writer: writer{Rand: r}, words: &g.words, genre: &g.genres[0], positive: positive}
			w.put(w.words.copulas[0])
			w.predicate()
			score := g.language.Score(Query{}, w.tokens)
			if want := int(2*positive - 1); score*want < 0 {
				t.Fatalf("a clause of sentiment %d scores %d", want, score)
			}
		}
	}
}
