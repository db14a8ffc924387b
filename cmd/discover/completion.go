package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/archive/export"
	"github.com/objdisco/discover/configs"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/evaluator/proxy"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// complete has the shell complete what the program knows: runs, known objectives,
// and the values of flags that take one of a few.
func (a *app) complete(root *cobra.Command) {
	var tasks []string
	for _, d := range proxy.Definitions() {
		tasks = append(tasks, d.Name)
	}
	values := map[string][]string{
		"format": export.Formats(), "tasks": tasks,
		"preset": configs.Names(), "proposer": {discover.ProposerLLM, discover.ProposerEvolve, discover.ProposerRandom, discover.ProposerReplay},
	}
	for _, c := range root.Commands() {
		switch words := strings.Fields(c.Use); {
		case len(words) < 2 || c.ValidArgsFunction != nil:
		case words[1] == "RUN":
			c.ValidArgsFunction = a.completeRun
		case strings.HasPrefix(words[1], "SOURCE"):
			c.ValidArgsFunction = completeSource
		}
		for flag, choices := range values {
			if c.Flags().Lookup(flag) != nil {
				// The only error is that it is registered already.
				_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp))
			}
		}
	}
}

// completeSource lists the known objectives beside the files. It reads the catalog,
// which takes longer than all else that a command does before it runs.
func completeSource(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var known []string
	for _, e := range catalog.All() {
		known = append(known, e.Name)
	}
	return known, cobra.ShellCompDirectiveDefault
}

// completeRun lists the runs for the first argument.
func (a *app) completeRun(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, err := archive.Names(a.runs)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
