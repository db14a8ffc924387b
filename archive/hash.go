package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// ContentHash returns a hash of what the search found: every applied candidate with
// its prompt, cells and replies. Two archives share it exactly when they hold the
// same content; settings, times, spending and work beyond the last applied
// candidate do not count.
func (r *Reader) ContentHash() (string, error) {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for c, err := range r.Candidates(1) {
		if err != nil {
			return "", err
		}
		if c, err = r.Candidate(c.ID); err != nil {
			return "", err
		}
		c.Created, c.Usage = time.Time{}, nil
		cells, err := r.Cells(c.ID)
		if err != nil {
			return "", err
		}
		replies, err := r.Replies(c.ID)
		if err != nil {
			return "", err
		}
		for i := range cells {
			cells[i] = timeless(cells[i])
		}
		for i := range replies {
			replies[i] = timeless(replies[i])
			replies[i].Usage = Usage{}
		}
		if err := enc.Encode([]any{c, cells, replies}); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// timeless returns a record without what the clock put into it.
func timeless[T Cell | Reply](record T) T {
	switch r := any(&record).(type) {
	case *Cell:
		r.Seconds = 0
	case *Reply:
		r.Seconds = 0
	}
	return record
}
