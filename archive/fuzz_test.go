package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
)

// A question from another process gets an answer, whatever it is.
func FuzzQuestion(f *testing.F) {
	dir := f.TempDir()
	a := must(Create(dir, "run", settings()))(f)
	f.Cleanup(func() { a.Close() })
	apply(f, a, scored(1, 1), rejected(2))
	for _, q := range []scan{
		{Schema: Schema, Bucket: metaBucket}, {Schema: Schema, Bucket: statusIndex, Prefix: labelKey(Scored, nil), Reverse: true, Limit: 3},
		{Schema: Schema, Bucket: candidateBucket, From: idKey(2)}, {Schema: 9, Bucket: "x", Limit: -1},
	} {
		seed, err := json.Marshal(q)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
	}
	s := &server{file: a.file}
	f.Fuzz(func(t *testing.T, question []byte) {
		reply := s.answer(question)
		if (reply.Error != "") != (reply.err() != nil) {
			t.Errorf("%q: %+v", question, reply)
		}
		if reply.Damaged {
			t.Errorf("%q: the archive is called damaged: %s", question, reply.Error)
		}
	})
}

// The page checker ends with a verdict on any file, and calls a whole one whole.
func FuzzPages(f *testing.F) {
	dir := f.TempDir()
	a := must(Create(dir, "run", settings()))(f)
	apply(f, a, scored(1, 1), rejected(2), scored(3, 5))
	a.Close()
	if err := Compact(dir, "run"); err != nil {
		f.Fatal(err)
	}
	whole := readFile(f, filepath.Join(dir, "run", fileName))
	if err := checkPages(bytes.NewReader(whole), int64(len(whole))); err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(4096*3+12), []byte{0xff, 0xff, 0xff, 0x7f})
	f.Add(uint32(4096*4), []byte{1})
	f.Add(uint32(20), []byte("meta"))
	f.Fuzz(func(t *testing.T, at uint32, patch []byte) {
		data := bytes.Clone(whole)
		copy(data[int(at)%len(data):], patch)
		if err := checkPages(bytes.NewReader(data), int64(len(data))); err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%v", err)
		}
	})
}
