package main

import (
	"io"
	"testing"

	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/sandbox"
)

// TestSandboxModeReachesTheChecker follows the key "sandbox" from the configuration
// to whoever checks candidates: in a run that starts, in one that goes on, and in
// simplify. What the checker does in mode strict is tested in package sandbox.
func TestSandboxModeReachesTheChecker(t *testing.T) {
	for _, mode := range []string{"auto", "strict"} {
		t.Run(mode, func(t *testing.T) {
			a := &app{runs: t.TempDir(), out: io.Discard, err: io.Discard}
			config, err := configOf("quick", "sandbox: "+mode+"\nproposer: random\n")
			if err != nil {
				t.Fatal(err)
			}
			s, err := a.newSitting(t.Context(), "r", "", config)
			if err != nil {
				t.Fatal(err)
			}
			hasMode(t, s.search.Checker, mode)
			if err := s.search.Archive.Close(); err != nil {
				t.Fatal(err)
			}
			if s, err = a.openSitting(t.Context(), "r", func(*settings) error { return nil }); err != nil {
				t.Fatal(err)
			}
			defer s.search.Archive.Close()
			hasMode(t, s.search.Checker, mode)
			judge := newSimplifyJudge(settings{Config: s.search.Config}, simplifyOptions{}, nil)
			hasMode(t, judge.scorer.checker, mode)
		})
	}
}

func hasMode(t *testing.T, c discover.Checker, want string) {
	t.Helper()
	if got := c.(*sandbox.Checker).Mode; got != sandbox.Mode(want) {
		t.Errorf("mode %q, want %q", got, want)
	}
}
