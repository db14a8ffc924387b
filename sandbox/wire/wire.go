// Package wire is the protocol between the trusted process and its sandbox
// child: a sequence of frames over two pipes. A frame is a little-endian header
// of 9 bytes (u32 payload length, u8 type, u32 sequence number) and the payload.
// Sequence numbers start at 0 in each direction. A reader refuses a frame by its
// header, before it allocates anything.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Type says what a frame carries.
type Type uint8

// The frames, in the order in which they are sent. The child answers a Source
// with a Canonical and a Graph, or with a Rejected. After a Graph it may be asked
// once where a node comes from; it ends when it has answered, or is not asked.
const (
	Hello     Type = iota + 1 // parent to child: JSON Options
	Ready                     // child to parent: JSON isolate.Report
	Source                    // parent to child: the candidate's source
	Canonical                 // child to parent: the canonical source
	Graph                     // child to parent: the graph as JSON
	Rejected                  // child to parent: JSON gate.Rejection
	Locate                    // parent to child: the index of a node as JSON
	Place                     // child to parent: its line and column as JSON, 0 and 0 if they are not known
)

const headerBytes = 9

// limits bounds the payload of each type, in bytes.
var limits = [...]uint32{Hello: 4 << 10, Ready: 4 << 10, Source: 16 << 10, Canonical: 1 << 20, Graph: 1 << 20, Rejected: 16 << 10, Locate: 16, Place: 64}

// Writer writes frames. It is not safe for concurrent use.
type Writer struct {
	w        io.Writer
	sequence uint32
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write sends one frame in a single call of the underlying Write.
func (w *Writer) Write(t Type, payload []byte) error {
	if uint64(len(payload)) > uint64(limits[t]) {
		return fmt.Errorf("wire: payload of %d bytes in a frame of type %d, at most %d", len(payload), t, limits[t])
	}
	frame := binary.LittleEndian.AppendUint32(make([]byte, 0, headerBytes+len(payload)), uint32(len(payload)))
	frame = append(frame, byte(t))
	frame = binary.LittleEndian.AppendUint32(frame, w.sequence)
	w.sequence++
	_, err := w.w.Write(append(frame, payload...))
	return err
}

// Reader reads frames. It is not safe for concurrent use.
type Reader struct {
	r        io.Reader
	sequence uint32
	rules    []rule
}

// NewReader returns a Reader from r.
func NewReader(r io.Reader) *Reader { return &Reader{r: r, rules: rules[:]} }

// ErrProtocol is wrapped by errors about what the other side sent, as opposed to
// what it did not send or errors of the pipe.
var ErrProtocol = errors.New("protocol violated")

// Next reads one frame, which must be of one of the given types and in sequence.
// At the end of the stream between frames the error is io.EOF, within a frame it
// is io.ErrUnexpectedEOF.
func (r *Reader) Next(allowed ...Type) (Type, []byte, error) {
	var header [headerBytes]byte
	if _, err := io.ReadFull(r.r, header[:]); err != nil {
		return 0, nil, err
	}
	f := frame{binary.LittleEndian.Uint32(header[:]), Type(header[4]), binary.LittleEndian.Uint32(header[5:])}
	for _, rule := range r.rules {
		if err := rule(r, f, allowed); err != nil {
			return 0, nil, err
		}
	}
	r.sequence++
	payload := make([]byte, f.size)
	if _, err := io.ReadFull(r.r, payload); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, err
	}
	return f.kind, payload, nil
}

// End reads the end of the stream.
func (r *Reader) End() error {
	var one [1]byte
	switch n, err := io.ReadFull(r.r, one[:]); {
	case n > 0:
		return fmt.Errorf("%w: data after the last frame", ErrProtocol)
	case err != io.EOF:
		return err
	}
	return nil
}

// Options is the payload of Hello.
type Options struct {
	Steps       int           `json:"steps"`        // budget of the trace
	MemoryBytes uint64        `json:"memory_bytes"` // heap at which the child ends itself
	CPU         time.Duration `json:"cpu"`          // processor time that the candidate may use; then the kernel ends the child
}
