package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox/graph"
)

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show RUN ID",
		Short: "Print one candidate whole",
		Long: `Print one candidate whole: its code, thought, formula, datasheet, score, cells,
lineage and, where a model wrote it, the prompt.`,
		Example: "  discover show first 41\n  discover show first 41 --json",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			id, err := candidateID(args[1])
			if err != nil {
				return err
			}
			return a.show(args[0], id)
		},
	}
}

// candidateID reads an id as a person gives it.
func candidateID(arg string) (int, error) {
	id, err := strconv.Atoi(arg)
	if err != nil || id < 1 {
		return 0, usagef("candidate id %q: want a number from 1 on, as \"discover top\" shows it", arg)
	}
	return id, nil
}

// shown is what `show --json` prints.
type shown struct {
	Run string `json:"run"`
	archive.Candidate
	Formula   string           `json:"formula,omitempty"`
	Datasheet *graph.Datasheet `json:"datasheet,omitempty"`
	Cells     []archive.Cell   `json:"cells"`
}

func (a *app) show(run string, id int) error {
	r, err := archive.OpenReadOnly(a.runs, run)
	if err != nil {
		return err
	}
	defer r.Close()
	s := shown{Run: run}
	if s.Candidate, err = r.Candidate(id); err != nil {
		return err
	}
	if s.Cells, err = r.Cells(id); err != nil {
		return err
	}
	if s.Graph != nil {
		g, err := graph.Decode(s.Graph)
		if err != nil {
			return err
		}
		s.Formula = graph.Formula(g)
		if s.Datasheet, err = graph.Inspect(g); err != nil {
			return err
		}
	}
	if a.json {
		return a.printJSON(s)
	}
	return printShown(a.out, s)
}

func printShown(w io.Writer, s shown) error {
	fields := [][2]string{
		{"candidate", fmt.Sprintf("%d  %s", s.ID, s.Name)},
		{"origin", strings.TrimSpace(s.Origin + "  " + s.Operator + "  " + s.Model)},
		{"drawn", drawn(s.Candidate)},
		{"parents", strings.Join(s.Parents, ", ")},
		{"status", outcome(s.Candidate)},
		{"reason", s.Reason},
		{"tuning", tuning(s.Tuning)},
		{"cost", cost(s.Usage)},
		{"earned", earnings(s.Earned)},
		{"hint", s.Hint},
		{"thought", s.Thought},
		{"formula", s.Formula},
		{"fingerprint", s.Fingerprint},
	}
	if s.Nearest != nil {
		fields = append(fields, [2]string{"nearest", fmt.Sprintf("%s with beta × %.3g, times %.3g, distance %.3g", s.Nearest.Name, s.Nearest.BetaScale, cmp.Or(s.Nearest.Factor, 1), s.Nearest.Distance)})
	}
	for _, f := range fields {
		if f[1] != "" {
			fmt.Fprintf(w, "%-12s %s\n", f[0], printable(f[1]))
		}
	}
	if s.Datasheet != nil {
		fmt.Fprintf(w, "%-12s %s\n", "datasheet", strings.Join(s.Datasheet.Facts(), "\n             "))
	}
	if err := printScore(w, s); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%s\n", printableText(strings.TrimSpace(s.Code)))
	for i, attempt := range s.Attempts {
		fmt.Fprintf(w, "\nattempt %d was rejected at %s: %s\n%s\n", i+1, attempt.Stage, printable(attempt.Reason), printableText(strings.TrimSpace(attempt.Code)))
	}
	printPrompts(w, s.Candidate)
	return nil
}

// printPrompts writes the prompt that a model answered, and the one that a replay has
// in its place.
func printPrompts(w io.Writer, c archive.Candidate) {
	switch {
	case c.Prompt == "":
	case c.Rendered == "":
		fmt.Fprintf(w, "\nprompt\n%s\n", printableText(c.Prompt))
	default:
		fmt.Fprintf(w, "\nprompt that the reply answered\n%s\n\nprompt as this replay renders it; nobody was asked it\n%s\n", printableText(c.Prompt), printableText(c.Rendered))
	}
}

// drawn says by which odds model and operator were drawn.
func drawn(c archive.Candidate) string {
	if c.Odds == nil {
		return ""
	}
	var parts []string
	if odds, ok := c.Odds.Models[c.Model]; ok {
		parts = append(parts, fmt.Sprintf("%s with %.3g times its weight", c.Model, odds))
	}
	if odds, ok := c.Odds.Operators[c.Operator]; ok {
		parts = append(parts, fmt.Sprintf("%s with %.3g times its weight", c.Operator, odds))
	}
	return strings.Join(parts, ", ")
}

func tuning(t *archive.Tuning) string {
	if t == nil {
		return ""
	}
	return fmt.Sprintf("of candidate %s: %d evaluations on the screen, %+.1f %% of dpo's gain before, %+.1f %% after", t.Of, t.Evaluations, 100*t.Before, 100*t.After)
}

func cost(u *archive.Usage) string {
	if u == nil {
		return ""
	}
	return fmt.Sprintf("%d calls, %d tokens read, %d written, %s", u.Calls, u.InputTokens, u.OutputTokens, u.Cost())
}

func earnings(earned float64) string {
	if earned == 0 {
		return ""
	}
	return fmt.Sprintf("%+.5f of the mean fitness of the ten best", earned)
}

// printScore writes the fitness, the tasks and the reward and KL at each beta.
func printScore(w io.Writer, s shown) error {
	if s.Score == nil {
		return nil
	}
	fmt.Fprintf(w, "fitness      %+.4f  %s  %s, %d seeds%s\n", s.Score.Fitness, interval(s.Score.CI95), printable(s.Score.Verdict), s.Score.Seeds, printable(trainedBy(s.Score.Setting)))
	var tasks []evaluator.TaskScore
	if err := json.Unmarshal(s.Score.Detail, &tasks); err != nil {
		return fmt.Errorf("candidate %d: %w", s.ID, err)
	}
	fmt.Fprintln(w)
	for _, f := range append(scoredAgain(s.Confirmed), robustnessFields(tasks, s.Score.Stress)...) {
		fmt.Fprintf(w, "%-12s %s\n", f[0], printable(f[1]))
	}
	return printTasks(w, tasks)
}

// trainedBy names the kernels that a score comes from, if it says so.
func trainedBy(s *archive.Setting) string {
	if s == nil {
		return ""
	}
	return ", trained by the " + s.Tier + " kernels"
}

// scoredAgain says what a confirmation came to, if there was one, and how.
func scoredAgain(c *archive.Score) [][2]string {
	if c == nil {
		return nil
	}
	text := fmt.Sprintf("%+.4f  %s  %s, %d fresh seeds from %d on", c.Fitness, interval(c.CI95), c.Verdict, c.Seeds, c.FirstSeed)
	for _, t := range c.Tasks {
		text += fmt.Sprintf("; %s %+.4f %s", t.Task, t.Advantage, t.Verdict)
	}
	return [][2]string{{"confirmed", text}}
}
