package archive

import (
	"os"
	"path/filepath"
)

// Names of what is made complete in a run's directory before it takes its place.
const (
	fileDraft   = fileName + ".*.new"
	socketDraft = ".sock*"
)

// sweep removes the drafts that killed processes left in a run's directory. The
// caller holds the run's file, so a draft in work can only be that of a Create which
// is about to find that the run exists. What cannot be removed does no harm.
func sweep(dir string) {
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		for _, draft := range []string{fileDraft, socketDraft} {
			if match, _ := filepath.Match(draft, f.Name()); match {
				os.RemoveAll(filepath.Join(dir, f.Name()))
			}
		}
	}
}
