package archive

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"iter"
)

// Reader reads one run. Its methods are safe for concurrent use, and none holds a
// transaction while the caller works.
type Reader struct {
	name   string
	source source
	live   bool
}

// source answers scans: the file itself, or a process that holds it.
type source interface {
	fetch(scan) (page, error)
}

// Live reports whether the answers come from a process that is running the search.
func (r *Reader) Live() bool { return r.live }

// Close releases the file or the connection.
func (r *Reader) Close() error {
	switch s := r.source.(type) {
	case *store:
		return s.close()
	case io.Closer:
		return s.Close()
	}
	return nil
}

// Run returns the run's settings and status.
func (r *Reader) Run() (Run, error) {
	run, _, err := one[Run](r, scan{Bucket: metaBucket, Prefix: runKey})
	return run, err
}

// Totals returns the run's counts and spending.
func (r *Reader) Totals() (Totals, error) {
	t, _, err := one[Totals](r, scan{Bucket: metaBucket, Prefix: totalsKey})
	if err != nil {
		return t, err
	}
	return t, t.check()
}

// State returns the snapshot that the newest Apply stored, or nil.
func (r *Reader) State() (json.RawMessage, error) {
	s, _, err := one[json.RawMessage](r, scan{Bucket: metaBucket, Prefix: stateKey})
	return s, err
}

// NextID returns the id of the next candidate to apply: where to resume.
func (r *Reader) NextID() (int, error) {
	c, found, err := one[Candidate](r, scan{Bucket: candidateBucket, Reverse: true})
	if err != nil || !found {
		return 1, err
	}
	return c.ID + 1, nil
}

// Candidate returns one applied candidate with its prompts. The error wraps
// fs.ErrNotExist when there is none.
func (r *Reader) Candidate(id int) (Candidate, error) {
	c, found, err := one[Candidate](r, scan{Bucket: candidateBucket, Prefix: idKey(id)})
	if err == nil && !found {
		err = fmt.Errorf("candidate %d of run %q: %w", id, r.name, fs.ErrNotExist)
	}
	if err != nil {
		return Candidate{}, err
	}
	if c.Prompt, found, err = one[string](r, scan{Bucket: promptBucket, Prefix: idKey(id)}); err != nil || !found {
		return c, err
	}
	c.Rendered, _, err = one[string](r, scan{Bucket: promptBucket, Prefix: renderedKey(id)})
	return c, err
}

// Candidates iterates over the applied candidates with ids from first on, in order.
// It ends after the first error.
func (r *Reader) Candidates(first int) iter.Seq2[Candidate, error] {
	return all[Candidate](r, scan{Bucket: candidateBucket, From: idKey(first)})
}

// Top returns at most k scored candidates, best first; among equals the older.
func (r *Reader) Top(k int) ([]Candidate, error) {
	return first[Candidate](r, scan{Bucket: fitnessIndex}, k)
}

// Recent returns at most k candidates of a status, newest first.
func (r *Reader) Recent(status string, k int) ([]Candidate, error) {
	return first[Candidate](r, scan{Bucket: statusIndex, Prefix: labelKey(status, nil), Reverse: true}, k)
}

// ByFingerprint returns the oldest candidate with that fingerprint, and whether
// there is one.
func (r *Reader) ByFingerprint(fingerprint string) (Candidate, bool, error) {
	return one[Candidate](r, scan{Bucket: fingerprintIndex, Prefix: labelKey(fingerprint, nil)})
}

// Cells returns the saved cells of a candidate (0: of the baseline), applied or
// not, ordered by task, beta and seed.
func (r *Reader) Cells(id int) ([]Cell, error) {
	return first[Cell](r, scan{Bucket: cellBucket, Prefix: idKey(id)}, -1)
}

// Reply returns the saved reply of one turn, and whether there is one.
func (r *Reader) Reply(id, turn int) (Reply, bool, error) {
	return one[Reply](r, scan{Bucket: replyBucket, Prefix: replyKey(id, turn)})
}

// Replies returns the saved replies for a candidate in the order of turns.
func (r *Reader) Replies(id int) ([]Reply, error) {
	return first[Reply](r, scan{Bucket: replyBucket, Prefix: idKey(id)}, -1)
}

// all iterates over every document that q asks for, a page at a time.
func all[T any](r *Reader, q scan) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		q.Schema = Schema
		for {
			p, err := r.source.fetch(q)
			if err != nil {
				yield(*new(T), fmt.Errorf("read run %q: %w", r.name, err))
				return
			}
			for _, doc := range p.Docs {
				var v T
				if err := json.Unmarshal(doc, &v); err != nil {
					yield(v, fmt.Errorf("read run %q: %w", r.name, damaged("%v", err)))
					return
				}
				if !yield(v, nil) {
					return
				}
			}
			if q.From = p.Next; len(p.Next) == 0 {
				return
			}
		}
	}
}

// first returns the first k documents; all if k is negative.
func first[T any](r *Reader, q scan, k int) ([]T, error) {
	out := []T{}
	if k == 0 {
		return out, nil
	}
	q.Limit = max(k, 0)
	for v, err := range all[T](r, q) {
		if err != nil {
			return nil, err
		}
		if out = append(out, v); len(out) == k {
			break
		}
	}
	return out, nil
}

// one returns the first document, and whether there is one.
func one[T any](r *Reader, q scan) (v T, found bool, err error) {
	q.Limit = 1
	for v, err := range all[T](r, q) {
		return v, err == nil, err
	}
	return v, false, nil
}
