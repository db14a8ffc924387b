package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/kernel"
	"github.com/objdisco/discover/evaluator/proxy"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// settings are what the archive keeps of how a run was started.
type settings struct {
	Config  discover.Config `json:"config"`
	Catalog []string        `json:"catalog"` // names, in the order of their ids

	// Templates are the texts of the folder that Config.Prompts names, as they were
	// when the run began or was last told to read them: what comes of the folder
	// later changes nothing.
	Templates map[string]string `json:"templates,omitempty"`

	// Of a replay: the run whose proposals are made again, what its candidates are
	// called, and whether something else than in that run decides the prompts.
	From   string `json:"from,omitempty"`
	Origin string `json:"origin,omitempty"`
	WhatIf bool   `json:"what_if,omitempty"`

	// Tasks are the proxy tasks of the program that started the run, with all
	// their parameters, and Tier the kernels that trained.
	Tasks []proxy.Definition `json:"tasks,omitempty"`
	Tier  string             `json:"tier,omitempty"`
}

// settingsOf reads how a run was started; name is what the user calls it.
func settingsOf(name string, run archive.Run) (settings, error) {
	var s settings
	if err := json.Unmarshal(run.Config, &s); err != nil {
		return s, fmt.Errorf("run %q: %w: its settings: %w", name, archive.ErrDamaged, err)
	}
	return s, nil
}

// sameTasks returns an error if this program trains on other tasks than the one that
// started the run: fitnesses would be compared that mean different things. A run of
// a version that stored no tasks passes.
func (s *settings) sameTasks(name string) error {
	for _, stored := range s.Tasks {
		known, err := proxy.Lookup(stored.Name)
		if err == nil && known.Same(stored) || !s.trainsOn(stored.Name) {
			continue
		}
		return fmt.Errorf("run %q was started by a discover whose task %q, version %d, is not the one of this discover: go on with that version, or start a new run", name, stored.Name, stored.Version)
	}
	return nil
}

// trainsOn reports whether the run scores or screens with a task.
func (s *settings) trainsOn(task string) bool {
	return slices.Contains(s.Config.Tasks, task) || s.Config.Screen && slices.Contains(evaluator.ScreenTasks(), task)
}

// sitting is one process's part of a run: the search and its open archive.
type sitting struct {
	*app
	search  *discover.Search
	checker checker // of search; run closes it
}

// newSitting starts a run, of the proposals of run from unless that is "".
func (a *app) newSitting(ctx context.Context, name, from string, config discover.Config) (*sitting, error) {
	origin, err := a.chooseProposer(&config)
	if err != nil {
		return nil, err
	}
	start, err := a.start(config, from)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(start)
	if err != nil {
		return nil, err
	}
	_, absent := os.Stat(a.runs)
	db, err := archive.Create(a.runs, name, archive.Settings{
		Config: data, ConfigHash: start.hash(), Seed: config.Seed, Proposer: origin, Version: version(), Created: time.Now().UTC(),
	})
	if err != nil {
		return nil, err
	}
	a.serve(db)
	var s *sitting
	if err = a.reach(ctx, start, db, origin, config.Model.Names()); err == nil {
		s, err = a.sittingOn(db, name, start, origin)
	}
	if err != nil { // nothing was searched: leave no run behind
		err = errors.Join(err, a.discard(db, name))
		if errors.Is(absent, fs.ErrNotExist) {
			_ = os.Remove(a.runs) // unless another run has begun in it
		}
		return nil, err
	}
	return s, nil
}

// discard removes a run that was just created and came to nothing.
func (a *app) discard(db *archive.Archive, name string) error {
	return errors.Join(db.Close(), os.RemoveAll(filepath.Join(a.runs, name)))
}

// start settles what a new run goes through.
func (a *app) start(config discover.Config, from string) (settings, error) {
	start := settings{Config: config, Tasks: proxy.Definitions(), Tier: kernel.Tier()}
	if from != "" {
		err := a.startReplay(&start, from)
		return start, err
	}
	if err := start.readTemplates(); err != nil {
		return start, err
	}
	for _, e := range a.knownObjectives() {
		start.Catalog = append(start.Catalog, e.Name)
	}
	return start, nil
}

