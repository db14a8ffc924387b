package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/archive/export"
	"github.com/objdisco/discover/sandbox/graph"
)

func (a *app) exportCommand() *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export RUN",
		Short: "Write the best objectives of a run for use elsewhere",
		Long: `Write the best objectives of a run, or the one with the given id, to files below a
folder. The formats: ` + strings.Join(export.Formats(), ", ") + `.`,
		Example: "  discover export first --top 3 --format go -o best\n  discover export first --id 41 --format json -o best",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.export(args[0], o) },
	}
	f := cmd.Flags()
	f.IntVar(&o.top, "top", 1, "how many of the best")
	f.IntVar(&o.id, "id", 0, "one candidate, as \"discover top\" shows its id")
	f.StringVar(&o.format, "format", "go", strings.Join(export.Formats(), ", "))
	f.StringVarP(&o.dir, "output", "o", "export", "folder to write to")
	cmd.MarkFlagsMutuallyExclusive("top", "id")
	return cmd
}

type exportOptions struct {
	top, id     int
	format, dir string
}

// exportJSON is what `export --json` prints.
type exportJSON struct {
	Run     string   `json:"run"`
	Format  string   `json:"format"`
	Written []string `json:"written"`
}

func (a *app) export(run string, o exportOptions) error {
	if !slices.Contains(export.Formats(), o.format) {
		return usagef("unknown --format %q: use one of %s", o.format, strings.Join(export.Formats(), ", "))
	}
	if o.top < 1 || o.id < 0 {
		return usagef("--top and --id count from 1")
	}
	objectives, err := a.exported(run, o)
	if err != nil {
		return err
	}
	written, err := export.Write(o.dir, o.format, objectives)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(exportJSON{run, o.format, written})
	}
	for _, path := range written {
		fmt.Fprintln(a.out, path)
	}
	return nil
}

// exported reads what the options name.
func (a *app) exported(run string, o exportOptions) ([]export.Objective, error) {
	r, err := archive.OpenReadOnly(a.runs, run)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	start, err := r.Run()
	if err != nil {
		return nil, err
	}
	ids := []int{o.id}
	if o.id == 0 {
		if ids, err = topIDs(r, o.top); err != nil {
			return nil, err
		}
	}
	objectives := make([]export.Objective, len(ids))
	for i, id := range ids {
		if objectives[i], err = readObjective(r, start, id); err != nil {
			return nil, err
		}
	}
	return objectives, nil
}

func topIDs(r *archive.Reader, k int) ([]int, error) {
	top, err := r.Top(k)
	if err != nil {
		return nil, err
	}
	if len(top) == 0 {
		return nil, fmt.Errorf("the run has no scored candidate to export yet")
	}
	ids := make([]int, len(top))
	for i, c := range top {
		ids[i] = c.ID
	}
	return ids, nil
}

func readObjective(r *archive.Reader, run archive.Run, id int) (export.Objective, error) {
	c, err := r.Candidate(id)
	if err != nil {
		return export.Objective{}, err
	}
	if c.Graph == nil {
		return export.Objective{}, fmt.Errorf("candidate %d was rejected at %s and denotes no objective", id, c.Stage)
	}
	g, err := graph.Decode(c.Graph)
	if err != nil {
		return export.Objective{}, fmt.Errorf("candidate %d: %w", id, err)
	}
	cells, err := r.Cells(id)
	run, c = c.Exported(run)
	return export.Objective{Run: run, Candidate: c, Cells: cells, Graph: g}, err
}
