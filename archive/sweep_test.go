package archive

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// What processes that were killed left half made goes when the run is next opened
// for writing, and nothing else does.
func TestLeftoversAreRemoved(t *testing.T) {
	for name, open := range map[string]func(dir string) error{
		"open": func(dir string) error {
			a, err := Open(dir, "run")
			if err != nil {
				return err
			}
			return a.Close()
		},
		"compact": func(dir string) error { return Compact(dir, "run") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := plant(t, story(t))
			run := filepath.Join(dir, "run")
			left := []string{"run.db.17.new", ".sock42/run.sock"}
			others := []string{"run.db.bak", "notes.new", "run.sock"}
			for _, file := range append(left, others...) {
				path := filepath.Join(run, file)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			must(readAll(dir))(t)
			for _, file := range left {
				if _, err := os.Stat(filepath.Join(run, file)); err != nil {
					t.Errorf("a reader removed something: %v", err)
				}
			}
			if err := open(dir); err != nil {
				t.Fatal(err)
			}
			var there []string
			for _, f := range must(os.ReadDir(run))(t) {
				there = append(there, f.Name())
			}
			if len(there) != len(others)+1 {
				t.Errorf("there are %q", there)
			}
		})
	}
}
