package prompts

import (
	"slices"
	"strings"
)

// rejectedShare is the part of the history's tokens that rejections may take.
const rejectedShare = 0.2

// choose returns in with the part of the history that fits HistoryTokens, and the
// tokens that this part takes up: the parents always, then the latest rejections up
// to their share, then, of the scored entries, three of the best to one of the worst,
// so that the model also sees what fails. Scored is then from worst to best.
func (r *rendering) choose(in Input) (chosen Input, tokens int, err error) {
	rejected, err := r.costs("rejected.tmpl", in.Rejected)
	if err != nil {
		return in, 0, err
	}
	scored, err := r.costs("entry.tmpl", in.Scored)
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
	out := make([]Entry, 0, len(entries))
	for i, e := range slices.Backward(entries) {
		if shown[i] {
			out = append(out, e)
		}
	}
	return out
}

// costs returns the tokens that each entry takes up, a line break included, rather
// too many: three bytes to a token.
func (r *rendering) costs(name string, entries []Entry) ([]int, error) {
	out := make([]int, len(entries))
	for i, e := range entries {
		text, err := r.text(name, e)
		if err != nil {
			return nil, err
		}
		out[i] = (len(strings.TrimSpace(text)) + 3) / 3
	}
	return out, nil
}
