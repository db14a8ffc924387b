package task

import (
	"math/rand/v2"
	"strings"
)

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

// class adds words of one polarity and factor and returns their tokens.
func (l *Language) class(words string, polarity, factor int8) []Token {
	var tokens []Token
	for _, w := range strings.Fields(words) {
		tokens = append(tokens, Token(len(l.Words)))
		l.Words = append(l.Words, w)
		l.Polarity = append(l.Polarity, polarity)
		l.Factor = append(l.Factor, factor)
	}
	return tokens
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
