package prompts

import (
	"errors"
	"strings"
	"sync"
)

// text is what a template says of an entry. It is nothing that such a template can
// ask for.
func (r *rendering) text(template string, e Entry) (string, error) {
	if r.entry {
		return "", errors.New("it is called for what an entry says of an entry")
	}
	key := keyOf(template, e)
	if said, known := r.known.get(key); known {
		return said.text, errors.Join(r.step(said.steps), r.make(said.made))
	}
	steps, made := r.steps, r.made
	r.entry = true
	text, err := r.execute(template, e)
	r.entry = false
	if err == nil {
		text, err = r.result(text)
	}
	if err != nil {
		return "", err
	}
	if len(text) <= maxTemplate {
		r.known.put(key, saying{text, steps - r.steps, made - r.made})
	}
	return text, nil
}

// saying is a text and what its rendering was counted as: it counts again when the text
// is used again, so that what a rendering may do does not depend on those before it.
type saying struct {
	text        string
	steps, made int
}

// cache remembers the texts of entries, since most of a history is that of the prompt
// before: rendering it all again took longer than all else that a prompt does.
type cache struct {
	mu    sync.Mutex
	texts map[cacheKey]saying
}

// cacheKey is all that a template can say of an entry.
type cacheKey struct {
	template, id, name, origin, thought, code, verdict string
	facts, nearest, stage, reason, hint                string
	fitness                                            float64
	ci95                                               [2]float64
}

func keyOf(template string, e Entry) cacheKey {
	return cacheKey{
		template, e.ID, e.Name, e.Origin, e.Thought, e.Code, e.Verdict,
		strings.Join(e.Facts, "\n"), e.Nearest, e.Stage, e.Reason, e.Hint, e.Fitness, e.CI95,
	}
}

// maxTexts bounds the cache; a full one is emptied.
const maxTexts = 1024

func (c *cache) get(key cacheKey) (saying, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	said, ok := c.texts[key]
	return said, ok
}

func (c *cache) put(key cacheKey, said saying) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.texts == nil || len(c.texts) >= maxTexts {
		c.texts = map[cacheKey]saying{}
	}
	c.texts[key] = said
}
