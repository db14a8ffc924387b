package wire

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// Each rule alone stops what it is there for, and without it alone that arrives.
func TestEachRuleAlone(t *testing.T) {
	long := append(header(65, Place, 0), make([]byte, 65)...)
	for i, tt := range []struct {
		name string
		in   []byte
	}{
		{"a graph before the canonical source", header(0, Graph, 0)},
		{"a repeated frame", append(header(0, Canonical, 0), header(0, Canonical, 0)...)},
		{"an oversized frame", long},
	} {
		t.Run(tt.name, func(t *testing.T) {
			read := func(rules ...rule) error {
				r := &Reader{r: bytes.NewReader(tt.in), rules: rules}
				for {
					if _, _, err := r.Next(Canonical, Place); err != nil {
						return err
					}
				}
			}
			if err := read(rules[i]); !errors.Is(err, ErrProtocol) {
				t.Errorf("with its rule alone: %v, want a violated protocol", err)
			}
			others := append(append([]rule{}, rules[:i]...), rules[i+1:]...)
			if err := read(others...); err != io.EOF {
				t.Errorf("without its rule: %v, want all of it read", err)
			}
		})
	}
}
