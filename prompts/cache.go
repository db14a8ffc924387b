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
	if text, known := r.known.get(key); known {
		return text, nil
	}
	r.entry = true
	text, err := r.execute(template, e)
	r.entry = false
	if err != nil {
		return "", err
	}
	if len(text) <= maxTemplate {
		r.known.put(key, text)
	}
	return r.result(text)
}

// cache remembers the texts of entries, since most of a history is that of the prompt
// before: rendering it all again took longer than all else that a prompt does.
type cache struct {
	mu    sync.Mutex
	texts map[cacheKey]string
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

func (c *cache) get(key cacheKey) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, ok := c.texts[key]
	return text, ok
}

func (c *cache) put(key cacheKey, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.texts == nil || len(c.texts) >= maxTexts {
		c.texts = map[cacheKey]string{}
	}
	c.texts[key] = text
}
