package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose/source"
	"github.com/objdisco/discover/discover/simplify"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

func (a *app) simplifyCommand() *cobra.Command {
	var o simplifyOptions
	cmd := &cobra.Command{
		Use:   "simplify RUN ID",
		Short: "Find the smallest objective with the same verdict",
		Long: `Find the smallest objective with the same verdict as a candidate's. One part after
another is left out: an addend, a factor, a function, a whole sub-expression for
its usual value, the digits of a constant. What is left is checked and scored
again on the tasks of the run, and kept if the verdict is the same, or a better
one, and no more than --give is lost against the candidate. Where the verdict is
undecided or worse, which says little of how bad a loss may be, the 95 % interval of
what is lost over paired seeds must not exceed --give either. Every part that was
tried is listed with what it is worth: the fitness with it less the fitness without
it, with a 95 % interval over paired seeds. The run itself does not change. A result
that is better than what it was made from is partly lucky, as the best of many: it
was chosen on the same seeds.`,
		Example: "  discover simplify first 41 --evaluations 60 > simple.go",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := candidateID(args[1])
			if err != nil {
				return err
			}
			return a.simplify(cmd.Context(), args[0], id, o)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.limits.Evaluations, "evaluations", 40, "how often to score at most; each takes as long as one candidate of the search")
	f.Float64Var(&o.limits.Give, "give", evaluator.SameShare, "share of dpo's gain that the result may lose")
	f.IntVar(&o.seeds, "seeds", 0, "paired seeds (default those of the run)")
	f.IntVar(&o.workers, "workers", 0, "cells trained at once (default one per core)")
	return cmd
}

type simplifyOptions struct {
	limits         simplify.Limits
	seeds, workers int
}

// simplified is what `simplify --json` prints.
type simplified struct {
	Run         string           `json:"run"`
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Original    sized            `json:"original"`
	Simplest    sized            `json:"simplest"`
	Parts       []simplify.Trial `json:"parts"` // in the order in which they were tried
	Evaluations int              `json:"evaluations"`
	Complete    bool             `json:"complete"` // nothing more can be left out
}

// sized is an objective with its score and size.
type sized struct {
	Operations int                `json:"operations"`
	Formula    string             `json:"formula"`
	Code       string             `json:"code"`
	Nearest    graph.Match        `json:"nearest"`
	Fitness    float64            `json:"fitness"`
	CI95       evaluator.Interval `json:"ci95"`
	Verdict    evaluator.Verdict  `json:"verdict"`
}

func (a *app) simplify(ctx context.Context, run string, id int, o simplifyOptions) error {
	if o.limits.Evaluations < 1 || !(o.limits.Give >= 0) || o.seeds < 0 || o.seeds == 1 {
		return usagef("want --evaluations of at least 1, --give of at least 0 and --seeds of at least 2")
	}
	c, start, err := a.candidateOf(run, id)
	if err != nil {
		return err
	}
	g, err := graph.Decode(c.Graph)
	if err != nil {
		return fmt.Errorf("candidate %d: %w", id, err)
	}
	line := newStatusLine(a.err)
	defer line.clear()
	judge := newSimplifyJudge(start, o, line)
	defer judge.scorer.checker.Close()
	result, err := simplify.Simplify(ctx, g, judge.score, o.limits)
	if err != nil {
		return err
	}
	line.clear()
	out := simplified{Run: run, ID: strconv.Itoa(id), Name: c.Name, Parts: result.Trials, Evaluations: result.Evaluations, Complete: result.Complete}
	if out.Original, err = newSized(result.Original, c.Name); err != nil {
		return err
	}
	if out.Simplest, err = newSized(result.Simplest, c.Name+", simplified"); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(out)
	}
	return printSimplified(a.out, out)
}

// candidateOf reads a candidate that denotes an objective, and the settings of
// its run.
func (a *app) candidateOf(run string, id int) (archive.Candidate, settings, error) {
	r, err := archive.OpenReadOnly(a.runs, run)
	if err != nil {
		return archive.Candidate{}, settings{}, err
	}
	defer r.Close()
	c, err := r.Candidate(id)
	if err != nil {
		return c, settings{}, err
	}
	if c.Graph == nil {
		return c, settings{}, fmt.Errorf("candidate %d was rejected at %s and denotes no objective", id, c.Stage)
	}
	about, err := r.Run()
	if err != nil {
		return c, settings{}, err
	}
	start, err := settingsOf(run, about)
	return c, start, err
}

// simplifyJudge checks and scores what a search for a simpler objective tries.
type simplifyJudge struct {
	scorer *scorer
	line   *statusLine
	done   int
	most   int
}

