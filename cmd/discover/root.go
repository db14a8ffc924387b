package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// app is what every command shares: where to read and write, and the flags of
// the root.
type app struct {
	in       io.Reader
	out, err io.Writer
	json     bool   // --json
	runs     string // --runs
	started  bool   // the arguments were understood

	known []catalog.Entry // that are scored, for tests, which score few; nil: all
}

// knownObjectives are those that a search begins with, and eval --catalog scores.
func (a *app) knownObjectives() []catalog.Entry {
	if a.known != nil {
		return a.known
	}
	return catalog.All()
}

// run executes one command line and returns the exit code.
func run(args []string) int {
	ctx, stop := untilSignal()
	defer stop()
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	root := a.root()
	knowShells(root)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if !a.started {
		err = usageError{err}
	}
	explain(a.err, err)
	return exitCode(err)
}

// untilSignal returns a context that ends when the process is asked to stop. A second
// interrupt ends the process at once. A terminal that closes asks, too, and may do so
// more than once; under nohup it does not count.
func untilSignal() (context.Context, context.CancelFunc) {
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(interrupted, stop)
	if signal.Ignored(syscall.SIGHUP) {
		return interrupted, stop
	}
	ctx, release := signal.NotifyContext(interrupted, syscall.SIGHUP)
	return ctx, func() { release(); stop() }
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "discover",
		Short: "Search for preference-optimization objectives that beat DPO",
		Long: `discover searches for preference-optimization objectives: the losses behind DPO,
IPO, SLiC and KTO. A language model, or the built-in evolution when there is no
model, proposes a loss as Go source; it is checked, interpreted in a sandbox and
scored by training a small proxy policy with it. Everything is kept in an archive
that survives kill -9.

Exit codes: 0 ok, 1 error, 2 usage, 3 budget spent, 4 archive locked or damaged,
5 objective rejected, 130 interrupted (state saved).`,
		Version:          version(),
		SilenceErrors:    true,
		SilenceUsage:     true,
		Args:             cobra.NoArgs,
		PersistentPreRun: func(*cobra.Command, []string) { a.started = true },
		RunE:             func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print the result as JSON")
	root.PersistentFlags().StringVar(&a.runs, "runs", "runs", "folder that holds the runs")
	root.AddCommand(a.runCommand(), a.resumeCommand(), a.listCommand(), a.topCommand(), a.showCommand(),
		a.exportCommand(), a.checkCommand(), a.evalCommand(), a.catalogCommand(), a.confirmCommand(), a.reportCommand(), a.plotCommand(), a.promptCommand(), a.tasksCommand(), a.doctorCommand())
	root.AddCommand(a.simplifyCommand(), a.importCommand(), a.dbCommand(), a.manCommand())
	root.AddCommand(topicCommands()...)
	root.SetHelpCommand(a.helpCommand())
	a.complete(root)
	for _, c := range allCommands(root) {
		nameArguments(c)
	}
	return root
}

// nameArguments has a command that was given too few arguments or too many say what
// it takes, beside how many.
func nameArguments(c *cobra.Command) {
	_, takes, _ := strings.Cut(c.Use, " ")
	if takes == "" || c.Args == nil {
		return
	}
	check := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return fmt.Errorf("%q takes %s: %w", c.CommandPath(), takes, err)
		}
		return nil
	}
}

// note prints a line for a person, on stderr, where it cannot spoil a result.
func (a *app) note(format string, args ...any) {
	fmt.Fprintln(a.err, printableText(fmt.Sprintf(format, args...)))
}
