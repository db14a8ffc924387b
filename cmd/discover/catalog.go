package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive/export"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

func (a *app) catalogCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "catalog [NAME]",
		Short:   "List the known objectives, or print the source of one",
		Example: "  discover catalog\n  discover catalog lrml > my_loss.go",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.catalogEntry(args[0])
			}
			return a.catalogList()
		},
	}
}

// catalogJSON is a known objective as JSON.
type catalogJSON struct {
	Name    string    `json:"name"`
	Title   string    `json:"title"`
	Formula string    `json:"formula"`
	Paper   string    `json:"paper"`
	URL     string    `json:"url"`
	Betas   []float64 `json:"betas"`
	Source  string    `json:"source"`
}

func catalogJSONOf(e catalog.Entry) catalogJSON {
	return catalogJSON{Name: e.Name, Title: e.Title, Formula: e.Formula, Paper: e.Paper, URL: e.URL, Betas: e.Betas, Source: e.Source}
}

func (a *app) catalogList() error {
	if a.json {
		entries := []catalogJSON{}
		for _, e := range catalog.All() {
			entries = append(entries, catalogJSONOf(e))
		}
		return a.printJSON(struct {
			Objectives []catalogJSON `json:"objectives"`
		}{entries})
	}
	rows := [][]string{{"name", "formula and, below it, the paper"}}
	for _, e := range catalog.All() {
		name := e.Name
		for _, line := range slices.Concat(export.WrapFormula(e.Formula, catalogWidth), export.Wrap(e.Paper, catalogWidth)) {
			rows = append(rows, []string{name, line})
			name = ""
		}
	}
	return table(a.out, rows)
}

// catalogWidth is what the column of the names leaves of a narrow terminal.
const catalogWidth = 58

func (a *app) catalogEntry(name string) error {
	e, ok := catalog.Lookup(name)
	if !ok {
		return fmt.Errorf("no known objective %q: \"discover catalog\" lists them", name)
	}
	if a.json {
		return a.printJSON(catalogJSONOf(e))
	}
	_, err := fmt.Fprintln(a.out, strings.TrimSpace(e.Source))
	return err
}
