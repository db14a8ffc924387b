package task

import "math/rand/v2"

// Token is the index of a word in Language.Words.
type Token = uint8

// Language is a vocabulary, its genres and what its words do to a text's score.
// The last word ends a text. A Language is immutable.
type Language struct {
	Words    []string
	Genres   int
	Polarity []int8 // what a word adds to the score
	Factor   []int8 // what the previous word multiplies that by
	Limit    int    // the score is clipped to [−Limit, Limit] after every token

	Opinions                 []Token // words that a person may like or dislike
	Style                    Token   // a word that says nothing about the score
	StyleSwap, SentimentSwap []Token // permutations of the words: exchange Style and its plain form; positive and negative words
}

// Vocab returns the number of words, the end included.
func (l *Language) Vocab() int { return len(l.Words) }

// End returns the token that ends a text.
func (l *Language) End() Token { return Token(len(l.Words) - 1) }

// Contexts returns the number of contexts: a genre and two words other than the end.
func (l *Language) Contexts() int {
	words := l.Vocab() - 1
	return l.Genres * words * words
}

// Context returns the index of a context: contexts are ordered by genre, then
// by the last word, then by the word before it.
func (l *Language) Context(genre int, before, last Token) int {
	words := l.Vocab() - 1
	return (genre*words+int(last))*words + int(before)
}

// step returns the score after a token.
func (l *Language) step(score int, previous, token Token) int {
	score += int(l.Factor[previous]) * int(l.Polarity[token])
	return max(-l.Limit, min(l.Limit, score))
}

// Score returns the score of a completion, which starts at 0 after the query.
func (l *Language) Score(q Query, completion []Token) int {
	score, previous := 0, q.Last
	for _, t := range completion {
		score, previous = l.step(score, previous, t), t
	}
	return score
}

// swap returns the permutation of the words that exchanges a[i] and b[i].
func (l *Language) swap(a, b []Token) []Token {
	p := make([]Token, l.Vocab())
	for i := range p {
		p[i] = Token(i)
	}
	for i := range a {
		p[a[i]], p[b[i]] = b[i], a[i]
	}
	return p
}

// withTaste returns a copy of l in which only opinions have a polarity: −1, 0 or
// 1 with probabilities .3, .4 and .3.
func (l *Language) withTaste(r *rand.Rand) *Language {
	c := *l
	c.Polarity = make([]int8, l.Vocab())
	for _, t := range l.Opinions {
		c.Polarity[t] = int8(pick(r, []float64{.3, .4, .3})) - 1
	}
	return &c
}

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
