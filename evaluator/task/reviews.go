package task

import (
	"math/rand/v2"
	"slices"
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
// from .40 to .53; with this one it is close to .50.
const genreDraw = 9

// sentimentMix is the mean share of positive, negative and mixed reviews.
var sentimentMix = []float64{.35, .4, .25}

// reviewWords are the word classes of the review grammar.
type reviewWords struct {
	positive, negative, neutral        []Token // adjectives
	nouns, praise, blame               []Token
	copulas, determiners, intensifiers []Token
	not, pronouns, conjunctions        []Token
	statement, exclamation, end        []Token
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
	w := reviewWords{
		positive:     l.class("great superb lovely brilliant moving fun charming solid", 1, 1),
		negative:     l.class("awful boring dull weak terrible silly clumsy flat", -1, 1),
		neutral:      l.class("long recent loud short", 0, 1),
		nouns:        l.class("film movie plot cast acting script ending score", 0, 1),
		praise:       l.class("loved enjoyed admired", 1, 1),
		blame:        l.class("hated regretted disliked", -1, 1),
		copulas:      l.class("was is felt seemed", 0, 1),
		determiners:  l.class("the this its", 0, 1),
		intensifiers: l.class("very really so", 0, 2),
		not:          l.class("not", 0, -1),
		pronouns:     l.class("i we", 0, 1),
		conjunctions: l.class("and but because", 0, 1),
		statement:    l.class(".", 0, 1),
		exclamation:  l.class("!", 0, 1),
		end:          l.class("<end>", 0, 1),
	}
	l.Opinions = slices.Concat(w.positive, w.negative, w.neutral, w.nouns)
	l.Style = w.exclamation[0]
	l.StyleSwap = l.swap(w.statement, w.exclamation)
	l.SentimentSwap = l.swap(slices.Concat(w.positive, w.praise), slices.Concat(w.negative, w.blame))
	return l, w
}

func newReviewGenre(r *rand.Rand, w *reviewWords) reviewGenre {
	return reviewGenre{
		mix:          dirichlet(r, scaled(sentimentMix, mixStrength)),
		nouns:        dirichlet(r, repeated(nounAlpha, len(w.nouns))),
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
	w := reviewWriter{writer: writer{Rand: r}, words: &g.words, genre: &g.genres[genre]}
	w.positive = [...]float64{sincereRate, 1 - sincereRate, .5}[pick(r, w.genre.mix)]
	for len(w.tokens) < limit {
		w.sentence()
		if w.chance(joinRate) {
			w.put(uniform(r, w.words.conjunctions))
			continue
		}
		if w.chance(exclaimRate) {
			w.put(w.words.exclamation[0])
		} else {
			w.put(w.words.statement[0])
		}
		if w.chance(endRate) {
			w.put(w.words.end[0])
			break
		}
	}
	return Review{Genre: genre, Tokens: w.tokens[:min(len(w.tokens), limit)]}
}

// reviewWriter is a review being written.
type reviewWriter struct {
	writer
	words    *reviewWords
	genre    *reviewGenre
	positive float64 // probability that a sentiment is positive
}

// sentence writes a clause or a statement of taste, without what follows it.
func (w *reviewWriter) sentence() {
	if w.chance(clauseRate) {
		w.nounPhrase()
		w.put(uniform(w.Rand, w.words.copulas))
		w.predicate()
		return
	}
	w.put(uniform(w.Rand, w.words.pronouns))
	verbs := w.words.blame
	if w.chance(w.positive) {
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
	not := w.chance(notRate)
	if not {
		w.put(w.words.not[0])
	} else if w.chance(intensifierRate) {
		w.put(uniform(w.Rand, w.words.intensifiers))
	}
	if w.chance(neutralRate) {
		w.put(w.words.neutral[pick(w.Rand, w.genre.neutralities)])
		return
	}
	if positive := w.chance(w.positive); positive != not {
		w.put(w.words.positive[pick(w.Rand, w.genre.positives)])
	} else {
		w.put(w.words.negative[pick(w.Rand, w.genre.negatives)])
	}
}
