package archive

import (
	"fmt"

	bbolt "go.etcd.io/bbolt"
)

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
	if err := get(tx, metaBucket, lostKey, &u); err != nil {
		return u, err
	}
	return u, u.check()
}
