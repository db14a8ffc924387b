package discover

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/objdisco/discover/configs"
)

// Config is everything a search can be told. A key that is left out keeps the
// value of the preset.
type Config struct {
	// The search.
	Candidates int    `yaml:"candidates" json:"candidates"` // proposals after the catalog
	Seed       uint64 `yaml:"seed" json:"seed"`
	Workers    int    `yaml:"workers" json:"workers"` // cells trained at once; 0: one per core
	Lag        int    `yaml:"lag" json:"lag"`         // candidate i is made from the results of candidates up to i−lag
	Proposer   string `yaml:"proposer" json:"proposer"`
	Repairs    int    `yaml:"repairs" json:"repairs"` // further turns for a rejected candidate
	Adapt      bool   `yaml:"adapt" json:"adapt"`     // draw models and operators by what they have earned

	// The model.
	Model             Models        `yaml:"model" json:"model"`
	BaseURL           string        `yaml:"base_url" json:"base_url"`
	Temperature       float64       `yaml:"temperature" json:"temperature"`
	ReplyTokens       int           `yaml:"reply_tokens" json:"reply_tokens"` // most tokens of one reply
	RequestTimeout    time.Duration `yaml:"request_timeout" json:"request_timeout"`
	RequestsPerMinute int           `yaml:"requests_per_minute" json:"requests_per_minute"` // 0: no limit
	HistoryTokens     int           `yaml:"history_tokens" json:"history_tokens"`           // what the prompt may spend on earlier candidates
	Prompts           string        `yaml:"prompts" json:"prompts"`                         // folder of templates that replace the built-in ones

	// The budget of the whole run, over all its sittings; 0: no limit.
	MaxCalls  int           `yaml:"max_calls" json:"max_calls"`
	MaxTokens int           `yaml:"max_tokens" json:"max_tokens"` // read and written
	MaxUSD    float64       `yaml:"max_usd" json:"max_usd"`
	MaxTime   time.Duration `yaml:"max_time" json:"max_time"` // of one sitting
	Prices    string        `yaml:"prices" json:"prices"`     // YAML file of prices that adds to the built-in table

	// The evaluation.
	Tasks      []string `yaml:"tasks" json:"tasks"`
	Seeds      int      `yaml:"seeds" json:"seeds"` // most seeds spent on one candidate; racing starts with 2
	Screen     bool     `yaml:"screen" json:"screen"`
	MicroBatch int      `yaml:"micro_batch" json:"micro_batch"` // pairs that a batch statistic sees
	Sandbox    string   `yaml:"sandbox" json:"sandbox"`
}

// defaults are what every preset starts from.
func defaults() Config {
	return Config{
		Candidates: 100, Seed: 1, Lag: 4, Proposer: ProposerAuto, Repairs: 2, Adapt: true,
		Temperature: 1, ReplyTokens: 4096, RequestTimeout: 5 * time.Minute, HistoryTokens: 6000,
		Tasks: []string{"reviews", "reviews-flip"}, Seeds: 4, Screen: true, MicroBatch: 2, Sandbox: "auto",
	}
}

// Names of proposers. Auto means llm where an API key or a base URL is given,
// else evolve.
const (
	ProposerAuto   = "auto"
	ProposerLLM    = "llm"
	ProposerEvolve = "evolve"
	ProposerRandom = "random"
	ProposerReplay = "replay"
)

// Preset returns the configuration of a preset. The error names the presets there are.
func Preset(name string) (Config, error) {
	text, err := configs.Preset(name)
	if err != nil {
		return Config{}, err
	}
	return defaults().Overridden("preset "+name, text)
}

// Overridden returns c changed by every key that the YAML text of the user's file has.
// It is for a new run: Changed is for one that goes on. file names the text in errors,
// which give line and column.
func (c Config) Overridden(file string, text []byte) (Config, error) {
	err := decodeYAML(file, text, &c)
	return c, err
}

// Unbounded returns c without limits on what a run may spend.
func (c Config) Unbounded() Config {
	c.MaxCalls, c.MaxTokens, c.MaxUSD, c.MaxTime = 0, 0, 0, 0
	return c
}

// Validate names the first key whose value cannot be used.
func (c *Config) Validate() error {
	for _, k := range []struct {
		key     string
		v       float64
		lo, hi  float64
		meaning string
	}{
		{"candidates", float64(c.Candidates), 0, 1e7, "proposals"},
		{"workers", float64(c.Workers), 0, 1024, "cells at once"},
		{"lag", float64(c.Lag), 1, 256, "candidates"},
		{"repairs", float64(c.Repairs), 0, 10, "turns"},
		{"temperature", c.Temperature, 0, 2, "the model's temperature"},
		{"reply_tokens", float64(c.ReplyTokens), 256, 1e6, "tokens of one reply"},
		{"max_calls", float64(c.MaxCalls), 0, 1e9, "calls"},
		{"max_tokens", float64(c.MaxTokens), 0, 1e12, "tokens"},
		{"max_usd", c.MaxUSD, 0, 1e6, "US dollars"},
		{"max_time", c.MaxTime.Seconds(), 0, 1e8, "seconds"},
		{"request_timeout", c.RequestTimeout.Seconds(), 1, 86400, "seconds"},
		{"requests_per_minute", float64(c.RequestsPerMinute), 0, 1e5, "requests"},
		{"history_tokens", float64(c.HistoryTokens), 500, 1e6, "tokens"},
		{"seeds", float64(c.Seeds), 2, 1000, "paired seeds; one bounds nothing"},
		{"micro_batch", float64(c.MicroBatch), 1, 64, "pairs"},
	} {
		if !(k.v >= k.lo && k.v <= k.hi) {
			return fmt.Errorf("%s is %v: want %v to %v (%s)", k.key, k.v, k.lo, k.hi, k.meaning)
		}
	}
	return c.validateNames()
}

func (c *Config) validateNames() error {
	proposers := []string{ProposerAuto, ProposerLLM, ProposerEvolve, ProposerRandom, ProposerReplay}
	if !slices.Contains(proposers, c.Proposer) {
		return fmt.Errorf("unknown proposer %q: use one of %s", c.Proposer, strings.Join(proposers, ", "))
	}
	if c.Sandbox != "auto" && c.Sandbox != "strict" {
		return fmt.Errorf("unknown sandbox mode %q: use auto or strict", c.Sandbox)
	}
	if len(c.Tasks) == 0 {
		return fmt.Errorf("tasks is empty: name at least one task, for example reviews")
	}
	return c.Model.validate()
}

// Hash identifies the part of the configuration that decides results: two runs
// with equal hashes, seeds and replies have equal archives.
func (c Config) Hash() string {
	c = c.Unbounded()
	c.Workers, c.RequestTimeout, c.RequestsPerMinute, c.Sandbox = 0, 0, 0, ""
	c.Candidates, c.BaseURL, c.Prices = 0, "", ""
	data, err := json.Marshal(c)
	if err != nil {
		panic(err) // plain data
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
