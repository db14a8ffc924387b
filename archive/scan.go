package archive

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	bbolt "go.etcd.io/bbolt"
)

// scan asks for documents by key order. It is the one question that the read
// methods ask, of the file or of a running process.
type scan struct {
	Schema  int    `json:"schema"`
	Bucket  string `json:"bucket"`
	Prefix  []byte `json:"prefix,omitempty"`
	Reverse bool   `json:"reverse,omitempty"`
	From    []byte `json:"from,omitempty"`  // continue at this key; empty: at the beginning
	Limit   int    `json:"limit,omitempty"` // 0: as many as there are
}

// page is a part of the answer. For an index the documents are the candidates that
// it leads to.
type page struct {
	Docs []json.RawMessage `json:"docs"`
	Next []byte            `json:"next,omitempty"` // where to continue; empty: nothing is left
}

// What bounds one page, whatever the limit asked for.
const (
	maxPageDocs  = 512
	maxPageBytes = 4 << 20
)

// fetch answers q in one short transaction.
func (s *store) fetch(q scan) (page, error) {
	if q.Schema != Schema {
		return page{}, &SchemaError{Found: q.Schema, Known: Schema}
	}
	isIndex := slices.Contains(indexBuckets, q.Bucket)
	if !isIndex && !slices.Contains(dataBuckets, q.Bucket) {
		return page{}, fmt.Errorf("there is no bucket %q", q.Bucket)
	}
	limit := maxPageDocs
	if q.Limit > 0 {
		limit = min(limit, q.Limit)
	}
	var out page
	err := s.view(func(tx *bbolt.Tx) error {
		size := 0
		var last []byte
		c := tx.Bucket([]byte(q.Bucket)).Cursor()
		for key, value := q.start(c); key != nil && bytes.HasPrefix(key, q.Prefix); key, value = q.step(c) {
			if last != nil && bytes.Compare(last, key) >= 0 != q.Reverse || last == nil && q.behind(key) {
				return damaged("the keys of %q are out of order", q.Bucket)
			}
			if last = key; len(out.Docs) == limit || size > maxPageBytes {
				out.Next = bytes.Clone(key)
				return nil
			}
			doc, err := document(tx, q.Bucket, key, value, isIndex)
			if err != nil {
				return err
			}
			out.Docs = append(out.Docs, bytes.Clone(doc))
			size += len(doc)
		}
		return nil
	})
	return out, err
}

func (q *scan) start(c *bbolt.Cursor) (key, value []byte) {
	switch {
	case len(q.From) > 0:
		return c.Seek(q.From)
	case q.Reverse:
		if key, _ := c.Seek(slices.Concat(q.Prefix, bytes.Repeat([]byte{0xff}, 9))); key == nil {
			return c.Last()
		}
		return c.Prev()
	}
	return c.Seek(q.Prefix)
}

// behind reports a first key that lies before where the scan continues: following it
// could go on for ever. A reverse scan may begin one entry early, after a deletion.
func (q *scan) behind(key []byte) bool {
	return len(q.From) > 0 && !q.Reverse && bytes.Compare(key, q.From) < 0
}

func (q *scan) step(c *bbolt.Cursor) (key, value []byte) {
	if q.Reverse {
		return c.Prev()
	}
	return c.Next()
}

// document returns the document at key, or, for an index, the candidate it leads to.
func document(tx *bbolt.Tx, bucket string, key, value []byte, isIndex bool) ([]byte, error) {
	if isIndex {
		bucket, key = candidateBucket, idKey(keyID(key))
		if value = tx.Bucket([]byte(bucket)).Get(key); value == nil {
			return nil, damaged("an index leads to candidate %d, which is missing", keyID(key))
		}
	}
	return unseal(bucket, key, value)
}
