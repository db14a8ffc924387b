package task

import (
	"fmt"
	"slices"
)

// Text holds the parameters of a task over a synthetic language. A value and a
// seed determine corpus, queries and labels.
type Text struct {
	Grammar   string  `json:"grammar"`    // "reviews" or "support"
	Corpus    int     `json:"corpus"`     // reviews that the reference is fitted to
	NewTokens int     `json:"new_tokens"` // length of a completion
	Pairs     int     `json:"pairs"`
	Queries   int     `json:"queries"`          // fresh reviews whose beginnings are the test queries
	Scale     float64 `json:"scale"`            // reward = sigmoid(scale × score)
	Linear    bool    `json:"linear,omitempty"` // reward = the place of the score between its limits, instead
	Kappa     float64 `json:"kappa"`            // P(first is chosen) = sigmoid(kappa × scale × Δscore + style × Δstyle words)
	Style     float64 `json:"style,omitempty"`
	Flip      float64 `json:"flip,omitempty"`  // share of labels inverted
	Taste     bool    `json:"taste,omitempty"` // each seed is a user with other polarities
	// Genres of the pairs' and of the test queries; empty: all.
	TrainGenres []int `json:"train_genres,omitempty"`
	TestGenres  []int `json:"test_genres,omitempty"`
}

// WeightedQuery is a query and its probability.
type WeightedQuery struct {
	Query
	Weight float64
}

// grammar returns the grammar of the task.
func (t *Text) grammar() (Grammar, error) {
	switch t.Grammar {
	case "reviews":
		return Reviews(), nil
	case "support":
		return Support(), nil
	}
	return nil, fmt.Errorf("unknown grammar %q", t.Grammar)
}

// limit returns the length of a review: query and completion.
func (t *Text) limit() int { return t.NewTokens + 2 }

// World is a task drawn for a seed. It is immutable and safe for concurrent use.
type World struct {
	*Text
	Seed     uint64
	Language *Language
	Reviews  []Review        // the corpus
	Tests    []WeightedQuery // the empirical distribution of the beginnings of fresh reviews, the same for all seeds
	queries  []Query         // beginnings of the reviews of the corpus whose genre is trained on
}

// Draw draws the task of a seed.
func (t *Text) Draw(seed uint64) (*World, error) {
	g, err := t.grammar()
	if err != nil {
		return nil, err
	}
	w := &World{Text: t, Seed: seed, Language: g.Language()}
	if t.Taste {
		w.Language = w.Language.withTaste(Stream(seed, "taste"))
	}
	w.Reviews = corpus(g, Stream(seed, "corpus"), t.Corpus, t.limit())
	for _, review := range w.Reviews {
		if among(review.Genre, t.TrainGenres) {
			w.queries = append(w.queries, review.Query())
		}
	}
	w.Tests = t.testQueries(corpus(g, Stream(fixed, "test queries"), t.Queries, t.limit()))
	return w, nil
}

// among reports whether a set holds a genre; the empty set holds all.
func among(genre int, set []int) bool { return len(set) == 0 || slices.Contains(set, genre) }

// testQueries returns the distribution of the beginnings of reviews.
func (t *Text) testQueries(reviews []Review) []WeightedQuery {
	index := map[Query]int{}
	var queries []WeightedQuery
	total := 0.
	for _, review := range reviews {
		if !among(review.Genre, t.TestGenres) {
			continue
		}
		q := review.Query()
		i, seen := index[q]
		if !seen {
			i = len(queries)
			index[q] = i
			queries = append(queries, WeightedQuery{Query: q})
		}
		queries[i].Weight++
		total++
	}
	for i := range queries {
		queries[i].Weight /= total
	}
	return queries
}

// Reward returns the true reward of a text with the given final score.
func (w *World) Reward(score int) float64 {
	if w.Linear {
		return .5 + .5*float64(score)/float64(w.Language.Limit)
	}
	return sigmoid(w.Scale * float64(score))
}
