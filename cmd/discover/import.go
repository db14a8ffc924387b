package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/archive/export"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/graph"
)

// importer is what the archive calls the proposer of an imported run.
const importer = "import"

func (a *app) importCommand() *cobra.Command {
	var name, mode string
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Make a run of objectives that were exported as JSON",
		Long: `Make a run of objectives that "discover export --format json" wrote, here or
elsewhere. Candidates, cells and provenance are those of the files, and an export
of the new run gives the same files again, byte for byte.

Files are not believed what can be checked: the code must pass the sandbox and
denote the graph that the file has, and facts that follow from the graph are
measured again. Scores cannot be checked without training; "discover confirm"
scores again.`,
		Example: "  discover export first --top 5 --format json -o mine\n  discover import mine/*.json --name theirs",
		Args:    cobra.RangeArgs(1, maxImported),
		RunE: func(cmd *cobra.Command, args []string) error {
			if mode != string(sandbox.Auto) && mode != string(sandbox.Strict) {
				return usagef("unknown --sandbox %q: use auto or strict", mode)
			}
			return a.importFiles(cmd.Context(), args, cmp.Or(name, nameNow()), mode)
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "name of the new run (default: date and time)")
	cmd.Flags().StringVar(&mode, "sandbox", string(sandbox.Auto), "auto, or strict: refuse to check without every layer of isolation")
	return cmd
}

// What one import may bring: far more than a search spends on a candidate, and
// little enough to be stored while a person waits.
const (
	maxImported      = 1000 // files
	maxImportedCells = 5000 // of one file
)

// importedJSON is what `import --json` prints.
type importedJSON struct {
	Run        string `json:"run"`
	Candidates int    `json:"candidates"`
	Cells      int    `json:"cells"`
}

// importFiles reads and checks every file before anything is written.
func (a *app) importFiles(ctx context.Context, files []string, name, mode string) error {
	if err := archive.ValidName(name); err != nil {
		return usageError{err}
	}
	check := newChecker(mode, len(files))
	defer check.Close()
	objectives := make([]export.Objective, len(files))
	for i, file := range files {
		var err error
		if objectives[i], err = importFile(ctx, check, file); err != nil {
			return fmt.Errorf("%q: %w", file, err)
		}
	}
	if err := a.storeImported(name, objectives); err != nil {
		return err
	}
	out := importedJSON{Run: name, Candidates: len(objectives)}
	for _, o := range objectives {
		out.Cells += len(o.Cells)
	}
	if a.json {
		return a.printJSON(out)
	}
	_, err := fmt.Fprintf(a.out, "written  %s\n%d candidates, %d cells\n", a.archivePath(name), out.Candidates, out.Cells)
	return err
}

// importFile reads one file and checks all that can be.
func importFile(ctx context.Context, check checker, file string) (export.Objective, error) {
	f, err := os.Open(file)
	if err != nil {
		return export.Objective{}, err
	}
	defer f.Close()
	o, err := export.ReadJSON(f)
	if err != nil {
		return o, fmt.Errorf("%w: want a file that \"discover export --format json\" wrote", err)
	}
	if err := plausible(o); err != nil {
		return o, err
	}
	compiled, rejection, err := check.Check(ctx, o.Candidate.Code)
	if err != nil {
		return o, err
	}
	if rejection != nil {
		return o, fmt.Errorf("its code is refused: %s", rejection)
	}
	return o, denotes(compiled.Graph, o)
}

// plausible refuses what no export holds.
func plausible(o export.Objective) error {
	c := &o.Candidate
	switch {
	case c.ID < 1:
		return fmt.Errorf("it has no candidate of a run")
	case len(o.Cells) > maxImportedCells:
		return fmt.Errorf("%d cells are more than any candidate has, the limit is %d", len(o.Cells), maxImportedCells)
	case c.Imported != nil:
		return errors.New("its candidate claims to be imported, which an export never says")
	case o.Run.Name != "" && archive.ValidName(o.Run.Name) != nil:
		return archive.ValidName(o.Run.Name)
	}
	for _, s := range []*archive.Score{c.Score, c.Confirmed} {
		if err := plausibleScore(s); err != nil {
			return err
		}
	}
	return nil
}

func plausibleScore(s *archive.Score) error {
	if s == nil {
		return nil
	}
	verdicts := []string{string(evaluator.Better), string(evaluator.Worse), string(evaluator.Same), string(evaluator.Undecided)}
	if !slices.Contains(verdicts, s.Verdict) || s.Seeds < 1 {
		return fmt.Errorf("a score with verdict %q over %d seeds is none", s.Verdict, s.Seeds)
	}
	var detail []evaluator.TaskScore
	if err := json.Unmarshal(s.Detail, &detail); err != nil {
		return fmt.Errorf("the details of its score: %w", err)
	}
	if len(detail) != len(s.Tasks) {
		return fmt.Errorf("its score is of %d tasks, with details of %d", len(s.Tasks), len(detail))
	}
	return nil
}