// openSitting goes on with a run, changed as a person asked.
func (a *app) openSitting(ctx context.Context, name string, change func(*settings) error) (*sitting, error) {
	db, err := archive.Open(a.runs, name)
	if err != nil {
		return nil, err
	}
	a.serve(db)
	s, err := a.reopened(ctx, db, name, change)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func (a *app) reopened(ctx context.Context, db *archive.Archive, name string, change func(*settings) error) (*sitting, error) {
	run, err := db.Run()
	if err != nil {
		return nil, err
	}
	if run.Proposer == importer {
		return nil, fmt.Errorf("run %q was imported and is no search that can go on; to score its candidates again: discover confirm %s%s", name, name, a.runsFlag())
	}
	start, err := settingsOf(name, run)
	if err != nil {
		return nil, err
	}
	server, models := start.Config.BaseURL, start.Config.Model.Names()
	err = change(&start)
	if err == nil {
		err = start.Config.Validate()
	}
	if err == nil {
		err = moveServer(run.Proposer, server, &start.Config)
	}
	if err != nil {
		return nil, usageError{err}
	}
	if err := errors.Join(start.sameTasks(name), start.keepTemplates()); err != nil {
		return nil, err
	}
	if start.From != "" {
		if err := a.extendReplay(&start); err != nil {
			return nil, err
		}
	}
	a.noteTemplates(start, fmt.Sprintf("run %q goes on with those that it was started with (for the others: discover resume %s%s --config FILE, with the key prompts in FILE)", name, name, a.runsFlag()))
	if tier := kernel.Tier(); start.Tier != "" && start.Tier != tier {
		a.note("discover: run %q was started with the %s kernels, and goes on with %s: scores of the two differ a little, and each says which trained it", name, start.Tier, tier)
	}
	known := func(model string) bool { return start.Config.BaseURL == server && slices.Contains(models, model) }
	if err := a.reach(ctx, start, db, run.Proposer, slices.DeleteFunc(start.Config.Model.Names(), known)); err != nil {
		return nil, err
	}
	s, err := a.sittingOn(db, name, start, run.Proposer)
	if err != nil {
		return nil, err
	}
	if err := start.keepIn(db); err != nil {
		s.checker.Close()
		return nil, err
	}
	a.noteServer(server, start.Config.BaseURL)
	return s, nil
}

// keepIn stores how a run goes on: only what a search can begin with, so that a slip
// is not there again the next time.
func (s *settings) keepIn(db *archive.Archive) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return db.SetConfig(data, s.hash())
}

func (a *app) sittingOn(db *archive.Archive, name string, start settings, origin string) (*sitting, error) {
	entries := make([]catalog.Entry, len(start.Catalog))
	for i, known := range start.Catalog {
		e, ok := catalog.Lookup(known)
		if !ok {
			return nil, fmt.Errorf("run %q was started by a discover whose catalog has %q, which this one lacks: go on with that version", name, known)
		}
		entries[i] = e
	}
	proposer, origin, err := a.newProposer(origin, start, db)
	if err != nil {
		return nil, err
	}
	checker := newChecker(start.Config.Sandbox, 0)
	return &sitting{app: a, checker: checker, search: &discover.Search{
		Name: name, Config: start.Config, Origin: origin, Catalog: entries, Proposer: proposer,
		Checker: checker, Evaluator: newEvaluator(start.Config.Workers, start.Config.MicroBatch), Archive: db,
	}}, nil
}

// run searches, with progress on stderr, and ends with the leaderboard.
func (s *sitting) run(ctx context.Context) error {
	defer s.checker.Close()
	if replay, ok := s.search.Proposer.(propose.Replay); ok {
		from := replay.From.(*recording)
		defer from.reader.Close()
		s.note("The proposals are those of run %s; no model is asked.", from.name)
	}
	line := newStatusLine(s.err)
	view := newProgressView(line, time.Now)
	s.search.Events = view.event
	err := s.search.Run(ctx)
	line.clear()
	top, topErr := s.search.Archive.Top(10)
	totals, totalsErr := s.search.Archive.Totals()
	if err != nil {
		s.saved(err, totals.Usage)
	}
	switch closed := errors.Join(topErr, totalsErr, s.search.Archive.Close()); {
	case closed != nil, err != nil && !errors.Is(err, discover.ErrBudget):
		return errors.Join(err, closed)
	}
	return errors.Join(s.finish(top, totals.Candidates[archive.Scored]), err)
}

// serve lets other commands read a run that this one has open for writing.
func (a *app) serve(db *archive.Archive) {
	if err := db.Serve(); err != nil {
		a.note("discover: other commands cannot read the run while it goes on: %v", err)
	}
}

// saved tells a person that a search which ended early lost nothing, and how it goes
// on after what was spent, unless its archive is damaged.
func (s *sitting) saved(err error, usage archive.Usage) {
	switch {
	case errors.Is(err, archive.ErrDamaged): // which says what to do
	case errors.Is(err, discover.ErrBudget):
		s.note("The budget is spent. Everything finished so far is saved; go on with: discover resume %s%s%s", s.search.Name, s.runsFlag(), raised(err, usage))
	case errors.Is(err, context.Canceled):
		s.note("Interrupted. Everything finished so far is saved; go on with: discover resume %s%s", s.search.Name, s.runsFlag())
	default:
		s.note("Stopped. Everything finished so far is saved; go on with: discover resume %s%s", s.search.Name, s.runsFlag())
	}
}

// finish prints the best of so many scored candidates.
func (s *sitting) finish(top []archive.Candidate, scored int) error {
	name := s.search.Name
	if s.json {
		return s.printJSON(leaderboardOf(name, scored, top))
	}
	fmt.Fprintf(s.out, "\nBest of run %s, fitness is the gain over dpo at equal KL:\n\n", name)
	if err := errors.Join(printLeaderboard(s.out, top), printLuck(s.out, scored), printFreshSeeds(s.out, top)); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\nwritten    %s\nlook       discover show %s ID%s\ntake home  discover export %s --top 1 --format go -o best%s\n",
		s.archivePath(name), name, s.runsFlag(), name, s.runsFlag())
	return nil
}

// runsFlag repeats --runs in a command that a person may copy.
func (a *app) runsFlag() string {
	if a.runs == "runs" {
		return ""
	}
	return fmt.Sprintf(" --runs %q", a.runs)
}
