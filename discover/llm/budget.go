package llm

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
)

// Usage is what calls have cost.
type Usage struct {
	Calls        int   `json:"calls"`
	InputTokens  int   `json:"input_tokens"`
	OutputTokens int   `json:"output_tokens"` // reasoning included
	NanoUSD      int64 `json:"nano_usd"`      // 1e-9 US dollars
	// Priced is the number of the calls whose model has a price, which may be 0.
	Priced int `json:"priced,omitempty"`
}

// Plus returns the sum.
func (u Usage) Plus(v Usage) Usage {
	return Usage{u.Calls + v.Calls, u.InputTokens + v.InputTokens, u.OutputTokens + v.OutputTokens, u.NanoUSD + v.NanoUSD, u.Priced + v.Priced}
}

func (u Usage) tokens() int { return u.InputTokens + u.OutputTokens }

func (u Usage) minus(v Usage) Usage {
	return Usage{u.Calls - v.Calls, u.InputTokens - v.InputTokens, u.OutputTokens - v.OutputTokens, u.NanoUSD - v.NanoUSD, u.Priced - v.Priced}
}

// Limits bound the usage of a whole run. A zero is no limit.
type Limits struct {
	Calls  int     // answered calls
	Tokens int     // input and output together
	USD    float64 // US dollars
}

// Budget counts usage against limits, calls in flight included at the most that
// they can cost. What a server charges for a request that it never answered is
// not known here and not counted. A Budget is safe for concurrent use.
type Budget struct {
	limits Limits
	prices Prices

	mu      sync.Mutex
	spent   Usage
	held    Usage          // by calls in flight
	settled chan struct{}  // closed and replaced when a call in flight ends
	longest map[string]int // tokens of the longest reply, by model
}

// NewBudget returns a budget of which spent is used up already, by earlier
// sittings of the run.
func NewBudget(limits Limits, prices Prices, spent Usage) *Budget {
	return &Budget{limits: limits, prices: prices, spent: spent, settled: make(chan struct{}), longest: map[string]int{}}
}

// BudgetError says that a call does not fit into what is left.
type BudgetError struct {
	Limit string // the flag: "--max-calls", "--max-tokens" or "--max-usd"
	Spent Usage
	Value string // of the limit
	Call  Usage  // what the call may cost, with the shortest reply worth paying for
}

// Error names the limit and what was spent, in dollars too where a price is known.
func (e *BudgetError) Error() string {
	text := fmt.Sprintf("%s %s has no room for another call after %d calls, %d tokens", e.Limit, e.Value, e.Spent.Calls, e.Spent.tokens())
	if e.Spent.NanoUSD > 0 {
		text += fmt.Sprintf(", $%.4f", float64(e.Spent.NanoUSD)/1e9)
	}
	return text
}

// Enough returns the least value of the limit, dollars rounded up, that has room for
// the call once so much is spent.
func (e *BudgetError) Enough(spent Usage) string {
	all := spent.Plus(e.Call)
	switch e.Limit {
	case "--max-calls":
		return fmt.Sprint(all.Calls)
	case "--max-tokens":
		return fmt.Sprint(all.tokens())
	}
	const step = 100_000 // nano-dollars to the last digit that is printed
	return fmt.Sprintf("%.4f", float64(all.NanoUSD/step+1)*step/1e9)
}

// Check returns an *Error of kind UnknownPrice if there is a dollar limit and some of
// the models have no price.
func (b *Budget) Check(models ...string) error {
	priced := func(model string) bool { _, known := b.prices.Lookup(model); return known }
	if unpriced := slices.DeleteFunc(slices.Clone(models), priced); b.limits.USD > 0 && len(unpriced) > 0 {
		return noPrice(unpriced...)
	}
	return nil
}

// Spent returns the usage so far, without calls in flight.
func (b *Budget) Spent() Usage {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.spent
}

// bounds reports whether the length of the model's replies decides when the budget
// is spent.
func (b *Budget) bounds(model string) bool {
	price, _ := b.prices.Lookup(model)
	return b.limits.Tokens > 0 || b.limits.USD > 0 && price.Output > 0
}

// hold is the part of a budget that a call in flight may use.
type hold struct {
	budget *Budget
	model  string
	price  Price
	priced bool  // the price is known
	usage  Usage // at most
	output int   // tokens that the reply may have
	open   bool  // not settled
}

