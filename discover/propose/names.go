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

// maxStem is the length in bytes that an offspring takes over of a name, if the
// name has words to drop.
const maxStem = 40

// stem returns a name without the suffixes and numbers of earlier edits.
func stem(name string) string {
	known := suffixes()
	words := strings.Split(name, "_")
	for len(words) > 1 {
		last := words[len(words)-1]
		edited := known[last] || strings.Trim(last, "0123456789") == ""
		if !edited && len(strings.Join(words, "_")) <= maxStem {
			break
		}
		words = words[:len(words)-1]
	}
	return strings.Join(words, "_")
}

// joint returns the stem of a combination: the first words of both names, once
// if they are alike.
func joint(a, b string) string {
	a, _, _ = strings.Cut(a, "_")
	b, _, _ = strings.Cut(b, "_")
	if a == b {
		return a
	}
	return a + "_" + b
}
