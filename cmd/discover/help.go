package main

import (
	"github.com/spf13/cobra"

	"github.com/objdisco/discover/docs"
)

// topicCommands are the documents as commands that only have a help text:
// "discover help verdicts" prints one.
func topicCommands() []*cobra.Command {
	var out []*cobra.Command
	for _, t := range docs.Topics() {
		out = append(out, &cobra.Command{Use: t.Name, Short: t.Title, Long: t.Text})
	}
	return out
}

// helpCommand is cobra's, but for a topic that there is not, which is a mistake in
// the call.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND or TOPIC]",
		Short: "Help about a command or a topic",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("no command and no topic %q: \"discover --help\" lists them", args)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, c := range cmd.Root().Commands() {
				if len(args) == 0 && !c.Hidden {
					names = append(names, c.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
