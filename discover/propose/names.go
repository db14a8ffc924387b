package propose

import "strings"

// suffixes are what offspring append to a parent's name; a grandchild replaces
// them, so that names do not grow.
func suffixes() map[string]bool {
	out := map[string]bool{"far": true, "cross": true, "blend": true, "average": true, "simple": true}
	for _, m := range mutations {
		out[m.value.suffix] = true
	}
	return out
}

// stem returns a name without the suffixes and numbers of earlier edits.
func stem(name string) string {
	known := suffixes()
	words := strings.Split(name, "_")
	for len(words) > 1 {
		last := words[len(words)-1]
		if !known[last] && strings.Trim(last, "0123456789") != "" {
			break
		}
		words = words[:len(words)-1]
	}
	return strings.Join(words, "_")
}

// firstWord returns what stands for a parent in the name of a combination.
func firstWord(name string) string {
	word, _, _ := strings.Cut(name, "_")
	return word
}
