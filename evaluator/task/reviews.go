package task

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// Probabilities of the review grammar.
const (
	clauseRate      = .7  // else a pronoun, a verb and its object
	notRate         = .15 // before an adjective
	intensifierRate = .35 // if there is no "not"
	neutralRate     = .22 // neutral adjective
	sincereRate     = .85 // sentiment words that agree with the review's sentiment
	joinRate        = .35 // a conjunction follows, else punctuation
	exclaimRate     = .2
	endRate         = .12 // after punctuation
	adjectiveZipf   = .7
	nounAlpha       = .7
	mixStrength     = 12
)

// genreDraw picks the genres' fixed draw. Over draws the reference's reward ranges
// from .45 to .53; with this one it is close to .49.
const genreDraw = 9

// sentimentMix is the mean share of positive, negative and mixed reviews.
var sentimentMix = []float64{.35, .4, .25}

// reviewWords are the word classes of the review grammar.
type reviewWords struct {
	positive, negative, neutral            []Token // adjectives
	nouns, praise, blame                   []Token
	copulas, determiners, intensifiers     []Token
	not, pronouns, conjunctions, stop, end []Token
}

// reviewGenre is what distinguishes the reviews of one genre.
type reviewGenre struct {
	mix                                []float64 // positive, negative, mixed
	nouns                              []float64
	positives, negatives, neutralities []float64 // weights of the adjectives
}

// reviewGrammar writes short film reviews in which clauses carry sentiment,
// possibly negated or intensified.
type reviewGrammar struct {
	language *Language
	words    reviewWords
	genres   []reviewGenre
}

// Reviews returns the grammar of the review tasks: 53 words, 4 genres.
var Reviews = sync.OnceValue(func() Grammar {
	g := &reviewGrammar{}
	g.language, g.words = reviewLanguage()
	r := Stream(genreDraw, "review genres")
	for range g.language.Genres {
		g.genres = append(g.genres, newReviewGenre(r, &g.words))
	}
	return g
})

// reviewLanguage lists the words of all classes, the end last.
func reviewLanguage() (*Language, reviewWords) {
	l := &Language{Genres: 4, Limit: 8}
	class := func(words string, polarity, factor int8) []Token {
		var tokens []Token
		for _, w := range strings.Fields(words) {
			tokens = append(tokens, Token(len(l.Words)))
			l.Words = append(l.Words, w)
			l.Polarity = append(l.Polarity, polarity)
			l.Factor = append(l.Factor, factor)
		}
		return tokens
	}
	w := reviewWords{
		positive:     class("great superb lovely brilliant moving fun charming solid", 1, 1),
		negative:     class("awful boring dull weak terrible silly clumsy flat", -1, 1),
		neutral:      class("long recent loud short", 0, 1),
		nouns:        class("film movie plot cast acting script ending score", 0, 1),
		praise:       class("loved enjoyed admired", 1, 1),
		blame:        class("hated regretted disliked", -1, 1),
		copulas:      class("was is felt seemed", 0, 1),
		determiners:  class("the this its", 0, 1),
		intensifiers: class("very really so", 0, 2),
		not:          class("not", 0, -1),
		pronouns:     class("i we", 0, 1),
		conjunctions: class("and but because", 0, 1),
		stop:         class(". !", 0, 1),
		end:          class("<end>", 0, 1),
	}
	l.Opinions = slices.Concat(w.positive, w.negative, w.neutral, w.nouns)
	l.Style = w.stop[1]
	l.StyleSwap = l.swap(w.stop[:1], w.stop[1:])
	l.SentimentSwap = l.swap(slices.Concat(w.positive, w.praise), slices.Concat(w.negative, w.blame))
	return l, w
}

func newReviewGenre(r *rand.Rand, w *reviewWords) reviewGenre {
	alpha := make([]float64, len(sentimentMix))
	for i, share := range sentimentMix {
		alpha[i] = mixStrength * share
	}
	nouns := make([]float64, len(w.nouns))
	for i := range nouns {
		nouns[i] = nounAlpha
	}
	return reviewGenre{
		mix:          dirichlet(r, alpha),
		nouns:        dirichlet(r, nouns),
		positives:    zipf(r, len(w.positive), adjectiveZipf),
		negatives:    zipf(r, len(w.negative), adjectiveZipf),
		neutralities: zipf(r, len(w.neutral), adjectiveZipf),
	}
}

// Language returns the vocabulary with its scores.
func (g *reviewGrammar) Language() *Language { return g.language }

// Write draws a review: a genre, a latent sentiment, then sentences.
func (g *reviewGrammar) Write(r *rand.Rand, limit int) Review {
	genre := r.IntN(len(g.genres))
	w := reviewWriter{Rand: r, words: &g.words, genre: &g.genres[genre]}
	w.positive = [...]float64{sincereRate, 1 - sincereRate, .5}[pick(r, w.genre.mix)]
	for len(w.tokens) < limit {
		w.sentence()
		if w.Float64() < joinRate {
			w.put(uniform(r, w.words.conjunctions))
			continue
		}
		w.put(w.words.stop[w.index(exclaimRate)])
		if w.Float64() < endRate {
			w.put(w.words.end[0])
			break
		}
	}
	return Review{Genre: genre, Tokens: w.tokens[:min(len(w.tokens), limit)]}
}

// reviewWriter is a review being written.
type reviewWriter struct {
	*rand.Rand
	words    *reviewWords
	genre    *reviewGenre
	positive float64 // probability that a sentiment is positive
	tokens   []Token
}

func (w *reviewWriter) put(t Token) { w.tokens = append(w.tokens, t) }

// index returns 1 with probability p, else 0.
func (w *reviewWriter) index(p float64) int {
	if w.Float64() < p {
		return 1
	}
	return 0
}

// sentence writes a clause or a statement of taste, without what follows it.
func (w *reviewWriter) sentence() {
	if w.Float64() < clauseRate {
		w.nounPhrase()
		w.put(uniform(w.Rand, w.words.copulas))
		w.predicate()
		return
	}
	w.put(uniform(w.Rand, w.words.pronouns))
	verbs := w.words.blame
	if w.Float64() < w.positive {
		verbs = w.words.praise
	}
	w.put(uniform(w.Rand, verbs))
	w.nounPhrase()
}

func (w *reviewWriter) nounPhrase() {
	w.put(uniform(w.Rand, w.words.determiners))
	w.put(w.words.nouns[pick(w.Rand, w.genre.nouns)])
}

// predicate writes an adjective, whose polarity is inverted after "not" so that
// the meaning keeps the review's sentiment.
func (w *reviewWriter) predicate() {
	not := w.Float64() < notRate
	if not {
		w.put(w.words.not[0])
	} else if w.Float64() < intensifierRate {
		w.put(uniform(w.Rand, w.words.intensifiers))
	}
	if w.Float64() < neutralRate {
		w.put(w.words.neutral[pick(w.Rand, w.genre.neutralities)])
		return
	}
	if positive := w.Float64() < w.positive; positive != not {
		w.put(w.words.positive[pick(w.Rand, w.genre.positives)])
	} else {
		w.put(w.words.negative[pick(w.Rand, w.genre.negatives)])
	}
}
