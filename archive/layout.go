package archive

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"

	bbolt "go.etcd.io/bbolt"
)

// Buckets, as the package comment documents them.
const (
	metaBucket       = "meta"
	candidateBucket  = "candidates"
	promptBucket     = "prompts"
	cellBucket       = "cells"
	replyBucket      = "replies"
	fitnessIndex     = "by_fitness"
	fingerprintIndex = "by_fingerprint"
	statusIndex      = "by_status"
)

var (
	dataBuckets  = []string{metaBucket, candidateBucket, promptBucket, cellBucket, replyBucket}
	indexBuckets = []string{fitnessIndex, fingerprintIndex, statusIndex}

	schemaKey = []byte("schema")
	runKey    = []byte("run")
	totalsKey = []byte("totals")
	stateKey  = []byte("state")
	lostKey   = []byte("lost")
	askedKey  = []byte("asked")
)

type schemaDoc struct {
	Schema int `json:"schema"`
}

// layOut returns the transaction that makes an empty file an archive.
func layOut(run Run) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		for _, name := range append(dataBuckets, indexBuckets...) {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		if err := put(tx, metaBucket, schemaKey, schemaDoc{Schema}); err != nil {
			return err
		}
		if err := put(tx, metaBucket, totalsKey, Totals{Candidates: map[string]int{}}); err != nil {
			return err
		}
		return put(tx, metaBucket, runKey, run)
	}
}

// checkSchema refuses files of other programs and of newer versions of this one.
func checkSchema(tx *bbolt.Tx) error {
	if tx.Bucket([]byte(metaBucket)) == nil {
		return damaged("it is a bbolt file of another program")
	}
	var doc schemaDoc
	if err := get(tx, metaBucket, schemaKey, &doc); err != nil {
		return err
	}
	if doc.Schema > Schema {
		return &SchemaError{Found: doc.Schema, Known: Schema}
	}
	for _, name := range append(dataBuckets, indexBuckets...) {
		if tx.Bucket([]byte(name)) == nil {
			return damaged("bucket %q is missing", name)
		}
	}
	return nil
}

// idSize is the length of a candidate id in a key: data keys begin with one, index keys
// end with one.
const idSize = 8

func idKey(id int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }

// firstID returns the id that a data key of at least idSize begins with.
func firstID(key []byte) uint64 { return binary.BigEndian.Uint64(key) }

// keyID returns the candidate id that an index key ends with.
func keyID(key []byte) int {
	if len(key) < idSize {
		return 0
	}
	return int(firstID(key[len(key)-idSize:]))
}

// renderedKey is that of a prompt that nobody was sent. It follows the key of the one
// that was.
func renderedKey(id int) []byte { return append(idKey(id), 'r') }

func replyKey(id, turn int) []byte { return binary.BigEndian.AppendUint32(idKey(id), uint32(turn)) }

func cellKey(id int, c *Cell) []byte {
	key := append(idKey(id), c.Task+"\x00"+c.TaskVersion+"\x00"...)
	key = binary.BigEndian.AppendUint64(key, ascending(c.Beta))
	return binary.BigEndian.AppendUint64(key, c.Seed)
}

// ascending maps a float64 to an integer that sorts as the number does; -0 and 0
// map to the same.
func ascending(x float64) uint64 {
	bits := math.Float64bits(x + 0)
	if bits>>63 == 1 {
		return ^bits
	}
	return bits | 1<<63
}

func fitnessKey(fitness float64, id int) []byte {
	return append(binary.BigEndian.AppendUint64(nil, ^ascending(fitness)), idKey(id)...)
}

// labelKey is the key of an index by text; labelKey(label, nil) is the prefix of all
// entries of that label.
func labelKey(label string, id []byte) []byte {
	return append(append([]byte(label), 0), id...)
}

const sumLength = 1 + 8 // newline and eight digits

// seal appends the checksum of key and document.
func seal(key, doc []byte) []byte {
	castagnoli := crc32.MakeTable(crc32.Castagnoli) // made once, by whom first asks
	sum := crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, doc)
	return fmt.Appendf(bytes.Clone(doc), "\n%08x", sum)
}

// unseal verifies a value and returns its document, which aliases value.
func unseal(bucket string, key, value []byte) ([]byte, error) {
	if len(value) < sumLength {
		return nil, valueDamaged(bucket, key, "is cut off")
	}
	doc := value[:len(value)-sumLength]
	if !bytes.Equal(seal(key, doc), value) {
		return nil, valueDamaged(bucket, key, "has a wrong checksum")
	}
	return doc, nil
}

// put stores v as a sealed JSON document.
func put(tx *bbolt.Tx, bucket string, key []byte, v any) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b := tx.Bucket([]byte(bucket))
	b.FillPercent = 0.95 // keys mostly arrive in order
	return b.Put(key, seal(key, doc))
}

// get decodes the document under key into v; absence is damage.
func get(tx *bbolt.Tx, bucket string, key []byte, v any) error {
	value := tx.Bucket([]byte(bucket)).Get(key)
	if value == nil {
		return valueDamaged(bucket, key, "is missing")
	}
	return decode(bucket, key, value, v)
}

func decode(bucket string, key, value []byte, v any) error {
	doc, err := unseal(bucket, key, value)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(doc, v); err != nil {
		return valueDamaged(bucket, key, "cannot be read: "+err.Error())
	}
	return nil
}
