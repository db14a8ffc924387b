package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/objdisco/discover/discover"
)

func (a *app) resumeCommand() *cobra.Command {
	var o resumeOptions
	cmd := &cobra.Command{
		Use:   "resume RUN",
		Short: "Go on exactly where a run stopped",
		Long: `Go on exactly where a run stopped, by Ctrl-C, a crash, kill -9 or a spent budget.
Nothing is scored or bought twice, and the result is the one that an undisturbed
run would have had. A run that spent its budget goes on with a larger one, for
example --max-usd 5: the limits are those of the whole run, not of this sitting,
but for --max-time.

Where the model or its server is the trouble, --model and --config change what the
run asks from now on: model, base_url, request_timeout, requests_per_minute,
reply_tokens, history_tokens, prompts and so on. OPENAI_BASE_URL does, too. What
scores depend on, such as tasks, seeds and seed, stays as it is. So do your own
templates, which are stored with the run, unless FILE has the key prompts.`,
		Example: "  discover resume first\n  discover resume first --candidates 64 --max-usd 10",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.flags = cmd.Flags()
			return a.resume(cmd.Context(), args[0], o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.file, "config", "", "YAML file whose keys change how the run was started")
	f.StringArrayVar(&o.models, "model", nil, "model to ask from now on, as NAME or NAME=WEIGHT; may be repeated")
	f.IntVar(&o.workers, "workers", 0, "cells trained at once (default as the run was started)")
	f.IntVar(&o.candidates, "candidates", 0, "proposals in all, to make a run longer (default as the run was started)")
	o.budget.add(f)
	return cmd
}

// resumeOptions are the flags of resume.
type resumeOptions struct {
	flags               *pflag.FlagSet
	file                string
	models              []string
	workers, candidates int
	budget              budgetFlags
}

// change applies what was given to how a run was started.
func (o *resumeOptions) change(s *settings) error {
	if o.file != "" {
		if err := s.change(o.file); err != nil {
			return err
		}
	}
	c := &s.Config
	if o.flags.Changed("model") {
		var err error
		if c.Model, err = parseModels(o.models); err != nil {
			return err
		}
	}
	if o.flags.Changed("workers") {
		c.Workers = o.workers
	}
	if o.flags.Changed("candidates") {
		c.Candidates = o.candidates
	}
	o.budget.apply(o.flags, c)
	return nil
}

// change applies the keys of a file. One that names the folder of templates has it
// read again.
func (s *settings) change(file string) error {
	text, err := readConfig(file)
	if err != nil {
		return err
	}
	if s.Config, err = s.Config.Changed(file, text); err != nil || !discover.Names(text, "prompts") {
		return err
	}
	return s.readTemplates()
}

func (a *app) resume(ctx context.Context, run string, o resumeOptions) error {
	s, err := a.openSitting(ctx, run, o.change)
	if err != nil {
		return err
	}
	return s.run(ctx)
}
