package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	bbolt "go.etcd.io/bbolt"
)

// SaveCell stores a finished cell of a candidate that is still in work, or of the
// baseline (id 0). Saving a cell again keeps the first; a different result for the
// same task, beta and seed is an error.
func (a *Archive) SaveCell(id int, c Cell) error {
	if err := c.validate(); err != nil {
		return fmt.Errorf("save cell of candidate %d: %w", id, err)
	}
	err := a.file.update(func(tx *bbolt.Tx) error {
		return add(tx, cellBucket, cellKey(id, &c), c, func(t *Totals) { t.Cells++ })
	})
	if err != nil {
		return fmt.Errorf("save cell of candidate %d (%s, beta %v, seed %d): %w", id, c.Task, c.Beta, c.Seed, err)
	}
	return nil
}

// SaveReply stores a model's answer for candidate id, and ends the call that it
// answers, if that was announced (BeginCall). Call it before parsing the answer. A
// reply is never overwritten: another one for the same turn is an error that wraps
// fs.ErrExist.
func (a *Archive) SaveReply(id int, r Reply) error {
	err := a.file.update(func(tx *bbolt.Tx) error {
		if err := settle(tx); err != nil {
			return err
		}
		return add(tx, replyBucket, replyKey(id, r.Turn), r, func(t *Totals) { t.Usage.Add(r.Usage) })
	})
	if err != nil {
		return fmt.Errorf("save reply %d of candidate %d: %w", r.Turn, id, err)
	}
	return nil
}

// add puts a record that may be there already, and counts it.
func add[T Cell | Reply](tx *bbolt.Tx, bucket string, key []byte, record T, count func(*Totals)) error {
	if value := tx.Bucket([]byte(bucket)).Get(key); value != nil {
		var first T
		if err := decode(bucket, key, value, &first); err != nil {
			return err
		}
		if !sameRecord(first, record) {
			return fmt.Errorf("%w with another content", fs.ErrExist)
		}
		return nil
	}
	if err := put(tx, bucket, key, record); err != nil {
		return err
	}
	return recount(tx, count)
}

func recount(tx *bbolt.Tx, change func(*Totals)) error {
	var t Totals
	if err := get(tx, metaBucket, totalsKey, &t); err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	change(&t)
	return put(tx, metaBucket, totalsKey, t)
}

// Apply stores candidate c with its index entries, and, unless it is nil, the
// loop's own snapshot. Candidates are applied in order: c.ID must be NextID.
func (a *Archive) Apply(c Candidate, state json.RawMessage) error {
	err := a.write(c, func(tx *bbolt.Tx) error {
		next, err := nextID(tx)
		if err != nil {
			return err
		}
		if c.ID != next {
			return fmt.Errorf("candidate %d is next", next)
		}
		if err := reindex(tx, nil, &c); err != nil {
			return err
		}
		if state != nil {
			if err := put(tx, metaBucket, stateKey, state); err != nil {
				return err
			}
		}
		return recount(tx, func(t *Totals) { t.Candidates[c.Status]++ })
	})
	if err != nil {
		return fmt.Errorf("apply candidate %d: %w", c.ID, err)
	}
	return nil
}

// Revise replaces an applied candidate, for example when it was confirmed. The
// error wraps fs.ErrNotExist when there is none.
func (a *Archive) Revise(c Candidate) error {
	err := a.write(c, func(tx *bbolt.Tx) error {
		var old Candidate
		if tx.Bucket([]byte(candidateBucket)).Get(idKey(c.ID)) == nil {
			return fs.ErrNotExist
		}
		if err := get(tx, candidateBucket, idKey(c.ID), &old); err != nil {
			return err
		}
		if err := reindex(tx, &old, &c); err != nil {
			return err
		}
		return recount(tx, func(t *Totals) {
			if t.Candidates[old.Status]--; t.Candidates[old.Status] == 0 {
				delete(t.Candidates, old.Status)
			}
			t.Candidates[c.Status]++
		})
	})
	if err != nil {
		return fmt.Errorf("revise candidate %d: %w", c.ID, err)
	}
	return nil
}

// write validates and stores the record of c after prepare, in one transaction. An
// empty prompt leaves the stored one.
func (a *Archive) write(c Candidate, prepare func(*bbolt.Tx) error) error {
	if err := c.validate(); err != nil {
		return err
	}
	return a.file.update(func(tx *bbolt.Tx) error {
		if err := prepare(tx); err != nil {
			return err
		}
		record := c
		record.Prompt, record.Rendered = "", ""
		return errors.Join(
			putPrompt(tx, idKey(c.ID), c.Prompt),
			putPrompt(tx, renderedKey(c.ID), c.Rendered),
			put(tx, candidateBucket, idKey(c.ID), record))
	})
}

// putPrompt stores a prompt unless it is empty.
func putPrompt(tx *bbolt.Tx, key []byte, prompt string) error {
	if prompt == "" {
		return nil
	}
	return put(tx, promptBucket, key, prompt)
}

func nextID(tx *bbolt.Tx) (int, error) {
	key, _ := tx.Bucket([]byte(candidateBucket)).Cursor().Last()
	if key == nil {
		return 1, nil
	}
	if len(key) != 8 {
		return 0, damaged("key %q in %q", key, candidateBucket)
	}
	return keyID(key) + 1, nil
}

// SetStatus records how far the run came, and what ended it early, or "".
func (a *Archive) SetStatus(s Status, why string) error {
	return a.changeRun(func(r *Run) { r.Status, r.Why = s, why })
}

// SetConfig replaces the configuration, as when a run is resumed with a larger
// budget.
func (a *Archive) SetConfig(config json.RawMessage, hash string) error {
	return a.changeRun(func(r *Run) { r.Config, r.ConfigHash = config, hash })
}

// BeginConfirmation counts a confirmation and returns how many there were before.
// One that is cut short counts too, since some of its scores may have been seen.
func (a *Archive) BeginConfirmation() (earlier int, err error) {
	err = a.changeRun(func(r *Run) {
		earlier = r.Confirmations
		r.Confirmations++
	})
	return earlier, err
}

func (a *Archive) changeRun(change func(*Run)) error {
	err := a.file.update(func(tx *bbolt.Tx) error {
		var run Run
		if err := get(tx, metaBucket, runKey, &run); err != nil {
			return err
		}
		change(&run)
		return put(tx, metaBucket, runKey, run)
	})
	if err != nil {
		return fmt.Errorf("run %q: %w", a.name, err)
	}
	return nil
}
