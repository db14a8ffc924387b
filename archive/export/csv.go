package export

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"github.com/objdisco/discover/sandbox/graph"
)

// csvFiles writes a table of the cells of all objectives and one of the objectives.
func csvFiles(objectives []Objective) ([]file, error) {
	cells, err := cellTable(objectives)
	if err != nil {
		return nil, err
	}
	table, err := objectiveTable(objectives)
	if err != nil {
		return nil, err
	}
	return []file{{"cells.csv", cells}, {"objectives.csv", table}}, nil
}

// cellTable has a row per cell. A cell that blew up has no reward and no KL.
func cellTable(objectives []Objective) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Write([]string{"run", "id", "name", "origin", "task", "task_version", "beta", "seed", "reward", "kl", "blew_up", "seconds"})
	for _, o := range objectives {
		for _, c := range o.Cells {
			w.Write([]string{
				field(o.Run.Name), strconv.Itoa(o.Candidate.ID), field(o.Candidate.Name), field(o.Candidate.Origin),
				field(c.Task), field(c.TaskVersion), number(&c.Beta), strconv.FormatUint(c.Seed, 10),
				number(c.Reward), number(c.KL), strconv.FormatBool(c.BlewUp), number(&c.Seconds),
			})
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// objectiveTable has a row per objective. Facts are separated by semicolons; without
// a score, or the nearest known loss, its columns are empty.
func objectiveTable(objectives []Objective) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Write([]string{
		"run", "id", "name", "origin", "formula", "fingerprint", "nearest", "nearest_beta_scale", "nearest_factor", "nearest_distance",
		"fitness", "ci95_low", "ci95_high", "verdict", "seeds", "facts",
	})
	for _, o := range objectives {
		c := &o.Candidate
		sheet, err := graph.Inspect(o.Graph)
		if err != nil {
			return nil, err
		}
		fingerprint, err := graph.Fingerprint(o.Graph)
		if err != nil {
			return nil, err
		}
		near, standing := make([]string, 4), make([]string, 5)
		if n := c.Nearest; n != nil {
			near = []string{field(n.Name), number(&n.BetaScale), number(&n.Factor), number(&n.Distance)}
		}
		if s := c.Score; s != nil {
			standing = []string{number(&s.Fitness), number(&s.CI95[0]), number(&s.CI95[1]), field(s.Verdict), strconv.Itoa(s.Seeds)}
		}
		w.Write(slices.Concat(
			[]string{field(o.Run.Name), strconv.Itoa(c.ID), field(c.Name), field(c.Origin), field(graph.Formula(o.Graph)), fingerprint},
			near, standing, []string{field(strings.Join(sheet.Facts(), "; "))},
		))
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func number(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}

// field returns text that no spreadsheet takes for a formula.
func field(s string) string {
	s = plain(s)
	if s != "" && strings.ContainsRune("=+-@|%", rune(s[0])) {
		return "'" + s
	}
	return s
}
