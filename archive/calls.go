package archive

import (
	"fmt"

	bbolt "go.etcd.io/bbolt"
)

// announced is the calls that were announced and have not ended.
type announced struct {
	Calls int   `json:"calls"`
	Most  Usage `json:"most"` // the most of each figure that one of them may come to
}

// BeginCall announces a call of a model, before it is made, with the most that it may
// come to. SaveReply ends it, or EndCall. What a killed process has not ended,
// CountUnanswered counts.
func (a *Archive) BeginCall(most Usage) error {
	err := a.file.update(func(tx *bbolt.Tx) error {
		open, err := openCalls(tx)
		if err != nil {
			return err
		}
		open.Calls++
		open.Most.raise(most)
		return put(tx, metaBucket, askedKey, open)
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
		open, err := openCalls(tx)
		if n = open.Calls; n == 0 || err != nil {
			return err
		}
		var u Usage
		for range n {
			u.Add(open.Most)
		}
		if err := put(tx, metaBucket, askedKey, announced{}); err != nil {
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
	open, err := openCalls(tx)
	if open.Calls == 0 || err != nil {
		return err
	}
	if open.Calls--; open.Calls == 0 {
		open.Most = Usage{}
	}
	return put(tx, metaBucket, askedKey, open)
}

// openCalls returns the calls in flight.
func openCalls(tx *bbolt.Tx) (open announced, err error) {
	if tx.Bucket([]byte(metaBucket)).Get(askedKey) == nil {
		return open, nil
	}
	if err := get(tx, metaBucket, askedKey, &open); err != nil {
		return open, err
	}
	if open.Calls < 0 || open.Calls > mostInFlight {
		return open, damaged("%d calls in flight", open.Calls)
	}
	return open, open.Most.check()
}
