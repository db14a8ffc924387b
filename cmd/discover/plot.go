package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive/report"
)

func (a *app) plotCommand() *cobra.Command {
	var o plotOptions
	cmd := &cobra.Command{
		Use:   "plot RUN [ID...]",
		Short: "Draw one figure of a run as SVG or PNG",
		Long: `Draw one figure of a run as SVG or PNG, as the name of the output ends:
` + strings.Join(report.Figures(), ", ") + `.
The figures show the candidates with the given ids, or the one that the report
names; dpo is the black line in all of them.`,
		Example: "  discover plot first --figure search -o search.svg\n  discover plot first 41 55 --figure frontier -o frontier.png",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if o.ids, err = plotIDs(args[1:]); err != nil {
				return err
			}
			return a.plot(args[0], o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.figure, "figure", "search", strings.Join(report.Figures(), ", "))
	f.StringVarP(&o.output, "output", "o", "", "file to write, .svg or .png (default FIGURE.svg)")
	f.StringVar(&o.control, "control", "", "a run of the random proposer to compare the search with")
	return cmd
}

type plotOptions struct {
	ids                     []int
	figure, output, control string
}

func plotIDs(args []string) ([]int, error) {
	if len(args) > report.MaxShown() {
		return nil, usagef("%d candidates are too many for one figure: name at most %d", len(args), report.MaxShown())
	}
	var ids []int
	for _, arg := range args {
		id, err := candidateID(arg)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (a *app) plot(run string, o plotOptions) error {
	if !slices.Contains(report.Figures(), o.figure) {
		return usagef("unknown --figure %q: use one of %s", o.figure, strings.Join(report.Figures(), ", "))
	}
	if o.output == "" {
		o.output = o.figure + ".svg"
	}
	format := strings.TrimPrefix(filepath.Ext(o.output), ".")
	if format != "svg" && format != "png" {
		return usagef("--output %q: want a name that ends in .svg or .png", o.output)
	}
	p, err := a.readReport(run, o.control, o.ids)
	if err != nil {
		return err
	}
	var image bytes.Buffer
	if err := p.WriteFigure(&image, o.figure, format); err != nil {
		return err
	}
	return a.wrote(reportJSON{Run: run, Written: o.output}, image.Bytes())
}
