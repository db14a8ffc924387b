package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/discover/llm"
)

// budgetFlags are the flags of run and resume that say when to stop.
type budgetFlags struct {
	usd           float64
	tokens, calls int
	time          time.Duration
	prices        string
}

func (b *budgetFlags) add(f *pflag.FlagSet) {
	f.Float64Var(&b.usd, "max-usd", 0, "stop with exit code 3 before the run has cost more US dollars (0: no limit)")
	f.IntVar(&b.tokens, "max-tokens", 0, "stop before the run has read and written more tokens (0: no limit)")
	f.IntVar(&b.calls, "max-calls", 0, "stop after so many model calls of the run (0: no limit)")
	f.DurationVar(&b.time, "max-time", 0, "stop after so long, for example 90m (0: no limit)")
	f.StringVar(&b.prices, "prices", "", "YAML file of prices that adds to the built-in table")
}

// apply changes the keys whose flags were given.
func (b *budgetFlags) apply(f *pflag.FlagSet, c *discover.Config) {
	for flag, set := range map[string]func(){
		"max-usd":    func() { c.MaxUSD = b.usd },
		"max-tokens": func() { c.MaxTokens = b.tokens },
		"max-calls":  func() { c.MaxCalls = b.calls },
		"max-time":   func() { c.MaxTime = b.time },
		"prices":     func() { c.Prices = b.prices },
	} {
		if f.Changed(flag) {
			set()
		}
	}
}

// raised is what follows the command that goes on with a run which spent its budget:
// the flag that gives it more, and how much it takes after what was spent.
func raised(err error, spent archive.Usage) string {
	var limit *llm.BudgetError
	if errors.As(err, &limit) {
		return fmt.Sprintf(" %s N, with N of at least %s", limit.Limit, limit.Enough(llm.Usage(spent)))
	}
	return ", for as long again, or with --max-time for another time"
}
