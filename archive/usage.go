package archive

import (
	"fmt"
	"math"
)

// Usage is what model calls consumed. No figure is negative.
type Usage struct {
	Calls        int   `json:"calls"`
	InputTokens  int   `json:"input_tokens"`
	OutputTokens int   `json:"output_tokens"`
	NanoUSD      int64 `json:"nano_usd"` // 1e-9 US dollars
	// Priced is the number of the calls whose model has a price, which may be 0.
	Priced int `json:"priced,omitempty"`
}

// The most that the figures of a Usage come to: sums stop there, and never become
// negative, since that would give a budget back.
const (
	mostCount   = math.MaxInt / 4
	mostNanoUSD = math.MaxInt64 / 4
)

// Cost returns the price of the calls, and of how many where some had none.
func (u Usage) Cost() string {
	dollars := fmt.Sprintf("$%.4f", float64(u.NanoUSD)/1e9)
	switch {
	case u.Priced == 0 && u.NanoUSD == 0:
		return "no price"
	case 0 < u.Priced && u.Priced < u.Calls:
		return fmt.Sprintf("%s for %d of %d", dollars, u.Priced, u.Calls)
	}
	return dollars // for all calls; files of older versions do not say for how many
}

// Add adds what v consumed.
func (u *Usage) Add(v Usage) {
	u.Calls = min(u.Calls+v.Calls, mostCount)
	u.InputTokens = min(u.InputTokens+v.InputTokens, mostCount)
	u.OutputTokens = min(u.OutputTokens+v.OutputTokens, mostCount)
	u.NanoUSD = min(u.NanoUSD+v.NanoUSD, mostNanoUSD)
	u.Priced = min(u.Priced+v.Priced, mostCount)
}

// raise makes each figure as large as v's, if it is smaller.
func (u *Usage) raise(v Usage) {
	u.Calls = max(u.Calls, v.Calls)
	u.InputTokens = max(u.InputTokens, v.InputTokens)
	u.OutputTokens = max(u.OutputTokens, v.OutputTokens)
	u.NanoUSD = max(u.NanoUSD, v.NanoUSD)
	u.Priced = max(u.Priced, v.Priced)
}

// check refuses a Usage of a file that no calls come to.
func (u Usage) check() error {
	if !u.possible() {
		return damaged("no calls can have cost %+v", u)
	}
	return nil
}

// possible reports whether calls can have come to u.
func (u Usage) possible() bool {
	least := min(u.Calls, u.InputTokens, u.OutputTokens, u.Priced)
	most := max(u.Calls, u.InputTokens, u.OutputTokens, u.Priced)
	return least >= 0 && most <= mostCount && u.NanoUSD >= 0 && u.NanoUSD <= mostNanoUSD
}
