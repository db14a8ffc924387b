package sandbox

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// TestBenign checks that unusual but harmless programs are accepted. That they
// mean what Go says they mean is tested in package randprog.
func TestBenign(t *testing.T) {
	paths, err := filepath.Glob("testdata/benign/*.txt")
	if err != nil || len(paths) < 60 {
		t.Fatalf("%d programs (%v), want at least 60", len(paths), err)
	}
	var c Checker
	t.Cleanup(c.Close)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, rejection, err := c.Check(t.Context(), string(source)); err != nil || rejection != nil {
				t.Errorf("rejection %v, error %v", rejection, err)
			}
		})
	}
}

// TestCatalog holds the graph that the sandbox traces from the source of every
// known loss against the one that the compiled loss traces.
func TestCatalog(t *testing.T) {
	var c Checker
	t.Cleanup(c.Close)
	for _, e := range catalog.All() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			want, err := objective.Trace(e.Loss)
			if err != nil {
				t.Fatal(err)
			}
			got, rejection, err := c.Check(t.Context(), e.Source)
			if err != nil || rejection != nil {
				t.Fatalf("rejection %v, error %v", rejection, err)
			}
			if diff := cmp.Diff(marshal(t, want), marshal(t, got.Graph)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func marshal(t *testing.T, v any) string {
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
