package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive"
)

func (a *app) dbCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "db",
		Short: "Check, compact or reindex the file of a run",
		Long: `Look after the file of a run, RUNS/RUN/run.db. No search may have it open. A file
that is damaged, or held by another process, is exit code 4.`,
		Example: "  discover db check first\n  discover db compact first",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		a.dbPart("check RUN", "Read the whole file and say what is wrong with it",
			`Read the whole file: pages, checksums, the numbering of candidates, indices and
totals. What is wrong with indices and totals only, "discover db reindex" mends.`, a.dbCheck),
		a.dbPart("compact RUN", "Rewrite the file without its free pages",
			"Rewrite the file without its free pages. The old one stays until the new one is\ncomplete.", a.dbCompact),
		a.dbPart("reindex RUN", "Make indices and totals anew",
			"Make every index and the totals anew from the records.", a.dbReindex),
	)
	return cmd
}

func (a *app) dbPart(use, short, long string, do func(run string) (string, error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: long, Args: cobra.ExactArgs(1),
		Example: "  discover db " + strings.Replace(use, "RUN", "first", 1),
		RunE: func(_ *cobra.Command, args []string) error {
			done, err := do(args[0])
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(dbJSON{Run: args[0], Status: "ok", Done: done})
			}
			_, err = fmt.Fprintf(a.out, "%s: %s\n", a.archivePath(args[0]), done)
			return err
		},
	}
}

// dbJSON is what `db --json` prints when nothing is wrong.
type dbJSON struct {
	Run    string `json:"run"`
	Status string `json:"status"`
	Done   string `json:"done"`
}

func (a *app) dbCheck(run string) (string, error) {
	if err := archive.Check(a.runs, run); err != nil {
		return "", err
	}
	r, err := archive.OpenReadOnly(a.runs, run)
	if err != nil {
		return "", err
	}
	totals, err := r.Totals()
	return fmt.Sprintf("sound, %d candidates, %d cells, %d model calls", totals.Applied(), totals.Cells, totals.Usage.Calls), errors.Join(err, r.Close())
}

func (a *app) dbCompact(run string) (string, error) {
	before, err := a.fileSize(run)
	if err != nil {
		return "", err
	}
	if err := archive.Compact(a.runs, run); err != nil {
		return "", err
	}
	after, err := a.fileSize(run)
	return fmt.Sprintf("compacted from %d KiB to %d KiB", before>>10, after>>10), err
}

// fileSize is 0 for a run that is not there: opening it says so better.
func (a *app) fileSize(run string) (int64, error) {
	if err := archive.ValidName(run); err != nil {
		return 0, err
	}
	info, err := os.Stat(a.archivePath(run))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (a *app) dbReindex(run string) (string, error) {
	db, err := archive.Open(a.runs, run)
	if err != nil {
		return "", err
	}
	err = db.Rebuild()
	totals, totalsErr := db.Totals()
	return fmt.Sprintf("indexed %d candidates", totals.Applied()), errors.Join(err, totalsErr, db.Close())
}
