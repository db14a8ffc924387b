package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Summary is what a list of runs shows of one.
type Summary struct {
	Name   string
	Run    Run
	Totals Totals
	Best   *Candidate // nil while nothing is scored
	Live   bool       // a process is running it now
	// Err says why the rest is missing: a locked or damaged run is listed too.
	Err error
}

// List returns a summary of every run below dir, by name. A missing directory has
// no runs.
func List(dir string) ([]Summary, error) {
	names, err := Names(dir)
	if err != nil {
		return nil, err
	}
	var out []Summary
	for _, name := range names {
		out = append(out, Summary{Name: name})
	}
	summarizeAll(dir, out)
	return out, nil
}

// Names lists the runs below dir without opening them, in order. A missing
// directory has none.
func Names(dir string) ([]string, error) {
	dirs, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	var out []string
	for _, d := range dirs {
		if _, err := os.Lstat(filepath.Join(dir, d.Name(), fileName)); err == nil && ValidName(d.Name()) == nil {
			out = append(out, d.Name())
		}
	}
	return out, nil
}

// summarizeAll fills in out. Runs are opened side by side, because each locked one
// takes a second.
func summarizeAll(dir string, out []Summary) {
	var wg sync.WaitGroup
	places := make(chan struct{}, 8)
	for i := range out {
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			out[i].Err = out[i].read(dir)
		})
	}
	wg.Wait()
}

func (s *Summary) read(dir string) (err error) {
	r, err := OpenReadOnly(dir, s.Name)
	if err != nil {
		s.Live = errors.Is(err, ErrLocked)
		return err
	}
	defer r.Close()
	s.Live = r.Live()
	if s.Run, err = r.Run(); err != nil {
		return err
	}
	if s.Totals, err = r.Totals(); err != nil {
		return err
	}
	best, err := r.Top(1)
	if err == nil && len(best) > 0 {
		s.Best = &best[0]
	}
	return err
}
