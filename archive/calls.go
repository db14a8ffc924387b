package archive

import (
	"fmt"

	bbolt "go.etcd.io/bbolt"
)

// inFlight is what was announced and has not ended.
type inFlight struct {
	Calls int   `json:"calls"`
	Most  Usage `json:"most"` // the most of each figure that one of them may come to
}

// BeginCall announces a call of a model, before it is made, with the most that it may
// come to. SaveReply ends it, or EndCall. What a killed process has not ended,
// CountUnanswered counts.
func (a *Archive) BeginCall(most Usage) error {
	err := a.file.update(func(tx *bbolt.Tx) error {
		asked, err := calls(tx)
		if err != nil {
			return err
		}
		asked.Calls++
		asked.Most.raise(most)
		return put(tx, metaBucket, askedKey, asked)
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
// killed, each at the most that one of them may have come to, and returns their
// number: all may have been paid for.
func (a *Archive) CountUnanswered() (n int, err error) {
	err = a.file.update(func(tx *bbolt.Tx) error {
		asked, err := calls(tx)
		if n = asked.Calls; n == 0 || err != nil {
			return err
		}
		var u Usage
		for range n {
			u.Add(asked.Most)
		}
		if err := put(tx, metaBucket, askedKey, inFlight{}); err != nil {
			return err
		}
		return addLost(tx, u)
	})
	if err != nil {
		return 0, fmt.Errorf("count unanswered calls: %w", err)
	}
	return n, nil
}

// mostInFlight is more calls than any run has in flight.
const mostInFlight = 1 << 16

// settle ends a call, if one is announced.
func settle(tx *bbolt.Tx) error {
	asked, err := calls(tx)
	if asked.Calls == 0 || err != nil {
		return err
	}
	if asked.Calls--; asked.Calls == 0 {
		asked.Most = Usage{}
	}
	return put(tx, metaBucket, askedKey, asked)
}

// calls is what is in flight.
func calls(tx *bbolt.Tx) (asked inFlight, err error) {
	if tx.Bucket([]byte(metaBucket)).Get(askedKey) == nil {
		return asked, nil
	}
	if err := get(tx, metaBucket, askedKey, &asked); err != nil {
		return asked, err
	}
	if asked.Calls < 0 || asked.Calls > mostInFlight {
		return asked, damaged("%d calls in flight", asked.Calls)
	}
	return asked, asked.Most.check()
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
	if err := get(tx, metaBucket, lostKey, &u); err != nil {
		return u, err
	}
	return u, u.check()
}
