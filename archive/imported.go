package archive

// Imported says where a candidate came from that was read from a file: the run
// and the candidate as the file has them. The ids in it (of the candidate, its
// parents and so on) are that run's; in the candidate that holds it they are this
// run's, or gone where this run has no such candidate.
type Imported struct {
	Run       Run       `json:"run"`
	Candidate Candidate `json:"candidate"` // without its prompts
}

// Exported returns the run and the candidate that an export of c, applied to run,
// is to name: those of the file that it was imported from, with what was added
// since.
func (c Candidate) Exported(run Run) (Run, Candidate) {
	if c.Imported == nil {
		return run, c
	}
	first := c.Imported.Candidate
	first.Prompt, first.Rendered, first.Confirmed = c.Prompt, c.Rendered, c.Confirmed
	return c.Imported.Run, first
}
