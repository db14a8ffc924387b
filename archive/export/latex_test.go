//go:build latex

package export

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

var overfull = regexp.MustCompile(`Overfull \\[hv]box[^\n]*`)

// The documents of the catalog, of objectives that a search has found, of random
// programs, and one full of foreign text pass pdfLaTeX without an error, and nothing in
// them runs over the edge of the paper. Run with: go test -tags latex
func TestLaTeXTypesets(t *testing.T) {
	objectives := append(append(known(t), evolved(t)...), hostile(t))
	for seed := range uint64(20) {
		objectives = append(objectives, random(t, seed))
	}
	dir := t.TempDir()
	paths, err := Write(dir, "latex", objectives)
	if err != nil {
		t.Fatal(err)
	}
	var working sync.WaitGroup
	work := make(chan string)
	for range 2 {
		working.Go(func() {
			for path := range work {
				typeset(t, path)
			}
		})
	}
	for _, path := range paths {
		work <- path
	}
	close(work)
	working.Wait()
}

// typeset runs pdfLaTeX and complains of what it complains of.
func typeset(t *testing.T, path string) {
	cmd := exec.Command("pdflatex", "-interaction=nonstopmode", "-halt-on-error", filepath.Base(path))
	cmd.Dir = filepath.Dir(path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", path, err, out)
	}
	log, err := os.ReadFile(strings.TrimSuffix(path, ".tex") + ".log")
	if err != nil {
		t.Error(err)
	}
	if over := overfull.FindAllString(string(log), -1); over != nil {
		t.Errorf("%s: %q", filepath.Base(path), over)
	}
}
