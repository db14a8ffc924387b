package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
)

func header(size uint32, t Type, sequence uint32) []byte {
	b := append(binary.LittleEndian.AppendUint32(nil, size), byte(t))
	return binary.LittleEndian.AppendUint32(b, sequence)
}

func TestRoundTrip(t *testing.T) {
	var pipe bytes.Buffer
	w, r := NewWriter(&pipe), NewReader(&pipe)
	for _, payload := range []string{"", "x", strings.Repeat("y", 1<<20)} {
		if err := w.Write(Graph, []byte(payload)); err != nil {
			t.Fatal(err)
		}
		typ, got, err := r.Next(Canonical, Graph)
		if err != nil || typ != Graph || string(got) != payload {
			t.Errorf("type %d, %d bytes, error %v", typ, len(got), err)
		}
	}
	if err := r.End(); err != nil {
		t.Error(err)
	}
	if err := w.Write(Source, make([]byte, 16<<10+1)); err == nil {
		t.Error("a frame over the limit was written")
	}
}

func TestReaderRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []byte
		want error
	}{
		{"nothing", nil, io.EOF},
		{"half a header", header(1, Graph, 0)[:5], io.ErrUnexpectedEOF},
		{"no payload", header(3, Graph, 0), io.ErrUnexpectedEOF},
		{"half a payload", append(header(3, Graph, 0), 'x'), io.ErrUnexpectedEOF},
		{"another type", header(0, Rejected, 0), ErrProtocol},
		{"an unknown type", header(0, 0, 0), ErrProtocol},
		{"another sequence number", header(0, Graph, 1), ErrProtocol},
		{"too long", header(1<<20+1, Graph, 0), ErrProtocol},
		{"much too long", header(1<<32-1, Graph, 0), ErrProtocol},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := NewReader(bytes.NewReader(tt.in)).Next(Graph); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	if err := NewReader(strings.NewReader("x")).End(); !errors.Is(err, ErrProtocol) {
		t.Errorf("data after the end: %v", err)
	}
}

// FuzzReader reads any bytes as frames: it must end, deliver frames that were
// there, and never allocate more than the largest frame for each.
func FuzzReader(f *testing.F) {
	f.Add(append(header(3, Graph, 0), "abc"...))
	f.Add(append(append(header(1, Canonical, 0), 'x'), header(0, Graph, 1)...))
	f.Add(header(1<<31, Graph, 0))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(bytes.NewReader(in))
		var again bytes.Buffer
		w := NewWriter(&again)
		for {
			typ, payload, err := r.Next(Ready, Canonical, Graph, Rejected)
			if err != nil {
				break
			}
			if err := w.Write(typ, payload); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.HasPrefix(in, again.Bytes()) {
			t.Errorf("read %q as %q", in, again.Bytes())
		}
	})
}
