package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

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

func (a *app) manCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:     "man",
		Short:   "Write the manual pages",
		Long:    "Write a manual page for every command to a folder, for man(1).",
		Example: "  discover man -o man\n  man man/discover-export.1",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.man(cmd.Root(), dir) },
	}
	cmd.Flags().StringVarP(&dir, "output", "o", "man", "folder to write to")
	return cmd
}

// man writes the pages of root and its commands, and their paths.
func (a *app) man(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	root.DisableAutoGenTag = true
	header := &doc.GenManHeader{Title: "DISCOVER", Section: "1", Source: "discover " + version(), Manual: "Discover Manual", Date: built()}
	if err := doc.GenManTree(root, header, dir); err != nil {
		return fmt.Errorf("write manual pages: %w", err)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "discover*.1"))
	if err != nil {
		return err
	}
	slices.Sort(pages)
	if a.json {
		return a.printJSON(struct {
			Written []string `json:"written"`
		}{pages})
	}
	for _, page := range pages {
		fmt.Fprintln(a.out, page)
	}
	return nil
}

// built is the date of the commit that this program was built from, so that its
// pages are the same whenever they are written; nil, for today, if unknown.
func built() *time.Time {
	t, err := time.Parse(time.RFC3339, buildSetting("vcs.time"))
	if err != nil {
		return nil
	}
	return &t
}
