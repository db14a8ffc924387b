package archive

import (
	"errors"
	"sync"
	"testing"
)

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
