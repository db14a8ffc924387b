package archive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bbolt "go.etcd.io/bbolt"
)

// compactBatch bounds the transactions of Compact, in bytes.
const compactBatch = 16 << 20

// Compact rewrites the file of a run without its free pages. The run must not be
// open elsewhere. The old file stays in place until the new one is complete.
func Compact(dir, name string) error {
	s, err := openRun(dir, name, readWrite)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.compact(); err != nil {
		return fmt.Errorf("compact run %q: %w", name, err)
	}
	return nil
}

func (s *store) compact() error {
	path, err := filepath.EvalSymlinks(s.path) // a link stays one
	if err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), fileDraft)
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	if err := errors.Join(draft.Chmod(0o644), draft.Close()); err != nil {
		return err
	}
	to, err := openStore(draft.Name(), creating)
	if err != nil {
		return err
	}
	to.db.AllocSize = 0 // no room to grow
	err = guard(func() error { return bbolt.Compact(to.db, s.db, compactBatch) })
	if err := errors.Join(err, to.close()); err != nil {
		return err
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
