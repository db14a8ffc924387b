// Package archive keeps everything a search found: one bbolt file per run, at
// DIR/<run>/run.db.
//
// What is acknowledged is on disk: every method that writes is one synced
// transaction, so a process killed at any instant loses at most the call it was
// in, and the next Open finds the archive as the last finished call left it. A
// write that fails (disk full, input/output error) changes nothing, and the
// archive refuses further writes until it is opened again.
//
// bbolt locks the file: one process writes, and while it does, no other can open
// the file at all. A run therefore serves its archive on a unix socket beside it
// (Serve), and OpenReadOnly uses that socket when a process answers on it.
//
// # Layout, schema 1
//
// Integers in keys are big-endian. A value is a JSON document, a newline, and
// eight hexadecimal digits: the CRC-32C of key and document, which every read
// verifies. Entries of an index have empty values.
//
//	meta            "schema"                  {"schema":1}
//	                "run"                     Run: settings and status
//	                "totals"                  Totals: counts and spending (derived)
//	                "lost"                    Usage: spent on replies that were not kept
//	                "asked"                   the calls in flight, and the most that one costs
//	                "state"                   the search loop's own snapshot, as of the newest candidate
//	candidates      id u64                    Candidate, without its prompt
//	prompts         id u64                    the prompt of the candidate, a JSON string
//	                id u64, 'r'               the prompt as a replay renders it, if that differs
//	cells           id u64, task, 0, task
//	                version, 0, beta, seed u64  Cell; id 0 holds the cells of the baseline
//	replies         id u64, turn u32          Reply
//	by_fitness      fitness descending, id u64  every scored candidate, best first (derived)
//	by_fingerprint  fingerprint, 0, id u64    every candidate with a fingerprint (derived)
//	by_status       status, 0, id u64         every candidate (derived)
//
// Beta is the IEEE 754 bit pattern of the float64 with the sign bit flipped (or,
// for a negative number, all bits), so that keys sort as numbers; fitness
// descending is the complement of that. Candidates are numbered from 1 without
// gaps. What is marked derived can be rebuilt from the rest (Rebuild).
package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Schema is the version of the layout that this package writes.
const Schema = 1

const fileName = "run.db"

// Archive is one run open for writing. The process that holds it is the only one
// that can open the file. Its methods are safe for concurrent use.
type Archive struct {
	*Reader
	file *store

	mu     sync.Mutex
	server *server // nil unless Serve was called
}

// Create makes the archive of a new run below dir, which it creates when missing,
// and opens it. The error wraps fs.ErrExist when the run exists. A process killed
// in Create leaves no run behind.
func Create(dir, name string, settings Settings) (*Archive, error) {
	if err := CreateFilled(dir, name, settings, func(*Archive) error { return nil }); err != nil {
		return nil, err
	}
	return Open(dir, name)
}

// CreateFilled makes the archive of a new run, as Create does, which is there once
// fill has filled it: neither an error of fill, which is returned, nor a process killed
// in it leaves a run behind.
func CreateFilled(dir, name string, settings Settings, fill func(*Archive) error) error {
	if err := ValidName(name); err != nil {
		return err
	}
	path := filepath.Join(dir, name, fileName)
	if _, err := os.Lstat(path); err == nil {
		return existsError(name, dir)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("create run %q: %w: choose a directory that can be written with --runs", name, err)
	}
	if err := createFile(path, Run{Name: name, Settings: settings, Status: Running}, fill); err != nil {
		os.Remove(filepath.Dir(path)) // unless something is in it
		if _, missing := os.Lstat(path); missing == nil {
			return existsError(name, dir)
		}
		return fmt.Errorf("create run %q: %w", name, err)
	}
	return nil
}

func existsError(name, dir string) error {
	return fmt.Errorf("run %q: %w in %q: resume it, or choose another name", name, fs.ErrExist, dir)
}

// createFile writes a complete archive beside path and then links it into
// place, so that path never holds half an archive and never replaces one.
func createFile(path string, run Run, fill func(*Archive) error) error {
	draft, err := os.CreateTemp(filepath.Dir(path), fileDraft)
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	if err := draft.Close(); err != nil {
		return err
	}
	s, err := openStore(draft.Name(), creating)
	if err != nil {
		return err
	}
	if err = s.update(layOut(run)); err == nil {
		err = fill(newArchive(run.Name, s))
	}
	if err := errors.Join(err, s.close()); err != nil {
		return err
	}
	if err := os.Chmod(draft.Name(), 0o644); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return err
		}
		// The file system has no hard links.
		if err := os.Rename(draft.Name(), path); err != nil {
			return err
		}
	}
	return syncDir(filepath.Dir(path))
}

// Open opens an existing run for writing. The error wraps fs.ErrNotExist when
// there is no such run, ErrLocked when another process holds it (after at most
// two seconds), and ErrDamaged or a *SchemaError when it cannot be read.
func Open(dir, name string) (*Archive, error) {
	s, err := openRun(dir, name, readWrite)
	if err != nil {
		return nil, err
	}
	return newArchive(name, s), nil
}

func newArchive(name string, s *store) *Archive {
	return &Archive{Reader: &Reader{name: name, source: s}, file: s}
}

// OpenReadOnly opens an existing run for reading: through the socket of the
// process that runs it when one answers, else from the file. Errors are those of
// Open, after at most three seconds.
func OpenReadOnly(dir, name string) (*Reader, error) {
	if err := ValidName(name); err != nil {
		return nil, err
	}
	if r, err := openLive(dir, name); err == nil {
		return r, nil
	}
	s, err := openRun(dir, name, readOnly)
	if errors.Is(err, ErrLocked) {
		// A run that was just starting may answer by now.
		if r, err := openLive(dir, name); err == nil {
			return r, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return &Reader{name: name, source: s}, nil
}

func openLive(dir, name string) (*Reader, error) {
	c, err := dial(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	return &Reader{name: name, source: c, live: true}, nil
}

func openRun(dir, name string, mode openMode) (*store, error) {
	if err := ValidName(name); err != nil {
		return nil, err
	}
	s, err := openStore(filepath.Join(dir, name, fileName), mode)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run %q: %w in %q: see \"discover list\" for the runs there are", name, fs.ErrNotExist, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("run %q: %w", name, err)
	}
	if err := s.view(checkSchema); err != nil {
		return nil, errors.Join(fmt.Errorf("run %q: %w", name, err), s.close())
	}
	if mode == readWrite {
		sweep(filepath.Dir(s.path))
	}
	return s, nil
}

// Close stops the socket, if any, and releases the file. It is an error if the file is
// no longer where it was opened: what was saved since went with it.
func (a *Archive) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var err error
	if a.server != nil {
		err = a.server.close()
		a.server = nil
	}
	if same, missing := a.file.inPlace(); !same && (missing == nil || errors.Is(missing, fs.ErrNotExist)) {
		err = errors.Join(err, fmt.Errorf("run %q: its file was moved or removed from %q while it was in use", a.name, a.file.path))
	}
	return errors.Join(err, a.file.close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
