package archive

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	bbolt "go.etcd.io/bbolt"
)

func TestLocked(t *testing.T) {
	t.Parallel()
	a, dir := create(t)
	apply(t, a, scored(1, 1))
	for name, open := range map[string]func() error{
		"open":      func() error { _, err := Open(dir, "run"); return err },
		"read-only": func() error { _, err := OpenReadOnly(dir, "run"); return err },
		"check":     func() error { return Check(dir, "run") },
		"compact":   func() error { return Compact(dir, "run") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := open(); !errors.Is(err, ErrLocked) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// story returns the bytes of a complete archive.
func story(t *testing.T) []byte {
	t.Helper()
	return bytes.Clone(must(makeStory())(t))
}

var makeStory = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "story")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	a, err := Create(dir, "run", settings())
	for id := 1; err == nil && id <= storyLength; id++ {
		err = tell(a, id, io.Discard)
	}
	if err = errors.Join(err, a.Close(), Compact(dir, "run")); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "run", fileName))
})

// plant makes data the archive of a run and returns the directory of runs.
func plant(t *testing.T, data []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "run"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "run", fileName), data, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// readAll reads everything there is in every way there is.
func readAll(dir string) (hash string, err error) {
	r, err := OpenReadOnly(dir, "run")
	if err != nil {
		return "", err
	}
	defer r.Close()
	if _, err := r.Top(100); err != nil {
		return "", err
	}
	if _, err := r.Recent(Rejected, 100); err != nil {
		return "", err
	}
	if _, err := r.Run(); err != nil {
		return "", err
	}
	return r.ContentHash()
}

func TestUnreadableFiles(t *testing.T) {
	whole := story(t)
	files := map[string][]byte{
		"empty": {}, "text": []byte("hello\n"), "zeros": make([]byte, 1<<16), "noise": []byte(strings.Repeat("\x93\x01", 1<<15)),
	}
	for _, n := range []int{1, 100, 4095, 4096, 8191, 8192, 12288, 16384, 16385, len(whole) / 2, len(whole) - 4097} {
		files[fmt.Sprintf("cut at %d", n)] = whole[:n]
	}
	for name, data := range files {
		dir := plant(t, data)
		if _, err := readAll(dir); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: read: %v", name, err)
		}
		if a, err := Open(dir, "run"); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: open: %v, %v", name, a, err)
		}
		if err := Check(dir, "run"); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: check: %v", name, err)
		}
	}
}

// Whatever bytes of the file change, reading and writing end without a crash; and when Check
// finds nothing wrong, nothing that matters has changed.
func TestCorruptedPages(t *testing.T) {
	whole := story(t)
	want, err := readAll(plant(t, whole))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	found, harmless := 0, 0
	for trial := range 80 {
		data := append([]byte(nil), whole...)
		what := corrupt(rng, data)
		dir := plant(t, data)
		got, readErr := readAll(dir)
		if readErr != nil && !errors.Is(readErr, ErrDamaged) {
			t.Errorf("trial %d (%s): read: %v", trial, what, readErr)
		}
		switch err := Check(dir, "run"); {
		case err == nil && got != want:
			t.Errorf("trial %d (%s): check found nothing; read: %v", trial, what, readErr)
		case err == nil:
			harmless++
		case !errors.Is(err, ErrDamaged):
			t.Errorf("trial %d (%s): check: %v", trial, what, err)
		default:
			found++
		}
		if err := writeOn(dir); err != nil && (!errors.Is(err, ErrDamaged) || strings.Contains(err.Error(), "resume the run")) {
			t.Errorf("trial %d (%s): write: %v", trial, what, err)
		}
	}
	t.Logf("%d found, %d harmless", found, harmless)
	if found == 0 {
		t.Error("no damage was found")
	}
}

// writeOn opens an archive that may be damaged and adds to it.
func writeOn(dir string) error {
	a, err := Open(dir, "run")
	if err != nil {
		return err
	}
	defer a.Close()
	id, err := a.NextID()
	if err == nil {
		err = tell(a, id, io.Discard)
	}
	if err == nil {
		err = a.Rebuild()
	}
	return err
}

func corrupt(rng *rand.Rand, data []byte) string {
	const page = 4096
	pages := len(data) / page
	p := rng.IntN(pages) * page
	switch rng.IntN(4) {
	case 0:
		at := rng.IntN(len(data))
		data[at] ^= 1 << rng.IntN(8)
		return fmt.Sprintf("bit at %d", at)
	case 1: // the beginning of a page is where its structure is
		at := p + rng.IntN(64)
		data[at] = byte(rng.Uint32())
		return fmt.Sprintf("byte at %d", at)
	case 2:
		clear(data[p : p+page])
		return fmt.Sprintf("zeros at %d", p)
	default:
		from := rng.IntN(pages) * page
		copy(data[p:p+page], data[from:from+page])
		return fmt.Sprintf("page at %d copied to %d", from, p)
	}
}

