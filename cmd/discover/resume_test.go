package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/evaluator/kernel"
	"github.com/objdisco/discover/evaluator/proxy"
)

// A run goes on with the tasks that it was started with, or not at all; with other
// kernels it goes on and says so.
func TestResumeComparesTheSetting(t *testing.T) {
	const other = "other"
	tests := []struct {
		name   string
		change func(*settings)
		err    string
		note   string
	}{
		{"as started", func(*settings) {}, "", ""},
		{"of an old version, which kept no tasks", func(s *settings) { s.Tasks, s.Tier = nil, "" }, "", ""},
		{"other kernels", func(s *settings) { s.Tier = other }, "", `started with the other kernels, and goes on with ` + kernel.Tier()},
		{"another version of its task", func(s *settings) { task(s, "bandit").Version++ }, `task "bandit", version 3, is not the one`, ""},
		{"another parameter of its task", func(s *settings) { task(s, "bandit").Training.PeakRate *= 2 }, `task "bandit", version 2, is not the one`, ""},
		{"a task that is gone", func(s *settings) { task(s, "bandit").Name, s.Config.Tasks = "gone", []string{"gone"} }, `task "gone"`, ""},
		{"other words for its task", func(s *settings) { task(s, "bandit").About = other }, "", ""},
		{"another version of a task that it does not use", func(s *settings) { task(s, "reviews").Version++ }, "", ""},
		{"another version of the screen's task", func(s *settings) { task(s, "bandit-stress").Version++; s.Config.Screen = true }, `task "bandit-stress"`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var notes bytes.Buffer
			a := &app{runs: t.TempDir(), err: &notes}
			config, err := configOf("quick", "tasks: [bandit]\nscreen: false\nproposer: evolve")
			if err != nil {
				t.Fatal(err)
			}
			s, err := a.start(config, "")
			if err != nil {
				t.Fatal(err)
			}
			test.change(&s)
			data, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			db, err := archive.Create(a.runs, "run", archive.Settings{Config: data, Proposer: "evolve"})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			_, err = a.reopened(t.Context(), db, "run", func(*settings) error { return nil })
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if got := notes.String(); (got == "") != (test.note == "") || !strings.Contains(got, test.note) {
				t.Errorf("noted %q, want %q", got, test.note)
			}
		})
	}
}

// task finds a stored task.
func task(s *settings, name string) *proxy.Definition {
	for i := range s.Tasks {
		if s.Tasks[i].Name == name {
			return &s.Tasks[i]
		}
	}
	panic("no task " + name)
}
