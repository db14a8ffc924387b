package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/archive/export"
	"github.com/objdisco/discover/archive/report"
	"github.com/objdisco/discover/configs"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/evaluator/proxy"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// complete has the shell complete what the program knows: runs, the candidates of a
// run, known objectives, and the values of flags that take some of a few.
func (a *app) complete(root *cobra.Command) {
	var tasks []string
	for _, d := range proxy.Definitions() {
		tasks = append(tasks, d.Name)
	}
	values := map[string]cobra.CompletionFunc{
		"format": choice(export.Formats()), "tasks": listOf(tasks), "figure": choice(report.Figures()),
		"preset": choice(configs.Names()), "proposer": choice([]string{discover.ProposerLLM, discover.ProposerEvolve, discover.ProposerRandom, discover.ProposerReplay}),
		"control": a.completeRun, "from": a.completeRun, "id": a.completeID,
	}
	for _, c := range allCommands(root) {
		switch words := strings.Fields(c.Use); {
		case len(words) < 2 || c.ValidArgsFunction != nil:
		case words[1] == "RUN":
			c.ValidArgsFunction = a.completeArguments(words[2:])
		case strings.HasPrefix(words[1], "SOURCE"):
			c.ValidArgsFunction = completeSource
		case words[1] == "[NAME]":
			c.ValidArgsFunction = completeKnown
		}
		for flag, complete := range values {
			if c.Flags().Lookup(flag) != nil {
				// The only error is that it is registered already.
				_ = c.RegisterFlagCompletionFunc(flag, complete)
			}
		}
	}
}

// knowShells has "discover completion SHELL" refuse a shell that there is no script for;
// cobra's command prints its help and calls that a success.
func knowShells(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	if c, _, err := root.Find([]string{"completion"}); err == nil && c.RunE == nil {
		c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
}

// completeSource lists the known objectives beside the files. It reads the catalog,
// which takes longer than all else that a command does before it runs.
func completeSource(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return knownNames(), cobra.ShellCompDirectiveDefault
}

// completeKnown lists the known objectives, for the first argument.
func completeKnown(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return knownNames(), cobra.ShellCompDirectiveNoFileComp
}

func knownNames() []string {
	var known []string
	for _, e := range catalog.All() {
		known = append(known, e.Name)
	}
	return known
}

// allCommands lists the commands below one, and those below them.
func allCommands(c *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, below := range c.Commands() {
		out = append(append(out, below), allCommands(below)...)
	}
	return out
}

func choice(values []string) cobra.CompletionFunc {
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
}

// listOf completes the last of several values with commas between them.
func listOf(values []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		begun := typed[:strings.LastIndexByte(typed, ',')+1]
		var out []string
		for _, v := range values {
			if !slices.Contains(strings.Split(begun, ","), v) {
				out = append(out, begun+v)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completeArguments completes a run and then what follows it in the usage: nothing,
// "ID", or "[ID...]", as many as a figure can show and then its flag.
func (a *app) completeArguments(after []string) cobra.CompletionFunc {
	most := len(after)
	if most > 0 && after[0] == "[ID...]" {
		most = report.MaxShown()
	}
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		switch {
		case len(args) == 0:
			return a.completeRun(cmd, args, typed)
		case len(args) <= most:
			return a.completeID(cmd, args, typed)
		case cmd.Flags().Lookup("figure") != nil:
			return []string{"--figure"}, cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeRun lists the runs.
func (a *app) completeRun(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	names, err := archive.Names(a.runs)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// idsCompleted is how many candidates a completion lists.
const idsCompleted = 50

// completeID lists the best candidates of the run that is the first argument, with
// name and fitness, but those that are named already.
func (a *app) completeID(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	r, err := archive.OpenReadOnly(a.runs, args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer r.Close()
	best, err := r.Top(idsCompleted)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var out []string
	for _, c := range best {
		if id := strconv.Itoa(c.ID); !slices.Contains(args[1:], id) {
			out = append(out, cobra.CompletionWithDesc(id, printable(fmt.Sprintf("%s %+.4f", c.Name, c.Score.Fitness))))
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
