package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/objdisco/discover/archive"
)

// printJSON writes v as indented JSON.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// table writes rows in aligned columns; the first row is the header. Cells are
// foreign text, so control characters are dropped.
func table(w io.Writer, rows [][]string) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = printable(cell)
		}
		fmt.Fprintln(tw, strings.TrimRight(strings.Join(row, "\t"), "\t "))
	}
	return tw.Flush()
}

// printable makes foreign text safe for one line of a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return printableRune(r)
	}, s)
}

// printableText is printable for text of several lines, which keeps its tabs.
func printableText(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return printableRune(r)
	}, s)
}

// printableRune returns r, or -1 for what controls a terminal or the direction of
// text.
func printableRune(r rune) rune {
	if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
		return -1
	}
	return r
}

// interval formats a 95 % interval.
func interval(ci [2]float64) string {
	return fmt.Sprintf("[%+.4f, %+.4f]", ci[0], ci[1])
}

// outcome says in a few words what became of a candidate.
func outcome(c archive.Candidate) string {
	if c.Score != nil {
		return c.Score.Verdict
	}
	if c.Stage == "" || c.Stage == c.Status {
		return c.Status
	}
	return fmt.Sprintf("%s (%s)", c.Status, c.Stage)
}

// plural picks the form of a word for a number.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// clip shortens s to n runes.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
