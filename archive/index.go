package archive

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	bbolt "go.etcd.io/bbolt"
)

// entry is one key of an index.
type entry struct {
	bucket string
	key    []byte
}

// entries returns the index entries that c should have.
func entries(c *Candidate) []entry {
	id := idKey(c.ID)
	out := []entry{{statusIndex, labelKey(c.Status, id)}}
	if c.Fingerprint != "" {
		out = append(out, entry{fingerprintIndex, labelKey(c.Fingerprint, id)})
	}
	if c.Score != nil {
		out = append(out, entry{fitnessIndex, fitnessKey(c.Score.Fitness, c.ID)})
	}
	return out
}

// reindex removes the entries of old and adds those of c; either may be nil.
func reindex(tx *bbolt.Tx, old, c *Candidate) error {
	if old != nil {
		for _, e := range entries(old) {
			if err := tx.Bucket([]byte(e.bucket)).Delete(e.key); err != nil {
				return err
			}
		}
	}
	if c != nil {
		for _, e := range entries(c) {
			if err := tx.Bucket([]byte(e.bucket)).Put(e.key, []byte{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Rebuild makes every index and the totals anew from the records.
func (a *Archive) Rebuild() error {
	return a.file.update(func(tx *bbolt.Tx) error {
		keys := map[string][][]byte{}
		totals, err := tally(tx, func(c *Candidate) error {
			for _, e := range entries(c) {
				keys[e.bucket] = append(keys[e.bucket], e.key)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, name := range indexBuckets {
			if err := refill(tx, name, keys[name]); err != nil {
				return err
			}
		}
		return put(tx, metaBucket, totalsKey, totals)
	})
}

// refill replaces the entries of an index. It adds them in order, because bbolt
// takes quadratic time for many unordered keys in one transaction.
func refill(tx *bbolt.Tx, name string, keys [][]byte) error {
	if err := tx.DeleteBucket([]byte(name)); err != nil {
		return err
	}
	b, err := tx.CreateBucket([]byte(name))
	if err != nil {
		return err
	}
	b.FillPercent = 0.95
	slices.SortFunc(keys, bytes.Compare)
	for _, key := range keys {
		if err := b.Put(key, []byte{}); err != nil {
			return err
		}
	}
	return nil
}

// tally computes the totals from the records and calls visit for every candidate.
func tally(tx *bbolt.Tx, visit func(*Candidate) error) (Totals, error) {
	t := Totals{Candidates: map[string]int{}}
	err := each(tx, candidateBucket, func(c *Candidate) error {
		t.Candidates[c.Status]++
		return visit(c)
	})
	if err != nil {
		return t, err
	}
	t.Cells = count(tx, cellBucket)
	if t.Usage, err = lostUsage(tx); err != nil {
		return t, err
	}
	return t, each(tx, replyBucket, func(r *Reply) error {
		t.Usage.Add(r.Usage)
		return r.Usage.check()
	})
}

// each decodes every value of a bucket in key order.
func each[T any](tx *bbolt.Tx, bucket string, fn func(*T) error) error {
	return tx.Bucket([]byte(bucket)).ForEach(func(key, value []byte) error {
		var v T
		if err := decode(bucket, key, value, &v); err != nil {
			return err
		}
		return fn(&v)
	})
}

func count(tx *bbolt.Tx, bucket string) (n int) {
	c := tx.Bucket([]byte(bucket)).Cursor()
	for key, _ := c.First(); key != nil; key, _ = c.Next() {
		n++
	}
	return n
}

func (t Totals) equal(u Totals) bool {
	return maps.Equal(t.Candidates, u.Candidates) && t.Cells == u.Cells && t.Usage == u.Usage
}

// sameRecord reports whether two records are equal but for the clock.
func sameRecord[T Cell | Reply](a, b T) bool {
	x, errX := json.Marshal(timeless(a))
	y, errY := json.Marshal(timeless(b))
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
