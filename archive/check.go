package archive

import (
	"bytes"
	"errors"
	"fmt"

	bbolt "go.etcd.io/bbolt"
)

// maxProblems bounds the report of one Check.
const maxProblems = 20

// Check reads the whole file of a run and reports what is wrong with it: pages,
// checksums, the numbering of candidates, indices and totals. No other process may
// be writing. The error wraps ErrDamaged; it joins the first problems found. What
// concerns only indices and totals, Rebuild mends.
func Check(dir, name string) error {
	s, err := openRun(dir, name, readOnly)
	if err != nil {
		return err
	}
	defer s.close()
	var problems []error
	report := func(err error) error {
		problems = append(problems, err)
		if len(problems) == maxProblems {
			return errEnough
		}
		return nil
	}
	err = s.checkPages()
	if err == nil {
		err = s.view(func(tx *bbolt.Tx) error { return checkRecords(tx, report) })
	}
	if err != nil && !errors.Is(err, errEnough) {
		problems = append(problems, err)
	}
	if len(problems) > 0 {
		return fmt.Errorf("run %q: %w", name, errors.Join(problems...))
	}
	return nil
}

var errEnough = errors.New("there may be more problems")

// checkPages verifies the structure of the file: only a sound one is safe to read
// whole.
func (s *store) checkPages() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	return checkPages(s.file, info.Size())
}

// checkRecords verifies every value and, if all can be read, compares indices and
// totals with what the records say they should be.
func checkRecords(tx *bbolt.Tx, report func(error) error) error {
	if sound, err := checkSums(tx, report); !sound || err != nil {
		return err
	}
	want := map[string]int{}
	id := 0
	totals, err := tally(tx, func(c *Candidate) error {
		if id++; c.ID != id {
			return damaged("candidate %d stands in place of candidate %d", c.ID, id)
		}
		for _, e := range entries(c) {
			want[e.bucket]++
			if tx.Bucket([]byte(e.bucket)).Get(e.key) == nil {
				if err := report(derivedDamaged("index %q lacks candidate %d", e.bucket, c.ID)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range indexBuckets {
		if n := count(tx, name); n > want[name] {
			if err := report(derivedDamaged("index %q has %d entries too many", name, n-want[name])); err != nil {
				return err
			}
		}
	}
	var stored Totals
	if err := get(tx, metaBucket, totalsKey, &stored); err != nil {
		return report(err)
	}
	if !stored.equal(totals) {
		return report(derivedDamaged("the totals are %+v and should be %+v", stored, totals))
	}
	return nil
}

// checkSums verifies the checksum of every value, and tells whether all are right.
func checkSums(tx *bbolt.Tx, report func(error) error) (sound bool, err error) {
	sound = true
	for _, bucket := range dataBuckets {
		err := tx.Bucket([]byte(bucket)).ForEach(func(key, value []byte) error {
			_, err := unseal(bucket, bytes.Clone(key), value)
			if err == nil {
				return nil
			}
			sound = false
			return report(err)
		})
		if err != nil {
			return false, err
		}
	}
	return sound, nil
}
