package prompts

import (
	"bytes"
	"strings"
	"sync"
)

// text is what a template says of an entry.
func (s *Set) text(template string, e Entry) (string, error) {
	key := keyOf(template, e)
	if text, known := s.known.get(key); known {
		return text, nil
	}
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, template, e); err != nil {
		return "", err
	}
	s.known.put(key, b.String())
	return b.String(), nil
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
