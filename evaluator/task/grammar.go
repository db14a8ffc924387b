package task

import "math/rand/v2"

// Review is a text of the corpus. It ends with the end token unless it was cut
// to the length of the task.
type Review struct {
	Genre  int
	Tokens []Token
}

// Query is what a completion starts from: a genre and two words.
type Query struct {
	Genre        int
	Before, Last Token
}

// Query returns the beginning of a review.
func (r Review) Query() Query { return Query{r.Genre, r.Tokens[0], r.Tokens[1]} }

// Completion returns the rest of a review, sharing memory.
func (r Review) Completion() []Token { return r.Tokens[2:] }

// Grammar writes the texts of a language. Implementations are immutable and
// safe for concurrent use.
type Grammar interface {
	Language() *Language
	// Write draws a review of at most limit tokens; it is longer than two.
	Write(r *rand.Rand, limit int) Review
}

// corpus draws n reviews of at most limit tokens.
func corpus(g Grammar, r *rand.Rand, n, limit int) []Review {
	reviews := make([]Review, n)
	for i := range reviews {
		reviews[i] = g.Write(r, limit)
	}
	return reviews
}

// writer is a text being written.
type writer struct {
	*rand.Rand
	tokens []Token
}

func (w *writer) put(t Token) { w.tokens = append(w.tokens, t) }

// chance is true with probability p.
func (w *writer) chance(p float64) bool { return w.Float64() < p }
