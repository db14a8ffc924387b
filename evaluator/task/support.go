package task

import (
	"math/rand/v2"
	"slices"
	"sync"
)

// Probabilities of the support grammar.
const (
	courtesyRate   = .2 // a courtesy, or its opposite, before a clause
	adverbRate     = .45
	plainRate      = .3  // verbs that neither help nor harm
	kindRate       = .8  // words that agree with the mood of a reply
	timeRate       = .3  // at the end of a clause
	connectorRate  = .3  // a connector follows, else punctuation
	questionRate   = .15 // punctuation
	supportEndRate = .2  // after punctuation
	verbZipf       = 1
	objectAlpha    = .6
	agentAlpha     = 2
)

// adverbShares are the shares of the adverbs, in the order of the words.
var adverbShares = []float64{.25, .2, .2, .2, .15}

// moodMix is the mean share of helpful, unhelpful and mixed replies.
var moodMix = []float64{.3, .4, .3}

// supportWords are the word classes of the support grammar.
type supportWords struct {
	kind, unkind, plain      []Token // verbs
	adverbs, never           []Token
	agents, determiners      []Token
	objects                  []Token
	courtesies, rudenesses   []Token
	times, connectors        []Token
	statement, question, end []Token
}

// supportTopic is what distinguishes the replies of one genre.
type supportTopic struct {
	mix             []float64 // helpful, unhelpful, mixed
	agents, objects []float64
	kind, unkind    []float64 // weights of the verbs
}

// supportGrammar writes replies to customers: who did what, already, never or
// probably, to what of theirs. It is held out: other words, other genres, other
// pairs of neighbours and other scores than the reviews have.
type supportGrammar struct {
	language *Language
	words    supportWords
	topics   []supportTopic
}

// Support returns the grammar of the held-out task: 50 words, 3 genres.
var Support = sync.OnceValue(func() Grammar {
	g := &supportGrammar{}
	g.language, g.words = supportLanguage()
	r := Stream(fixed, "support topics")
	for range g.language.Genres {
		g.topics = append(g.topics, newSupportTopic(r, &g.words))
	}
	return g
})

// supportLanguage lists the words of all classes, the end last.
func supportLanguage() (*Language, supportWords) {
	l := &Language{Genres: 3, Limit: 10}
	join := func(classes ...[]Token) []Token { return slices.Concat(classes...) }
	w := supportWords{
		kind:        join(l.class("fixed replaced resolved delivered", 1, 1), l.class("refunded upgraded", 2, 1)),
		unkind:      join(l.class("delayed lost ignored", -1, 1), l.class("refused charged", -2, 1)),
		plain:       l.class("checked received updated opened", 0, 1),
		adverbs:     join(l.class("already", 0, 2), l.class("probably", 0, 0), l.class("finally also", 0, 1)),
		never:       l.class("never", 0, -1),
		agents:      l.class("we they i someone", 0, 1),
		determiners: l.class("your the that", 0, 1),
		objects:     l.class("order parcel invoice account payment ticket password item", 0, 1),
		courtesies:  l.class("sorry thanks please", 1, 1),
		rudenesses:  l.class("whatever obviously", -1, 1),
		times:       l.class("today yesterday soon now", 0, 1),
		connectors:  l.class("and so then", 0, 1),
		statement:   l.class(".", 0, 1),
		question:    l.class("?", 0, 1),
		end:         l.class("<end>", 0, 1),
	}
	w.adverbs = join(w.adverbs, w.never)
	l.Opinions = join(w.kind, w.unkind, w.plain, w.objects)
	l.Style = w.question[0]
	l.StyleSwap = l.swap(w.statement, w.question)
	l.SentimentSwap = l.swap(join(w.kind[:3], w.kind[4:], w.courtesies[:2]), join(w.unkind, w.rudenesses))
	return l, w
}

func newSupportTopic(r *rand.Rand, w *supportWords) supportTopic {
	return supportTopic{
		mix:     dirichlet(r, scaled(moodMix, mixStrength)),
		agents:  dirichlet(r, repeated(agentAlpha, len(w.agents))),
		objects: dirichlet(r, repeated(objectAlpha, len(w.objects))),
		kind:    zipf(r, len(w.kind), verbZipf),
		unkind:  zipf(r, len(w.unkind), verbZipf),
	}
}

// Language returns the vocabulary with its scores.
func (g *supportGrammar) Language() *Language { return g.language }

// Write draws a reply: a topic, a latent mood, then clauses.
func (g *supportGrammar) Write(r *rand.Rand, limit int) Review {
	topic := r.IntN(len(g.topics))
	w := supportWriter{writer: writer{Rand: r}, words: &g.words, topic: &g.topics[topic]}
	w.kind = [...]float64{kindRate, 1 - kindRate, .5}[pick(r, w.topic.mix)]
	for len(w.tokens) < limit {
		w.clause()
		if w.chance(connectorRate) {
			w.put(uniform(r, w.words.connectors))
			continue
		}
		if w.chance(questionRate) {
			w.put(w.words.question[0])
		} else {
			w.put(w.words.statement[0])
		}
		if w.chance(supportEndRate) {
			w.put(w.words.end[0])
			break
		}
	}
	return Review{Genre: topic, Tokens: w.tokens[:min(len(w.tokens), limit)]}
}

// supportWriter is a reply being written.
type supportWriter struct {
	writer
	words *supportWords
	topic *supportTopic
	kind  float64 // probability that a word is kind
}

// clause writes who did what to what, without what follows it.
func (w *supportWriter) clause() {
	if w.chance(courtesyRate) {
		if w.chance(w.kind) {
			w.put(uniform(w.Rand, w.words.courtesies))
		} else {
			w.put(uniform(w.Rand, w.words.rudenesses))
		}
	}
	w.put(w.words.agents[pick(w.Rand, w.topic.agents)])
	never := false
	if w.chance(adverbRate) {
		adverb := w.words.adverbs[pick(w.Rand, adverbShares)]
		never = adverb == w.words.never[0]
		w.put(adverb)
	}
	w.verb(never)
	w.put(uniform(w.Rand, w.words.determiners))
	w.put(w.words.objects[pick(w.Rand, w.topic.objects)])
	if w.chance(timeRate) {
		w.put(uniform(w.Rand, w.words.times))
	}
}

// verb writes a verb, whose polarity is inverted after "never" so that the
// meaning keeps the mood.
func (w *supportWriter) verb(never bool) {
	if w.chance(plainRate) {
		w.put(uniform(w.Rand, w.words.plain))
		return
	}
	if kind := w.chance(w.kind); kind != never {
		w.put(w.words.kind[pick(w.Rand, w.topic.kind)])
	} else {
		w.put(w.words.unkind[pick(w.Rand, w.topic.unkind)])
	}
}
