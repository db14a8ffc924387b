package export

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
)

// csvFiles writes one table of the cells of all objectives. A cell that blew up has
// no reward and no KL.
func csvFiles(objectives []Objective) ([]file, error) {
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
	return []file{{"cells.csv", out.Bytes()}}, w.Error()
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