// denotes compares what the code was traced to with the graph of the file, which
// may have tuned its parameters, and with the claims about it.
func denotes(traced *graph.Graph, o export.Objective) error {
	values := map[string]float64{}
	for _, p := range o.Graph.Params() {
		values[p.Name] = p.Value
	}
	tuned, err := traced.WithParams(values)
	if err != nil || tuned.Hash() != o.Graph.Hash() {
		return errors.New("its code denotes another objective than its graph")
	}
	own, err := graph.Decode(o.Candidate.Graph)
	if err != nil || own.Hash() != o.Graph.Hash() {
		return errors.New("it has two graphs that differ")
	}
	fingerprint, err := graph.Fingerprint(o.Graph)
	if err != nil {
		return err
	}
	former, err := graph.FormerFingerprint(o.Graph) // of a run made before there were others
	if err == nil && o.Candidate.Fingerprint != fingerprint && o.Candidate.Fingerprint != former {
		err = fmt.Errorf("its fingerprint is %q, that of its graph is %q", o.Candidate.Fingerprint, fingerprint)
	}
	return err
}

// storeImported writes the new run; after an error there is none.
func (a *app) storeImported(name string, objectives []export.Objective) error {
	config, err := importedConfig(objectives[0].Run)
	if err != nil {
		return err
	}
	data, err := json.Marshal(settings{Config: config, Catalog: []string{}})
	if err != nil {
		return err
	}
	return archive.CreateFilled(a.runs, name, archive.Settings{
		Config: data, ConfigHash: config.Hash(), Seed: config.Seed, Proposer: importer, Version: version(), Created: time.Now().UTC(),
	}, func(db *archive.Archive) error { return fillImported(db, objectives) })
}

// importedConfig is the standard configuration, with how candidates are scored
// taken from the run that a file comes from. The rest of that run's settings, such
// as the address of a server, stays in the file.
func importedConfig(from archive.Run) (discover.Config, error) {
	config, err := discover.Preset("standard")
	if err != nil {
		return config, err
	}
	config.Candidates, config.Seed = 0, from.Seed
	if from.Config == nil {
		return config, nil
	}
	var theirs struct {
		Config struct {
			Tasks      []string `json:"tasks"`
			Seeds      int      `json:"seeds"`
			MicroBatch int      `json:"micro_batch"`
		} `json:"config"`
	}
	if err := json.Unmarshal(from.Config, &theirs); err != nil {
		return config, fmt.Errorf("the configuration of run %q: %w", from.Name, err)
	}
	config.Tasks, config.Seeds, config.MicroBatch = theirs.Config.Tasks, theirs.Config.Seeds, theirs.Config.MicroBatch
	return config, errors.Join(config.Validate(), knownTasks(config.Tasks))
}

func fillImported(db *archive.Archive, objectives []export.Objective) error {
	for i, o := range objectives {
		c, err := importedCandidate(i+1, o, objectives)
		if err != nil {
			return err
		}
		for _, cell := range o.Cells {
			if err := db.SaveCell(c.ID, cell); err != nil {
				return err
			}
		}
		stored, err := db.Cells(c.ID)
		if err != nil {
			return err
		}
		if len(stored) != len(o.Cells) {
			return fmt.Errorf("candidate %d of run %q: it has a cell twice", o.Candidate.ID, o.Run.Name)
		}
		if err := db.Apply(c, nil); err != nil {
			return err
		}
	}
	return db.SetStatus(archive.Finished, "")
}

// importedCandidate is candidate id of the new run: that of the file, with ids of
// the new run and what follows from the graph measured anew.
func importedCandidate(id int, o export.Objective, all []export.Objective) (archive.Candidate, error) {
	c := o.Candidate
	first := o.Candidate
	first.Prompt, first.Rendered = "", ""
	c.Imported = &archive.Imported{Run: o.Run, Candidate: first}
	c.ID, c.Parents, c.DuplicateOf, c.Tuning = id, nil, "", nil
	for _, parent := range o.Candidate.Parents {
		if at := slices.IndexFunc(all[:id-1], func(p export.Objective) bool {
			return p.Run.Name == o.Run.Name && strconv.Itoa(p.Candidate.ID) == parent
		}); at >= 0 {
			c.Parents = append(c.Parents, strconv.Itoa(at+1))
		}
	}
	return c, discover.Describe(&c, o.Graph)
}
