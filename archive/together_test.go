package archive

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// Of many that create one run at the same time one does, and the others find that it
// exists.
func TestCreatedOnce(t *testing.T) {
	for range 10 {
		dir := t.TempDir()
		var created atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				a, err := Create(dir, "run", settings())
				switch {
				case err == nil:
					created.Add(1)
					a.Close()
				case !errors.Is(err, fs.ErrExist):
					t.Errorf("create: %v", err)
				}
			})
		}
		wg.Wait()
		if n := created.Load(); n != 1 {
			t.Errorf("created %d times", n)
		}
		if files := must(os.ReadDir(filepath.Join(dir, "run")))(t); len(files) != 1 {
			t.Errorf("left %v", files)
		}
	}
}

// Nothing that was saved is lost to a Compact of another process: who waits for the
// file while it is replaced gets the new one.
func TestCompactBesideWriters(t *testing.T) {
	const writers, cells = 3, 12
	dir := plant(t, story(t))
	var writing, compacting sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := range cells {
				saveInTurn(t, dir, cell(uint64(w*cells+i)))
			}
		})
	}
	done := make(chan struct{})
	for range 2 {
		compacting.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if err := Compact(dir, "run"); err != nil && !errors.Is(err, ErrLocked) {
					t.Error(err)
				}
			}
		})
	}
	writing.Wait()
	close(done)
	compacting.Wait()
	if err := Check(dir, "run"); err != nil {
		t.Error(err)
	}
	r := must(OpenReadOnly(dir, "run"))(t)
	defer r.Close()
	if got := must(r.Cells(storyLength + 1))(t); len(got) != writers*cells {
		t.Errorf("%d cells are left of %d", len(got), writers*cells)
	}
}

// saveInTurn saves a cell as a process of its own would, once it gets the file.
func saveInTurn(t *testing.T, dir string, c Cell) {
	a, err := Open(dir, "run")
	for errors.Is(err, ErrLocked) {
		a, err = Open(dir, "run")
	}
	if err != nil {
		t.Error(err)
		return
	}
	if err := errors.Join(a.SaveCell(storyLength+1, c), a.Close()); err != nil {
		t.Error(err)
	}
}
