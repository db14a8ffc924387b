package llm

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"strings"

	"go.yaml.in/yaml/v4"
)

//go:embed prices.yaml
var builtinPrices []byte

// pricesVersion is the version of the price file's form.
const pricesVersion = 1

// maxPrice bounds a believable price, in dollars per million tokens.
const maxPrice = 1e6

// Price is what a model costs, in US dollars per million tokens.
type Price struct {
	Input  float64
	Output float64
}

// nanoUSD returns the price of so many tokens in 1e-9 dollars, rounded up.
func (p Price) nanoUSD(input, output int) int64 {
	// Dollars per million tokens are a thousand nano-dollars per token.
	return int64(math.Ceil(float64(input)*p.Input*1e3 + float64(output)*p.Output*1e3))
}

// Prices are prices by model name.
type Prices struct {
	Date   string // of the built-in table, as YYYY-MM-DD
	models map[string]Price
}

type priceFile struct {
	Version int                  `yaml:"version"`
	Date    string               `yaml:"date"`
	Source  string               `yaml:"source"`
	Models  map[string]priceLine `yaml:"models"`
}

// priceLine is a price as it is written. One that is left out is not 0.
type priceLine struct {
	Input  *float64 `yaml:"input"`
	Output *float64 `yaml:"output"`
}

func (l priceLine) price() (Price, error) {
	if l.Input == nil || l.Output == nil {
		return Price{}, errors.New("want both input and output")
	}
	p := Price{Input: *l.Input, Output: *l.Output}
	if !(p.Input >= 0 && p.Input <= maxPrice && p.Output >= 0 && p.Output <= maxPrice) {
		return Price{}, fmt.Errorf("input %v, output %v: want dollars per million tokens, 0 to %g", p.Input, p.Output, maxPrice)
	}
	return p, nil
}

// LoadPrices returns the built-in prices, changed by the YAML text of the user's
// own table, which may be empty. file names that table in errors.
func LoadPrices(file string, text []byte) (Prices, error) {
	prices, err := decodePrices("built-in prices", builtinPrices)
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return prices, err
	}
	own, err := decodePrices(file, text)
	if err != nil {
		return Prices{}, err
	}
	maps.Copy(prices.models, own.models)
	return prices, nil
}

func decodePrices(file string, text []byte) (Prices, error) {
	var f priceFile
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil && err != io.EOF {
		return Prices{}, fmt.Errorf("price table %q: %w", file, err)
	}
	if f.Version != pricesVersion {
		return Prices{}, fmt.Errorf("price table %q: version is %d, want version: %d", file, f.Version, pricesVersion)
	}
	prices := Prices{Date: f.Date, models: map[string]Price{}}
	for model, line := range f.Models {
		price, err := line.price()
		if err != nil {
			return Prices{}, fmt.Errorf("price table %q: model %q: %w", file, model, err)
		}
		prices.models[model] = price
	}
	return prices, nil
}

// snapshot is the date at the end of a model's name.
var snapshot = pattern(`-\d{4}-\d{2}-\d{2}$`)

// Lookup returns the price of a model, and whether it is known.
func (p Prices) Lookup(model string) (Price, bool) {
	if price, ok := p.models[model]; ok {
		return price, true
	}
	price, ok := p.models[snapshot().ReplaceAllString(model, "")]
	return price, ok
}

// noPrice is the error for models without a price, with what to add where.
func noPrice(models ...string) *Error {
	e := fail(UnknownPrice, 0, "there is a dollar budget, but the price table has no price for this model")
	e.Model = models[0]
	var lines strings.Builder
	for _, model := range models {
		fmt.Fprintf(&lines, "  %q: {input: 0.50, output: 1.50}\n", model)
	}
	e.Hint = fmt.Sprintf("add it to a price table, in dollars per million tokens, and name the file with --prices:\nversion: %d\nmodels:\n%sA local model has {input: 0, output: 0}.", pricesVersion, &lines)
	return e
}
