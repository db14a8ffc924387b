package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestSearchToVerdict searches, goes on, confirms and shows, as a person would.
func TestSearchToVerdict(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("OPENAI_API_KEY", "")
	t.Setenv("OPENAI_BASE_URL", "")
	t.Chdir(t.TempDir())
	if err := os.WriteFile("small.yaml", []byte(smallSearch), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ line, want string }{
		{"run --config small.yaml --candidates 2 --name a", "2 known objectives, then 2 candidates by evolve"},
		{"resume a --candidates 3", "run a goes on"},
		{"confirm a --top 1 --tasks bandit --seeds 2", "1 candidate was compared; 2 fresh seeds"},
		{"list", "a    finished"},
		{"report a", "report.html"},
	} {
		var out bytes.Buffer
		root := smallApp(t, &out).root()
		root.SetArgs(strings.Fields(step.line))
		if err := root.ExecuteContext(t.Context()); err != nil {
			t.Fatalf("%s: %v\n%s", step.line, err, out.String())
		}
		if !strings.Contains(out.String(), step.want) {
			t.Errorf("%s does not say %q:\n%s", step.line, step.want, out.String())
		}
	}
	if page, err := os.ReadFile("report.html"); err != nil || !strings.Contains(string(page), "<b>On fresh seeds ") {
		t.Errorf("the report does not show the confirmation; %v", err)
	}
}
