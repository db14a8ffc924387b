package main

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	bbolt "go.etcd.io/bbolt"
)

// damage spoils the file of a run: damage index FILE loses an entry of an index, damage
// totals FILE has them say what cannot be, damage schema FILE makes it one of a later
// version, damage record FILE changes a byte of every record that holds a thought.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: damage index|totals|schema|record FILE")
	}
	file := ts.MkAbs(args[1])
	switch args[0] {
	case "index":
		ts.Check(change(file, func(tx *bbolt.Tx) error {
			c := tx.Bucket([]byte("by_fitness")).Cursor()
			c.First()
			return c.Delete()
		}))
	case "totals":
		ts.Check(putMeta(file, "totals", `{"candidates":{},"usage":{"calls":-1}}`))
	case "schema":
		ts.Check(putMeta(file, "schema", `{"schema":2}`))
	case "record":
		data, err := os.ReadFile(file)
		ts.Check(err)
		spoiled := bytes.ReplaceAll(data, []byte(`"thought":"`), []byte(`"thoughT":"`))
		if bytes.Equal(data, spoiled) {
			ts.Fatalf("nothing to damage in %s", args[1])
		}
		ts.Check(os.WriteFile(file, spoiled, 0o644))
	}
}

// putMeta stores a document beside the records of a run, with its checksum.
func putMeta(file, key, doc string) error {
	return change(file, func(tx *bbolt.Tx) error {
		sum := crc32.Checksum([]byte(key+doc), crc32.MakeTable(crc32.Castagnoli))
		return tx.Bucket([]byte("meta")).Put([]byte(key), fmt.Appendf(nil, "%s\n%08x", doc, sum))
	})
}

// change changes the file of a run that nothing has open.
func change(file string, do func(*bbolt.Tx) error) error {
	db, err := bbolt.Open(file, 0o644, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		return err
	}
	return errors.Join(db.Update(do), db.Close())
}
