package task

import "testing"

func TestSupportRepliesAreScored(t *testing.T) {
	l := Support().Language()
	if l.Vocab() != 50 {
		t.Errorf("%d words, want 50", l.Vocab())
	}
	for _, test := range []struct {
		completion string
		want       int
	}{
		{"refunded your order . <end>", 2},
		{"never refunded your order", -2},
		{"never lost the parcel", 1},
		{"already refunded that payment and sorry", 5},
		{"probably refused your ticket", 0},
		{"checked the account today", 0},
	} {
		q := tokens(t, l, "so we")
		if got := l.Score(Query{0, q[0], q[1]}, tokens(t, l, test.completion)); got != test.want {
			t.Errorf("score of %q = %d, want %d", test.completion, got, test.want)
		}
	}
}

func TestSupportRepliesFollowTheGrammar(t *testing.T) {
	const n = 5000
	g := Support().(*supportGrammar)
	r := Stream(1, "support")
	var adverbs, never, clauses, ends, stops float64
	for range n {
		text := g.Write(r, 34).Tokens
		for i, word := range text[1:] {
			previous := text[i]
			switch g.language.Words[previous] {
			case "we", "they", "i", "someone":
				clauses++
				if g.language.Words[word] == "never" {
					never++
				}
				for _, a := range g.words.adverbs {
					if a == word {
						adverbs++
					}
				}
			case ".", "?":
				stops++
				if word == g.language.End() {
					ends++
				}
			}
		}
	}
	checkShare(t, "adverbs", adverbs, clauses, adverbRate)
	checkShare(t, "never", never, clauses, adverbRate*adverbShares[len(adverbShares)-1])
	checkShare(t, "end after punctuation", ends, stops, supportEndRate)
}

func TestSwapsExchangeWordsInPairs(t *testing.T) {
	for name, g := range map[string]Grammar{"reviews": Reviews(), "support": Support()} {
		l := g.Language()
		for i := range l.Vocab() {
			for _, swap := range [][]Token{l.StyleSwap, l.SentimentSwap} {
				if int(swap[swap[i]]) != i {
					t.Errorf("%s: swapping %q twice gives %q", name, l.Words[i], l.Words[swap[swap[i]]])
				}
			}
			if l.Polarity[i] != -l.Polarity[l.SentimentSwap[i]] && l.SentimentSwap[i] != Token(i) {
				t.Errorf("%s: %q is exchanged for %q", name, l.Words[i], l.Words[l.SentimentSwap[i]])
			}
		}
		if other := l.StyleSwap[l.Style]; other == l.Style || l.Polarity[other] != 0 {
			t.Errorf("%s: style is exchanged for %q", name, l.Words[other])
		}
	}
}
