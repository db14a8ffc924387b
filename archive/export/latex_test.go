//go:build latex

package export

import (
	"os/exec"
	"testing"
)

// The documents of the catalog and of 20 random programs, and one full of foreign
// text, pass pdfLaTeX without an error. Run with: go test -tags latex
func TestLaTeXTypesets(t *testing.T) {
	objectives := append(known(t), hostile(t))
	for seed := range uint64(20) {
		objectives = append(objectives, random(t, seed))
	}
	dir := t.TempDir()
	paths, err := Write(dir, "latex", objectives)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		cmd := exec.Command("pdflatex", "-interaction=nonstopmode", "-halt-on-error", path)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
}
