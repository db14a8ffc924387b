package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
)

func (a *app) promptCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "prompt RUN",
		Short: "Print the exact next prompt of a run",
		Long: `Print the prompt that the next candidate of a run is asked for with, once all that
is in work is finished. Nothing is sent. Every eighth candidate may turn out to be an
earlier one with tuned constants instead, for which nobody is asked.`,
		Example: "  discover prompt first\n  discover prompt first --json",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.prompt(args[0]) },
	}
}

// promptJSON is what `prompt --json` prints.
type promptJSON struct {
	Run      string   `json:"run"`
	Operator string   `json:"operator"`
	Model    string   `json:"model,omitempty"` // that is asked, in a run with models
	Parents  []string `json:"parents"`
	Prompt   string   `json:"prompt"`
}

func (a *app) prompt(name string) error {
	r, err := archive.OpenReadOnly(a.runs, name)
	if err != nil {
		return err
	}
	defer r.Close()
	run, err := r.Run()
	if err != nil {
		return err
	}
	start, err := settingsOf(name, run)
	if err != nil {
		return err
	}
	req, err := discover.NextRequest(r, start.Config, len(start.Catalog))
	if err != nil {
		return err
	}
	if err := start.keepTemplates(); err != nil {
		return err
	}
	prompter, err := modelPrompter(start, r)
	if err != nil {
		return err
	}
	next, err := prompter.Next(req)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(promptJSON{Run: name, Operator: next.Operator, Model: next.Model, Parents: append([]string{}, next.Parents...), Prompt: next.Prompt})
	}
	_, err = fmt.Fprintln(a.out, printableText(next.Prompt))
	return err
}