// When the newest of the two meta pages was torn, the archive is what it was before
// the last transaction.
func TestTornMetaPage(t *testing.T) {
	data := story(t)
	dir := plant(t, data)
	a := must(Open(dir, "run"))(t)
	apply(t, a, scored(storyLength+1, 1))
	if err := a.SetStatus(Finished, ""); err != nil {
		t.Fatal(err)
	}
	a.Close()
	path := filepath.Join(dir, "run", fileName)
	data = must(os.ReadFile(path))(t)
	const txid = 64 // in the page
	newest := 0
	if binary.NativeEndian.Uint64(data[4096+txid:]) > binary.NativeEndian.Uint64(data[txid:]) {
		newest = 4096
	}
	clear(data[newest+32 : newest+4096])
	os.WriteFile(path, data, 0o644)
	if err := Check(dir, "run"); err != nil {
		t.Fatal(err)
	}
	b := must(Open(dir, "run"))(t)
	defer b.Close()
	if next, run := must(b.NextID())(t), must(b.Run())(t); next != storyLength+2 || run.Status != Running {
		t.Errorf("next candidate %d, status %s", next, run.Status)
	}
}

func TestFutureSchema(t *testing.T) {
	dir := plant(t, story(t))
	a := must(Open(dir, "run"))(t)
	err := a.file.update(func(tx *bbolt.Tx) error { return put(tx, metaBucket, schemaKey, schemaDoc{Schema + 1}) })
	if err := errors.Join(err, a.Close()); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{Check(dir, "run"), func() error { _, err := Open(dir, "run"); return err }(), func() error { _, err := OpenReadOnly(dir, "run"); return err }()} {
		var newer *SchemaError
		if !errors.As(err, &newer) || newer.Found != Schema+1 || errors.Is(err, ErrDamaged) {
			t.Errorf("got %v", err)
		}
	}
}

func TestForeignFile(t *testing.T) {
	dir := plant(t, nil)
	path := filepath.Join(dir, "run", fileName)
	db := must(bbolt.Open(path, 0o644, nil))(t)
	db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("theirs")); return err })
	db.Close()
	if _, err := Open(dir, "run"); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "another program") {
		t.Errorf("got %v", err)
	}
}

// Damaged indices are found, and Rebuild mends them.
func TestRebuildMends(t *testing.T) {
	for name, damage := range map[string]func(*bbolt.Tx) error{
		"entry lost":  func(tx *bbolt.Tx) error { return tx.Bucket([]byte(fitnessIndex)).Delete(fitnessKey(1, 1)) },
		"entry extra": func(tx *bbolt.Tx) error { return tx.Bucket([]byte(statusIndex)).Put(labelKey(Scored, idKey(4)), nil) },
		"totals": func(tx *bbolt.Tx) error {
			return put(tx, metaBucket, totalsKey, Totals{Candidates: map[string]int{Scored: 9}})
		},
		"impossible totals": func(tx *bbolt.Tx) error {
			return put(tx, metaBucket, totalsKey, Totals{Usage: Usage{Calls: -1}})
		},
		"unreadable totals": func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte(metaBucket)).Put(totalsKey, []byte("{}\n00000000"))
		},
	} {
		dir := plant(t, story(t))
		want := must(readAll(dir))(t)
		a := must(Open(dir, "run"))(t)
		if err := errors.Join(a.file.update(damage), a.Close()); err != nil {
			t.Fatal(err)
		}
		requireMendable(t, name, Check(dir, "run"))
		a = must(Open(dir, "run"))(t)
		if _, err := a.Totals(); err != nil {
			requireMendable(t, name, err)
			requireMendable(t, name, a.SaveCell(99, cell(99)))
		}
		if err := errors.Join(a.Rebuild(), a.Close(), Check(dir, "run")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := must(readAll(dir))(t); got != want {
			t.Errorf("%s: content changed", name)
		}
	}
}

// requireMendable holds an error to be of damage for which reindex is the advice.
func requireMendable(t *testing.T, name string, err error) {
	t.Helper()
	if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "reindex") || strings.Contains(err.Error(), "from a copy") {
		t.Errorf("%s: %v", name, err)
	}
}

func TestCompact(t *testing.T) {
	a, dir := create(t)
	for id := 1; id <= storyLength; id++ {
		if err := tell(a, id, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	want := must(a.ContentHash())(t)
	a.Close()
	path := filepath.Join(dir, "run", fileName)
	before := must(os.Stat(path))(t).Size()
	if err := errors.Join(Compact(dir, "run"), Check(dir, "run")); err != nil {
		t.Fatal(err)
	}
	after := must(os.Stat(path))(t)
	if after.Size() >= before || after.Mode().Perm() != 0o644 {
		t.Errorf("%d bytes became %d, mode %v", before, after.Size(), after.Mode())
	}
	if got := must(readAll(dir))(t); got != want {
		t.Error("content changed")
	}
	if left := must(filepath.Glob(filepath.Join(dir, "run", "*.new")))(t); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if err := Compact(dir, "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing run: %v", err)
	}
}

// A run whose file is a link to where there is more room keeps it there.
func TestCompactKeepsALink(t *testing.T) {
	dir, elsewhere := plant(t, story(t)), filepath.Join(t.TempDir(), "large.db")
	path := filepath.Join(dir, "run", fileName)
	if runtime.GOOS == "windows" {
		t.Skip("links take a privilege on Windows")
	}
	if err := errors.Join(os.Rename(path, elsewhere), os.Symlink(elsewhere, path)); err != nil {
		t.Fatal(err)
	}
	before := must(os.Stat(elsewhere))(t)
	if err := Compact(dir, "run"); err != nil {
		t.Fatal(err)
	}
	if link := must(os.Lstat(path))(t); link.Mode().Type() != fs.ModeSymlink || os.SameFile(before, must(os.Stat(elsewhere))(t)) {
		t.Errorf("%s has mode %v; the file elsewhere is the old one", path, link.Mode())
	}
}