func newSimplifyJudge(start settings, o simplifyOptions, line *statusLine) *simplifyJudge {
	seeds := o.seeds
	if seeds == 0 {
		seeds = start.Config.Seeds
	}
	return &simplifyJudge{
		scorer: &scorer{
			checker: newChecker(start.Config.Sandbox, 0), evaluator: newEvaluator(o.workers, start.Config.MicroBatch),
			effort: evaluator.Effort{Tasks: start.Config.Tasks, MinSeeds: seeds, MaxSeeds: seeds, NoScreen: true},
		},
		line: line, most: o.limits.Evaluations,
	}
}

// score passes the source of g through the sandbox like any candidate's.
func (j *simplifyJudge) score(ctx context.Context, g *graph.Graph) (*evaluator.Metrics, string, error) {
	j.done++
	j.line.set(fmt.Sprintf("evaluation %d of at most %d: %s", j.done, j.most, graph.Formula(g)))
	compiled, rejection, err := j.scorer.checker.Check(ctx, source.Print(g, ""))
	if err != nil {
		return nil, "", err
	}
	if rejection != nil {
		return nil, rejection.String(), nil
	}
	metrics, failure, err := j.scorer.evaluator.Evaluate(ctx, compiled.Graph, j.scorer.effort, nil, nil)
	if failure != nil {
		return nil, failure.Reason, nil
	}
	return metrics, "", err
}

func newSized(s simplify.Scored, comment string) (sized, error) {
	nearest, err := catalog.Library().Nearest(s.Graph)
	return sized{
		Operations: s.Operations(), Formula: graph.Formula(s.Graph), Code: source.Print(s.Graph, "Loss is "+comment+"."), Nearest: nearest,
		Fitness: s.Metrics.Fitness, CI95: s.Metrics.CI95, Verdict: s.Metrics.Verdict,
	}, err
}

// printSimplified writes the source of the result, with what was found as
// comments, so that the output is a file that can be checked and scored.
func printSimplified(w io.Writer, s simplified) error {
	var about strings.Builder
	fmt.Fprintf(&about, "%s (candidate %s of run %s), %d evaluations; %s\n\n", s.Name, s.ID, s.Run, s.Evaluations, howFar(s.Complete))
	rows := [][]string{{"", "operations", "fitness", "95 % interval", "verdict", "formula"}}
	for _, o := range []struct {
		what string
		of   sized
	}{{"before", s.Original}, {"after", s.Simplest}} {
		rows = append(rows, []string{o.what, strconv.Itoa(o.of.Operations), fmt.Sprintf("%+.4f", o.of.Fitness), intervalOrNone(o.of.CI95), string(o.of.Verdict), clip(o.of.Formula, 100)})
	}
	if err := table(&about, rows); err != nil {
		return err
	}
	fmt.Fprintf(&about, "\nafter is %s\n", s.Simplest.Nearest)
	if s.Simplest.Verdict == evaluator.Undecided {
		fmt.Fprintln(&about, "an undecided verdict excludes little, so a part goes only if the seeds show that it is worth no more than --give: more --seeds show more")
	}
	if err := printParts(&about, "removed", s.Parts, true); err != nil {
		return err
	}
	if err := printParts(&about, "kept", s.Parts, false); err != nil {
		return err
	}
	for line := range strings.Lines(about.String()) {
		fmt.Fprintln(w, strings.TrimRight("// "+printable(strings.TrimSuffix(line, "\n")), " "))
	}
	_, err := fmt.Fprintf(w, "\n%s", s.Simplest.Code)
	return err
}

func howFar(complete bool) string {
	if complete {
		return "nothing more can be left out"
	}
	return "more may go with more --evaluations"
}

// printParts writes a line for each part that was removed, or that was tried and
// kept.
func printParts(w io.Writer, what string, parts []simplify.Trial, removed bool) error {
	rows := [][]string{{what, "instead", "worth", "95 % interval", "without it"}}
	for _, p := range parts {
		if p.Removed != removed {
			continue
		}
		row := []string{clip(p.Part, 60), clip(p.Instead, 40)}
		if p.Unscored != "" {
			row = append(row, "", "", clip(p.Unscored, 80))
		} else {
			row = append(row, fmt.Sprintf("%+.4f", p.Worth), intervalOrNone(p.CI95), string(p.Verdict))
		}
		rows = append(rows, row)
	}
	if len(rows) == 1 {
		return nil
	}
	fmt.Fprintln(w)
	return table(w, rows)
}
