package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"syscall"

	bolt "go.etcd.io/bbolt/errors"
)

var (
	// ErrLocked is wrapped by the error of an archive that another process holds.
	ErrLocked = errors.New("another process is using it")
	// ErrDamaged is wrapped by the error of a file that is not an archive or no
	// longer a whole one.
	ErrDamaged = errors.New("not a readable archive")
)

// SchemaError says that an archive was written by a newer program.
type SchemaError struct {
	Found, Known int
}

func (e *SchemaError) Error() string {
	return fmt.Sprintf("the archive has schema %d and this program knows schemas up to %d: use a newer discover", e.Found, e.Known)
}

// damaged describes damage that nothing mends.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s: restore it from a copy, or start a new run", ErrDamaged, fmt.Sprintf(format, args...))
}

// derivedDamaged describes damage that Rebuild mends.
func derivedDamaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s: rebuild it with \"discover db reindex\"", ErrDamaged, fmt.Sprintf(format, args...))
}

// valueDamaged describes damage of a stored value: the totals are derived.
func valueDamaged(bucket string, key []byte, what string) error {
	switch {
	case bucket != metaBucket && len(key) >= idSize:
		return damaged("what %q holds of candidate %d %s", bucket, firstID(key), what)
	case bytes.Equal(key, totalsKey):
		return derivedDamaged("the value of %q in %q %s", key, bucket, what)
	}
	return damaged("the value of %q in %q %s", key, bucket, what)
}

// explainOpen turns an error of bbolt.Open into one that says what to do.
func explainOpen(err error) error {
	var path *fs.PathError
	var number syscall.Errno
	switch {
	case errors.Is(err, bolt.ErrTimeout):
		return fmt.Errorf("%w: wait for it to end, or stop it with Ctrl-C", ErrLocked)
	case errors.As(err, &path), errors.As(err, &number), errors.Is(err, ErrDamaged):
		return err
	}
	return damaged("%v", err)
}

// guard runs fn, which reads pages of a memory-mapped file that may be damaged.
// bbolt panics on some damage and follows stray page numbers to unmapped memory on
// other; both become an error that wraps ErrDamaged.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %w", errPanic, damaged("%v", p))
		}
	}()
	return fn()
}

// errPanic marks an error that guard made of a panic.
var errPanic = errors.New("panic while reading the file")
