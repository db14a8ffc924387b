// Command screen asks how well the screen predicts a verdict. It reads a run that
// was searched without the screen, has the screen judge every candidate that a
// proposer wrote, and compares that with the fitness on the seeds that the
// screen did not use.
//
//	discover run --config bench/screen/search.yaml --name study
//	go run ./bench/screen --run study
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/proxy"
	"github.com/objdisco/discover/evaluator/stats"
	"github.com/objdisco/discover/sandbox/graph"
)

func main() {
	runs := flag.String("runs", "runs", "folder that holds the runs")
	run := flag.String("run", "", "name of a run without the screen, two seeds at least")
	flag.Parse()
	if err := study(context.Background(), *runs, *run); err != nil {
		fmt.Fprintln(os.Stderr, "screen:", err)
		os.Exit(1)
	}
}

// judged is a candidate as the two rungs of the screen and as the race see it,
// each a share of dpo's gain.
type judged struct {
	name                 string
	bandit, first, later float64
	verdict              string
}

func study(ctx context.Context, runs, run string) error {
	r, err := archive.OpenReadOnly(runs, run)
	if err != nil {
		return err
	}
	defer r.Close()
	e := &evaluator.Evaluator{Source: proxy.Source{}}
	var all []judged
	for c, err := range r.Candidates(1) {
		if err != nil {
			return err
		}
		if c.Origin == "catalog" || c.Score == nil {
			continue
		}
		j, err := judge(ctx, e, c)
		if err != nil {
			return fmt.Errorf("candidate %d: %w", c.ID, err)
		}
		all = append(all, j)
	}
	if len(all) < 3 {
		return fmt.Errorf("run %q has %d scored candidates that a proposer wrote, too few to compare", run, len(all))
	}
	report(all)
	return nil
}

// judge scores a candidate on the bandit and reads the rest from its score.
func judge(ctx context.Context, e *evaluator.Evaluator, c archive.Candidate) (judged, error) {
	j := judged{name: c.Name, verdict: c.Score.Verdict}
	var tasks []evaluator.TaskScore
	if err := json.Unmarshal(c.Score.Detail, &tasks); err != nil {
		return j, err
	}
	j.first = tasks[0].Shares()[0]
	for _, t := range tasks {
		for _, share := range t.Shares()[1:] {
			j.later += share / float64(len(tasks)*(len(t.PerSeed)-1))
		}
	}
	g, err := graph.Decode(c.Graph)
	if err != nil {
		return j, err
	}
	m, failure, err := e.Evaluate(ctx, g, evaluator.Effort{Tasks: []string{"bandit"}, MinSeeds: 2, MaxSeeds: 2, NoScreen: true}, nil, nil)
	switch {
	case err != nil:
		return j, err
	case failure != nil:
		j.bandit = -1
	default:
		j.bandit = m.Tasks[0].Advantage / m.Tasks[0].Gain
	}
	return j, nil
}

func report(all []judged) {
	var bandit, first, later []float64
	for _, j := range all {
		bandit, first, later = append(bandit, j.bandit), append(first, j.first), append(later, j.later)
	}
	fmt.Printf("%d candidates; Spearman's rank correlation with the fitness on later seeds:\n", len(all))
	fmt.Printf("  bandit, 2 seeds         %s\n", correlation(bandit, later))
	fmt.Printf("  first task, first seed  %s\n", correlation(first, later))
	fmt.Println("what a rung drops that loses more than a share of dpo's gain, and the best of it on later seeds:")
	for _, rung := range []struct {
		name string
		of   func(judged) float64
	}{{"bandit", func(j judged) float64 { return j.bandit }}, {"first seed", func(j judged) float64 { return j.first }}} {
		for _, share := range []float64{.1, .3, .5, .7, .9} {
			fmt.Printf("  %-10s %3.0f %%  %s\n", rung.name, 100*share, dropped(all, rung.of, share))
		}
	}
}

func correlation(x, y []float64) string {
	rho, ok := stats.Spearman(x, y)
	if !ok {
		return "undefined"
	}
	return fmt.Sprintf("%+.2f", rho)
}

// dropped says how many candidates lose more than a share, and which of them
// would have done best.
func dropped(all []judged, of func(judged) float64, share float64) string {
	n, best := 0, judged{}
	for _, j := range all {
		if of(j) >= -share {
			continue
		}
		if n == 0 || j.later > best.later {
			best = j
		}
		n++
	}
	if n == 0 {
		return "drops none"
	}
	return fmt.Sprintf("drops %3d, best %+.3f, %s (%s)", n, best.later, best.verdict, best.name)
}