// minOutput is the shortest reply worth paying for, in tokens.
const minOutput = 1024

// reserve sets aside what a call may cost at most. If only calls in flight stand
// in the way, it waits for them. If the rest of the budget is too small for the
// wanted output but large enough for a useful one, the hold has less.
//
// Some servers do not keep to the length that a reply may have. So where length
// costs, a model's first reply is waited for before there is another call, and
// once one was too long, later ones are taken to be as long.
func (b *Budget) reserve(ctx context.Context, model string, input, output int) (*hold, error) {
	if err := b.Check(model); err != nil {
		return nil, err
	}
	h := &hold{budget: b, model: model, output: output}
	h.price, h.priced = b.prices.Lookup(model)
	h.usage.InputTokens = input
	return h, b.wait(ctx, h, min(output, minOutput))
}

// renew reserves the same again, if the hold was settled.
func (h *hold) renew(ctx context.Context) error {
	if h.open {
		return nil
	}
	return h.budget.wait(ctx, h, h.output)
}

// wait opens a hold with h.output tokens of output, or fewer but at least least.
func (b *Budget) wait(ctx context.Context, h *hold, least int) error {
	for {
		settled, err := b.try(h, least)
		if settled == nil {
			return err
		}
		select {
		case <-settled:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// try is one attempt at wait; a channel means: try again when it is closed.
func (b *Budget) try(h *hold, least int) (<-chan struct{}, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	longest, known := b.longest[h.model]
	most := h.output
	if longest > most {
		most, least = longest, longest
	}
	room, limit := b.room(h.price, h.usage.InputTokens)
	if b.held.Calls > 0 && (room < most || !known && b.bounds(h.model)) {
		return b.settled, nil
	}
	if room < least {
		limit.Call = h.with(least)
		return nil, limit
	}
	most = min(most, room)
	h.output = min(h.output, most)
	h.usage = h.with(most)
	b.held, h.open = b.held.Plus(h.usage), true
	return nil, nil
}

// with returns what the call uses if its reply has so many tokens.
func (h *hold) with(output int) Usage {
	input := h.usage.InputTokens
	u := Usage{Calls: 1, InputTokens: input, OutputTokens: output, NanoUSD: h.price.nanoUSD(input, output)}
	if h.priced {
		u.Priced = 1
	}
	return u
}

// room returns how many tokens of output one more call may have, and the limit
// that decides it.
func (b *Budget) room(price Price, input int) (int, *BudgetError) {
	used, room := b.spent.Plus(b.held), math.MaxInt
	limit := &BudgetError{Spent: b.spent}
	narrow := func(to int, flag, value string) {
		if to < room {
			room, limit.Limit, limit.Value = to, flag, value
		}
	}
	if l := b.limits.Calls; l > 0 && used.Calls >= l {
		narrow(-1, "--max-calls", fmt.Sprint(l))
	}
	if l := b.limits.Tokens; l > 0 {
		narrow(l-used.tokens()-input, "--max-tokens", fmt.Sprint(l))
	}
	if l := b.limits.USD; l > 0 {
		value := fmt.Sprintf("%g", l)
		left := l*1e9 - float64(used.NanoUSD) - float64(price.nanoUSD(input, 0))
		switch {
		case left < 0:
			narrow(-1, "--max-usd", value)
		case price.Output > 0:
			narrow(int(min(left/(price.Output*1e3), math.MaxInt32)), "--max-usd", value)
		}
	}
	return room, limit
}

// settle replaces the hold by what the call did cost; the zero Usage means that
// it was not answered. It returns the usage with its price filled in. A hold that
// is settled already stays so.
func (h *hold) settle(actual Usage) Usage {
	b := h.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if !h.open {
		return Usage{}
	}
	h.open = false
	actual.NanoUSD = h.price.nanoUSD(actual.InputTokens, actual.OutputTokens)
	if h.priced {
		actual.Priced = actual.Calls
	}
	b.held = b.held.minus(h.usage)
	b.spent = b.spent.Plus(actual)
	if actual.Calls > 0 {
		b.longest[h.model] = max(b.longest[h.model], actual.OutputTokens)
	}
	close(b.settled)
	b.settled = make(chan struct{})
	return actual
}
