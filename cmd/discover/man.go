package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

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
	pages, err := writeManuals(root, dir)
	if err != nil {
		return fmt.Errorf("write manual pages: %w", err)
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

// writeManuals writes the page of a command and those of the commands below it.
func writeManuals(cmd *cobra.Command, dir string) (paths []string, err error) {
	for _, c := range documented(cmd) {
		below, err := writeManuals(c, dir)
		if err != nil {
			return nil, err
		}
		paths = append(paths, below...)
	}
	path := filepath.Join(dir, pageName(cmd)+".1")
	return append(paths, path), os.WriteFile(path, []byte(manual(cmd)), 0o644)
}

// documented are the commands below cmd that have a page.
func documented(cmd *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(cmd.Commands()), func(c *cobra.Command) bool {
		return !c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand()
	})
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manual is the page of a command, in the macros of man(7).
func manual(cmd *cobra.Command) string {
	cmd.InitDefaultHelpFlag()
	var b strings.Builder
	fmt.Fprintf(&b, ".nh\n.TH \"%s\" \"1\" \"%s\" \"discover %s\" \"Discover Manual\"\n", roff(strings.ToUpper(pageName(cmd))), built(), version())
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(pageName(cmd)), roff(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n%s\n", bold(cmd.UseLine()))
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	b.WriteString(".SH DESCRIPTION\n" + roffText(about))
	b.WriteString(roffFlags("OPTIONS", cmd.NonInheritedFlags()))
	b.WriteString(roffFlags("OPTIONS INHERITED FROM PARENT COMMANDS", cmd.InheritedFlags()))
	if cmd.Example != "" {
		b.WriteString(".SH EXAMPLE\n" + roffText(cmd.Example))
	}
	var others []string
	if cmd.HasParent() {
		others = append(others, bold(pageName(cmd.Parent())+"(1)"))
	}
	for _, c := range documented(cmd) {
		others = append(others, bold(pageName(c)+"(1)"))
	}
	b.WriteString(".SH SEE ALSO\n" + strings.Join(others, ", ") + "\n")
	return b.String()
}

// built is the month of the commit that this program was built from, "" if
// unknown, so that its pages are the same whenever they are written.
func built() string {
	t, err := time.Parse(time.RFC3339, buildSetting("vcs.time"))
	if err != nil {
		return ""
	}
	return t.Format("Jan 2006")
}

// roffFlags is a section about flags, "" if there are none.
func roffFlags(title string, flags *pflag.FlagSet) string {
	if !flags.HasAvailableFlags() {
		return ""
	}
	var b strings.Builder
	b.WriteString(".SH " + title + "\n")
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" {
			return
		}
		name, value := bold("--"+f.Name), f.DefValue
		if f.Shorthand != "" {
			name = bold("-"+f.Shorthand) + ", " + name
		}
		if f.Value.Type() == "string" {
			value = fmt.Sprintf("%q", value)
		}
		if value = "=" + roff(value); f.NoOptDefVal != "" {
			value = "[" + value + "]"
		}
		b.WriteString(".TP\n" + name + value + "\n" + roff(f.Usage) + "\n")
	})
	return b.String()
}

// roffText sets a help text: paragraphs, items that begin with "- ", headings that
// begin with "#", and indented paragraphs, which stay as they are.
func roffText(text string) string {
	var b strings.Builder
	for block := range strings.SplitSeq(text, "\n\n") {
		block = strings.Trim(block, "\n")
		if block == "" {
			continue
		}
		if heading := strings.TrimLeft(block, "#"); heading != block {
			b.WriteString(".SS " + roff(strings.TrimSpace(heading)) + "\n")
			continue
		}
		if b.Len() > 0 {
			b.WriteString(".PP\n")
		}
		if block[0] == ' ' || block[0] == '\t' {
			b.WriteString(".EX\n" + roff(block) + "\n.EE\n")
			continue
		}
		for line := range strings.SplitSeq(block, "\n") {
			if item, ok := strings.CutPrefix(line, "- "); ok {
				b.WriteString(".IP \\(bu 2\n")
				line = item
			}
			b.WriteString(roff(line) + "\n")
		}
	}
	return b.String()
}

func bold(text string) string { return `\fB` + roff(text) + `\fP` }

// roffEscapes has what roff would print as another character: curly quotes for
// straight ones, a hyphen for a minus. A line of text never begins with a request.
var roffEscapes = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "\n.", "\n\\&.")

// roff escapes text for roff.
func roff(text string) string {
	return strings.TrimPrefix(roffEscapes.Replace("\n"+text), "\n")
}
