package propose

import (
	"cmp"
	"slices"
	"strconv"
	"sync"
)

// A server may cut off a prompt that is longer than the model's context and answer
// what is left of it with status 200, as Ollama does: it keeps the whole context's
// worth or half of it, and its count of the prompt's tokens says so. A reply whose
// count is far below what the prompt must have is taken for such a one, and so is one
// whose count other prompts do not exceed, however long they are (plateau).
const (
	// mostChars is more characters to a token than prompts like ours have: four
	// tokenizers of OpenAI's make 3.2 to 3.8 of them.
	mostChars = 4.5
	// readShare is the least that a server counts of a prompt that it has read whole, as
	// a share of the tokens that the prompt must have by the model's usual characters per
	// token. Over prompts of any length that ratio varies by 4 %.
	readShare = .8
	// leastContext is the fewest tokens that a prompt is cut off to. A lower count is
	// one of something else, for instance of what was not in the server's cache.
	leastContext = 1024
	// sameCount is the most by which the counts of prompts differ that are cut off to
	// the same length.
	sameCount = 2
	// remembered is the number of candidates for which an overflow is remembered. After
	// them a server may show again how much it reads.
	remembered = 50
	// deafLimit is the number of replies that cannot be read, to prompts that were cut
	// off however short, after which there is no point in going on.
	deafLimit = 4
)

// lesson is what one reply says about its model's context.
type lesson struct {
	model      string
	ratio      float64 // characters per token; 0: not known
	tokens     int     // that the server counted; 0: not known
	overflowed int     // characters of the shortest prompt that overflowed; 0: none did
	cuts       []int   // tokens that prompts were cut off to
	deaf       bool    // a first prompt was cut off, however short
	readable   bool    // there is an answer in the reply
}

// lessonOf reads the records of a turn that is over. Repairs that were cut off however
// short teach nothing of other prompts: they quote what they are about.
func lessonOf(records []Record, turn int) lesson {
	r := records[len(records)-1]
	l := lesson{model: r.Model, overflowed: r.Overflowed, cuts: cutsOf(records, r.Model), deaf: r.Cut && turn == 0}
	if r.counted() {
		l.tokens = r.Usage.InputTokens
		if !r.Cut {
			l.ratio = float64(r.PromptChars) / float64(l.tokens)
		}
	}
	l.readable = r.readable()
	return l
}

// contexts remembers lessons by candidate. They follow from the journal and are
// kept only to be had again quickly.
type contexts struct {
	mu      sync.Mutex
	lessons map[int][]lesson
}

// learnt is what the run knows of a model's context when a candidate is made.
type learnt struct {
	ratio float64 // characters per token
	most  int     // tokens of the longest prompt that the server has counted
	over  int     // characters of the shortest prompt that overflowed; 0: none did
	asked int     // the same, of this candidate's turn
	cuts  []int   // tokens that prompts were cut off to
	deaf  int     // prompts that were cut off, however short
	read  bool    // one of the replies to them could be read
}

// learnt returns what candidates up to req.Applied, and those alone, have taught.
func (p *LLM) learnt(req Request, model string) (learnt, error) {
	k := learnt{ratio: mostChars}
	if p.Journal == nil {
		return k, nil
	}
	p.contexts.mu.Lock()
	defer p.contexts.mu.Unlock()
	var uncut []lesson
	for id := max(1, req.Applied-remembered+1); id <= req.Applied; id++ {
		lessons, err := p.lessons(id)
		if err != nil {
			return k, err
		}
		for _, l := range lessons {
			if l.model != model {
				continue
			}
			if k.learn(l); l.ratio > 0 {
				uncut = append(uncut, l)
			}
		}
	}
	if tokens, found := plateau(uncut); found {
		k.cuts = append(k.cuts, tokens)
	}
	if len(uncut) > 0 {
		slices.SortFunc(uncut, func(a, b lesson) int { return cmp.Compare(a.ratio, b.ratio) })
		k.ratio = min(mostChars, uncut[len(uncut)/2].ratio)
	}
	return k, nil
}

// learn takes in a lesson, but for its ratio.
func (k *learnt) learn(l lesson) {
	k.most = max(k.most, l.tokens)
	k.cuts = append(k.cuts, l.cuts...)
	if l.deaf {
		k.deaf++
		k.read = k.read || l.readable
	} else {
		k.overflow(l.overflowed)
	}
}

// overflow takes in that a prompt of so many characters overflowed, if it is not 0.
func (k *learnt) overflow(chars int) {
	if chars > 0 && (k.over == 0 || chars < k.over) {
		k.over = chars
	}
}

// after is what is known when a turn with these records goes on.
func (k learnt) after(records []Record, model string) learnt {
	if n := len(records); n > 0 && records[n-1].Model == model {
		k.asked = records[n-1].Overflowed
		k.overflow(k.asked)
	}
	k.cuts = append(k.cuts, cutsOf(records, model)...)
	return k
}

// lessons returns those of an applied candidate; p.contexts.mu is held.
func (p *LLM) lessons(id int) ([]lesson, error) {
	c := &p.contexts
	if found, ok := c.lessons[id]; ok {
		return found, nil
	}
	turns, _, err := p.turns(strconv.Itoa(id))
	if err != nil {
		return nil, err
	}
	var found []lesson
	for turn, records := range turns {
		if n := len(records); n > 0 && !records[n-1].Again {
			found = append(found, lessonOf(records, turn))
		}
	}
	if c.lessons == nil || len(c.lessons) > 4*remembered {
		c.lessons = map[int][]lesson{}
	}
	c.lessons[id] = found
	return found, nil
}

// estimate is about how many tokens a prompt has.
func (k *learnt) estimate(chars int) int { return int(float64(chars) / k.ratio) }

// cut reports whether the server read only part of the prompt: it counts what it
// counted of others that were cut off, or far too little. A prompt no longer than one
// that was read fits, and what is cut off is at least half as long as the longest that
// fits: a lower count is one of something else.
func (k *learnt) cut(r Record) bool {
	read, whole := r.Usage.InputTokens, k.estimate(r.PromptChars)
	switch {
	case !r.counted():
		return false
	case slices.ContainsFunc(k.cuts, func(n int) bool { return max(n-read, read-n) <= sameCount }):
		return true
	case whole <= k.most, 2*read < k.most:
		return false
	}
	return float64(read) < readShare*float64(whole)
}

// hopeless reports whether there is no point in going on: prompts are cut off, however
// short, and none of the replies can be read.
func (k *learnt) hopeless(r Record) bool {
	return r.Cut && k.deaf >= deafLimit && !k.read && !r.readable()
}
