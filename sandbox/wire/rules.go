package wire

import (
	"fmt"
	"slices"
)

// frame is a header.
type frame struct {
	size     uint32 // bytes of payload
	kind     Type
	sequence uint32
}

// rule returns an error that wraps ErrProtocol if a Reader must not take f next.
type rule func(r *Reader, f frame, allowed []Type) error

// rules are what every frame is held to, each by itself, before anything is
// allocated for it.
var rules = [...]rule{inOrder, inSequence, withinLimit}

func inOrder(_ *Reader, f frame, allowed []Type) error {
	if !slices.Contains(allowed, f.kind) {
		return fmt.Errorf("%w: frame of type %d out of order", ErrProtocol, f.kind)
	}
	return nil
}

func inSequence(r *Reader, f frame, _ []Type) error {
	if f.sequence != r.sequence {
		return fmt.Errorf("%w: frame %d, want %d", ErrProtocol, f.sequence, r.sequence)
	}
	return nil
}

func withinLimit(_ *Reader, f frame, _ []Type) error {
	limit := uint32(0)
	if int(f.kind) < len(limits) {
		limit = limits[f.kind]
	}
	if f.size > limit {
		return fmt.Errorf("%w: frame of %d bytes, at most %d", ErrProtocol, f.size, limit)
	}
	return nil
}
