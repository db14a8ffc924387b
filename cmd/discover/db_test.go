package main

import (
	"bytes"
	"os"

	"github.com/rogpeppe/go-internal/testscript"
	bbolt "go.etcd.io/bbolt"
)

// damage spoils the file of a run: damage index FILE loses an entry of an index,
// damage record FILE changes a byte of every record that holds a thought.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: damage index|record FILE")
	}
	file := ts.MkAbs(args[1])
	switch args[0] {
	case "index":
		db, err := bbolt.Open(file, 0o644, &bbolt.Options{Timeout: 1e9})
		ts.Check(err)
		ts.Check(db.Update(func(tx *bbolt.Tx) error {
			c := tx.Bucket([]byte("by_fitness")).Cursor()
			c.First()
			return c.Delete()
		}))
		ts.Check(db.Close())
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
