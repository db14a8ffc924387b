package prompts

import (
	"slices"
	"strings"
	"sync"
)

// rejectedShare is the part of the history's tokens that rejections may take.
const rejectedShare = 0.2

// choose returns in with the part of the history that fits HistoryTokens, and the
// tokens that this part takes up: the parents always, then the latest rejections up to their share, then, of the
// scored entries, three of the best to one of the worst, so that the model also
// sees what fails. Scored is then from worst to best.
func (s *Set) choose(in Input) (Input, int, error) {
	rejected, err := s.costs("rejected.tmpl", in.Rejected)
	if err != nil {
		return in, 0, err
	}
	scored, err := s.costs("entry.tmpl", in.Scored)
	if err != nil {
		return in, 0, err
	}
	left := in.HistoryTokens
	shown := make([]bool, len(in.Scored))
	for i, e := range in.Scored {
		if slices.Contains(in.Parents, e.ID) {
			shown[i] = true
			left -= scored[i]
		}
	}
	share := min(left, int(rejectedShare*float64(in.HistoryTokens)))
	in.Rejected, left = fitting(in.Rejected, rejected, share, left)
	for _, i := range byInterest(len(in.Scored)) {
		if !shown[i] && scored[i] <= left {
			shown[i] = true
			left -= scored[i]
		}
	}
	in.Scored = worstFirst(in.Scored, shown)
	return in, in.HistoryTokens - left, nil
}

// fitting returns the entries that fit a share of the tokens, and what is left
// of all of them.
func fitting(entries []Entry, costs []int, share, left int) ([]Entry, int) {
	var out []Entry
	for i, e := range entries {
		if costs[i] <= share {
			out = append(out, e)
			share -= costs[i]
			left -= costs[i]
		}
	}
	return out, left
}

// byInterest orders the indices of a ranking: three from the top, one from the
// bottom, and so on.
func byInterest(n int) []int {
	var order []int
	for top, bottom := 0, n-1; top <= bottom; {
		if len(order)%4 == 3 {
			order = append(order, bottom)
			bottom--
		} else {
			order = append(order, top)
			top++
		}
	}
	return order
}

func worstFirst(entries []Entry, shown []bool) []Entry {
	var out []Entry
	for i, e := range slices.Backward(entries) {
		if shown[i] {
			out = append(out, e)
		}
	}
	return out
}

// costs returns the tokens that each entry takes up, rather too many: three
// bytes to a token.
func (s *Set) costs(name string, entries []Entry) ([]int, error) {
	out := make([]int, len(entries))
	for i, e := range entries {
		key := costKeyOf(name, e)
		if cost, known := s.known.get(key); known {
			out[i] = cost
			continue
		}
		text, err := s.execute(name, e)
		if err != nil {
			return nil, err
		}
		out[i] = (len(text) + 2) / 3
		s.known.put(key, out[i])
	}
	return out, nil
}

// costCache remembers the costs of entries, since most of a history is that of the prompt
// before: rendering them all to see how long they are took longer than all else
// that the search does for a candidate.
type costCache struct {
	mu    sync.Mutex
	costs map[costKey]int
}

// costKey is all that a template can say of an entry.
type costKey struct {
	template, id, name, origin, thought, code, verdict string
	facts, nearest, stage, reason, hint                string
	fitness                                            float64
	ci95                                               [2]float64
}

func costKeyOf(template string, e Entry) costKey {
	return costKey{
		template, e.ID, e.Name, e.Origin, e.Thought, e.Code, e.Verdict,
		strings.Join(e.Facts, "\n"), e.Nearest, e.Stage, e.Reason, e.Hint, e.Fitness, e.CI95,
	}
}

// maxCosts bounds the cache; a full one is emptied.
const maxCosts = 1024

func (c *costCache) get(key costKey) (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cost, ok := c.costs[key]
	return cost, ok
}

func (c *costCache) put(key costKey, cost int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.costs == nil || len(c.costs) >= maxCosts {
		c.costs = map[costKey]int{}
	}
	c.costs[key] = cost
}
