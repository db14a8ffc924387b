package propose

import "slices"

const (
	// level is how many prompts have to come to the highest count for it to be one that
	// they were cut off to. By chance as many do in about one search of a thousand.
	level = 4
	// differing is the least by which their characters per token differ then: prompts of
	// one length have one count.
	differing = 1.01
)

// plateau returns the count, if there is one, that longer and longer prompts do not
// exceed: a server that reads all there is counts more of a longer one. Of the lessons
// given each has a count and a ratio.
func plateau(lessons []lesson) (tokens int, found bool) {
	for _, l := range lessons {
		tokens = max(tokens, l.tokens)
	}
	var ratios []float64
	for _, l := range lessons {
		if tokens-l.tokens <= sameCount {
			ratios = append(ratios, l.ratio)
		}
	}
	return tokens, len(ratios) >= level && slices.Max(ratios) >= differing*slices.Min(ratios)
}
