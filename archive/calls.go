package archive

import (
	"fmt"

	bbolt "go.etcd.io/bbolt"
)

// BeginCall announces a call of a model, before it is made. SaveReply ends it, or
// EndCall. What a killed process has not ended, CountUnanswered counts.
func (a *Archive) BeginCall() error {
	err := a.file.update(func(tx *bbolt.Tx) error {
		n, err := asked(tx)
		if err != nil {
			return err
		}
		return put(tx, metaBucket, askedKey, n+1)
	})
	if err != nil {
		return fmt.Errorf("begin a call: %w", err)
	}
	return nil
}

// EndCall ends a call that brought no reply to keep. What it cost, if anything, is
// for SaveLost.
func (a *Archive) EndCall() error {
	if err := a.file.update(settle); err != nil {
		return fmt.Errorf("end a call: %w", err)
	}
	return nil
}

// CountUnanswered counts the calls that were in flight when an earlier process was
// killed, and returns their number: each may have been paid for. What they cost
// beyond that is not known.
func (a *Archive) CountUnanswered() (n int, err error) {
	err = a.file.update(func(tx *bbolt.Tx) error {
		if n, err = asked(tx); n == 0 || err != nil {
			return err
		}
		if err := put(tx, metaBucket, askedKey, 0); err != nil {
			return err
		}
		return addLost(tx, Usage{Calls: n})
	})
	if err != nil {
		return 0, fmt.Errorf("count unanswered calls: %w", err)
	}
	return n, nil
}

// settle ends a call, if one is announced.
func settle(tx *bbolt.Tx) error {
	n, err := asked(tx)
	if n == 0 || err != nil {
		return err
	}
	return put(tx, metaBucket, askedKey, n-1)
}

// asked is the number of calls in flight.
func asked(tx *bbolt.Tx) (n int, err error) {
	if tx.Bucket([]byte(metaBucket)).Get(askedKey) == nil {
		return 0, nil
	}
	return n, get(tx, metaBucket, askedKey, &n)
}

// SaveLost counts what was spent on replies that never arrived or could not be
// used.
func (a *Archive) SaveLost(u Usage) error {
	if err := a.file.update(func(tx *bbolt.Tx) error { return addLost(tx, u) }); err != nil {
		return fmt.Errorf("count a lost reply: %w", err)
	}
	return nil
}

func addLost(tx *bbolt.Tx, u Usage) error {
	lost, err := lostUsage(tx)
	if err != nil {
		return err
	}
	lost.Add(u)
	if err := put(tx, metaBucket, lostKey, lost); err != nil {
		return err
	}
	return recount(tx, func(t *Totals) { t.Usage.Add(u) })
}

// lostUsage is what was spent on replies that were not kept.
func lostUsage(tx *bbolt.Tx) (u Usage, err error) {
	if tx.Bucket([]byte(metaBucket)).Get(lostKey) == nil {
		return u, nil
	}
	return u, get(tx, metaBucket, lostKey, &u)
}
