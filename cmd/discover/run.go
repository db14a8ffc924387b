package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
)

// maxConfigBytes bounds what is read of a configuration file; the parser's own
// limit is lower and gives the better message.
const maxConfigBytes = 1 << 20

func (a *app) runCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Search for objectives",
		Long: `Search for objectives. The known losses of the catalog are scored first; then the
proposer writes candidates, shown the results so far. Everything is stored as it
happens: after Ctrl-C, a crash or kill -9, "discover resume" goes on.

The proposer is a language model where OPENAI_API_KEY is set, or OPENAI_BASE_URL
for a server without keys (vLLM, Ollama, llama.cpp); else the built-in evolution,
which needs no network.`,
		Example: "  discover run --preset quick\n  discover run --model gpt-4o --candidates 50 --name first",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.flags = cmd.Flags()
			return a.run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.file, "config", "", "YAML file whose keys override the preset, or those of the run that is replayed")
	f.StringVar(&o.preset, "preset", "standard", "quick, standard or thorough; a replay begins with what its run had instead, unless one is named")
	f.StringVar(&o.name, "name", "", "name of the run (default: date and time)")
	f.StringVar(&o.config.Proposer, "proposer", "", "llm, evolve, random or replay (default: llm with a key or base URL, else evolve)")
	f.StringArrayVar(&o.models, "model", nil, "model to ask, as NAME or NAME=WEIGHT; may be repeated")
	f.StringVar(&o.from, "from", "", "with --proposer replay: the run whose proposals are made again, as they were or with another configuration")
	f.IntVar(&o.config.Candidates, "candidates", 0, "proposals after the catalog")
	f.IntVar(&o.config.Workers, "workers", 0, "cells trained at once (default one per core)")
	f.Uint64Var(&o.config.Seed, "seed", 0, "seed of the search")
	o.budget.add(f)
	return cmd
}

// runOptions are the flags of run; config holds those that override a key.
type runOptions struct {
	flags              *pflag.FlagSet
	file, preset, name string
	from               string
	models             []string
	config             discover.Config
	budget             budgetFlags
}

// nameNow is what a run is called that nobody named.
func nameNow() string { return time.Now().Format("20060102-150405") }

func (a *app) run(ctx context.Context, o runOptions) error {
	config, err := a.load(o)
	if err != nil {
		return err
	}
	name := cmp.Or(o.name, nameNow())
	if err := archive.ValidName(name); err != nil {
		return usageError{err}
	}
	if (config.Proposer == discover.ProposerReplay) != (o.from != "") {
		return usagef("--proposer replay and --from RUN go together")
	}
	s, err := a.newSitting(ctx, name, o.from, config)
	if err != nil {
		return err
	}
	return s.run(ctx)
}

// load returns the configuration of a new run.
func (a *app) load(o runOptions) (discover.Config, error) {
	config, err := a.base(o)
	if err != nil {
		return config, err
	}
	if config, err = o.override(config); err != nil {
		return config, usageError{err}
	}
	return config, nil
}

// base is what the file and the flags override: the preset or, for a replay that names
// none, the configuration of the run that it replays.
func (a *app) base(o runOptions) (discover.Config, error) {
	if o.from != "" && !o.flags.Changed("preset") {
		return a.replayed(o.from)
	}
	config, err := discover.Preset(o.preset)
	if err != nil {
		return config, usageError{err}
	}
	return config, nil
}

// override applies the file and the flags that were given.
func (o *runOptions) override(config discover.Config) (discover.Config, error) {
	if o.file != "" {
		text, err := readConfig(o.file)
		if err != nil {
			return config, err
		}
		if config, err = config.Overridden(o.file, text); err != nil {
			return config, err
		}
	}
	for flag, set := range map[string]func(){
		"proposer":   func() { config.Proposer = o.config.Proposer },
		"candidates": func() { config.Candidates = o.config.Candidates },
		"workers":    func() { config.Workers = o.config.Workers },
		"seed":       func() { config.Seed = o.config.Seed },
	} {
		if o.flags.Changed(flag) {
			set()
		}
	}
	if o.flags.Changed("model") {
		var err error
		if config.Model, err = parseModels(o.models); err != nil {
			return config, err
		}
	}
	o.budget.apply(o.flags, &config)
	return config, errors.Join(config.Validate(), knownTasks(config.Tasks))
}

func parseModels(texts []string) (discover.Models, error) {
	var models discover.Models
	for _, text := range texts {
		arm, err := discover.ParseModel(text)
		if err != nil {
			return nil, fmt.Errorf("--model: %w", err)
		}
		models = append(models, arm)
	}
	return models, nil
}

func readConfig(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfigBytes))
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	return text, nil
}

// archivePath is what a person is told of where a run is kept.
func (a *app) archivePath(run string) string { return filepath.Join(a.runs, run, "run.db") }
