package discover

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/evaluator"
)

// memo stores the cells of one candidate in the archive the moment they are
// trained, and finds those of an earlier sitting.
type memo struct {
	archive *archive.Archive
	id      int

	mu    sync.Mutex
	cells map[cellKey]evaluator.Cell
}

type cellKey struct {
	task, version string
	beta          float64
	seed          uint64
}

func newMemo(a *archive.Archive, id int) (*memo, error) {
	stored, err := a.Cells(id)
	if err != nil {
		return nil, err
	}
	m := &memo{archive: a, id: id, cells: map[cellKey]evaluator.Cell{}}
	for _, c := range stored {
		m.cells[cellKey{c.Task, c.TaskVersion, c.Beta, c.Seed}] = cellOf(c)
	}
	return m, nil
}

// Lookup returns the cell if an earlier sitting has stored it.
func (m *memo) Lookup(k evaluator.Key) (evaluator.Cell, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.cells[cellKey{k.Task, taskVersion(k.Identity), k.Beta, k.Seed}]
	return c, ok
}

// Save stores a cell; it is on disk when Save returns.
func (m *memo) Save(k evaluator.Key, c evaluator.Cell) error {
	return m.archive.SaveCell(m.id, cellRecord(k, c))
}

// taskVersion is a short name for a task's identity, which spells out every
// parameter.
func taskVersion(identity string) string {
	sum := sha256.Sum256([]byte(identity))
	return hex.EncodeToString(sum[:8])
}

func cellRecord(k evaluator.Key, c evaluator.Cell) archive.Cell {
	out := archive.Cell{Task: c.Task, TaskVersion: taskVersion(k.Identity), Beta: c.Beta, Seed: c.Seed, BlewUp: c.BlewUp, Seconds: c.Seconds}
	if !c.BlewUp {
		out.Reward, out.KL = &c.Reward, &c.KL
	}
	return out
}

func cellOf(c archive.Cell) evaluator.Cell {
	out := evaluator.Cell{Task: c.Task, Beta: c.Beta, Seed: c.Seed, BlewUp: c.BlewUp, Seconds: c.Seconds}
	if !c.BlewUp {
		out.Reward, out.KL = *c.Reward, *c.KL
	}
	return out
}
