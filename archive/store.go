package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	bbolt "go.etcd.io/bbolt"
)

type openMode int

const (
	readWrite openMode = iota
	creating           // an empty file is made a bbolt file
	readOnly
)

// store is an open bbolt file which survives damage and stops after a failure.
type store struct {
	path   string
	file   *os.File // bbolt's own handle
	db     *bbolt.DB
	stuck  atomic.Bool           // a panic in a write may have left bbolt's locks held
	failed atomic.Pointer[error] // why nothing may be written any more
}

// allocSize is how much the file grows at a time. A smaller step would sync more
// often, a larger one would make small runs look large.
const allocSize = 1 << 20

// openStore opens the existing file at path, or gives up within two seconds.
func openStore(path string, mode openMode) (*store, error) {
	if mode == readWrite {
		// Opening for reading shows damage that bbolt would stumble over when it loads
		// its list of free pages.
		s, err := openStore(path, readOnly)
		if err != nil {
			return nil, err
		}
		if err := s.close(); err != nil {
			return nil, err
		}
	}
	for range 3 {
		s, err := openOnce(path, mode)
		if err != nil {
			return nil, err
		}
		// While we waited for the lock, Compact may have put another file in place.
		if same, err := s.inPlace(); err != nil || !same {
			if err := errors.Join(err, s.close()); err != nil {
				return nil, err
			}
			continue
		}
		return s, nil
	}
	return nil, fmt.Errorf("%w: its file keeps changing: try again", ErrLocked)
}

func openOnce(path string, mode openMode) (*store, error) {
	s := &store{path: path}
	if err := plausible(path, mode); err != nil {
		return nil, err
	}
	options := &bbolt.Options{
		Timeout:         time.Second,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: initialMmapSize(),
		ReadOnly:        mode == readOnly,
		NoStatistics:    true,
		OpenFile:        s.openFile,
	}
	err := guard(func() (err error) {
		s.db, err = bbolt.Open(path, 0o644, options)
		return err
	})
	if err != nil {
		s.stuck.Store(true)
		s.close()
		return nil, explainOpen(err)
	}
	s.db.AllocSize = allocSize
	if err := s.whole(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// minFileSize is what bbolt makes of an empty file, with the smallest pages.
const minFileSize = 4 * 4096

// plausible refuses what bbolt would create, initialise or choke on.
func plausible(path string, mode openMode) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return damaged("%s is not a regular file", path)
	case info.Size() < minFileSize && mode != creating:
		return damaged("the file has only %d bytes", info.Size())
	}
	return nil
}

// openFile opens for bbolt, never creating, and keeps the handle, so that it can
// be closed when bbolt panics half-way.
func (s *store) openFile(path string, flag int, mode os.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, flag&^os.O_CREATE, mode)
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w: check the permissions of the file and its directory", err)
	}
	s.file = f
	return f, err
}

// initialMmapSize avoids remapping, which waits for readers, up to 1 GiB of data.
// Windows would extend the file to that size.
func initialMmapSize() int {
	if runtime.GOOS == "windows" {
		return 0
	}
	return 1 << 30
}

// whole reports a file whose meta page or list of free pages cannot be right.
func (s *store) whole() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	m, err := readMap(s.file, info.Size())
	if err != nil {
		return err
	}
	_, _, err = m.readFree()
	return err
}

// inPlace reports whether the open file is still the one that path names.
func (s *store) inPlace() (bool, error) {
	open, err := s.file.Stat()
	if err != nil {
		return false, err
	}
	named, err := os.Stat(s.path)
	return err == nil && os.SameFile(open, named), err
}

// view runs fn in a read transaction. What fn keeps it must copy.
func (s *store) view(fn func(*bbolt.Tx) error) error {
	if s.stuck.Load() {
		return damaged("%s failed earlier", s.path)
	}
	return guard(func() error { return s.db.View(fn) })
}

// update runs fn in a transaction that is on disk when update returns nil. After
// a failed commit every later update fails: the state of the disk is unknown.
func (s *store) update(fn func(*bbolt.Tx) error) error {
	if failed := s.failed.Load(); failed != nil {
		return *failed
	}
	var refused error
	err := guard(func() error {
		return s.db.Update(func(tx *bbolt.Tx) error {
			refused = fn(tx)
			return refused
		})
	})
	if errors.Is(err, errPanic) {
		s.stuck.Store(true)
	}
	if err != nil && refused == nil {
		if !errors.Is(err, ErrDamaged) {
			err = fmt.Errorf("%w: what was saved before is safe; once the disk has space and can be written, resume the run", err)
		}
		s.failed.Store(&err)
	}
	return err
}

// close releases the file even if bbolt cannot.
func (s *store) close() error {
	if s.db != nil && !s.stuck.Load() {
		return s.db.Close()
	}
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
