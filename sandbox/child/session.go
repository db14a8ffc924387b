package child

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/isolate"
	"github.com/objdisco/discover/sandbox/wire"
)

// session is the conversation about one candidate.
type session struct {
	in        *wire.Reader
	out       *wire.Writer
	candidate candidate
	answering sync.Mutex // locked for good by whoever says what becomes of the candidate
}

// answer checks and traces source and sends what came of it.
func (s *session) answer(source string) error {
	rejection := s.candidate.trace(source)
	s.answering.Lock()
	if rejection != nil {
		return s.reject(rejection)
	}
	if err := s.out.Write(wire.Canonical, []byte(s.candidate.canonical)); err != nil {
		return fmt.Errorf("child: %w", err)
	}
	encoded, err := s.candidate.encoded()
	if err != nil {
		return fmt.Errorf("child: %w", err)
	}
	if err := s.out.Write(wire.Graph, encoded); err != nil {
		return fmt.Errorf("child: %w", err)
	}
	return s.locate()
}

func (s *session) reject(r *gate.Rejection) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("child: %w", err)
	}
	return s.out.Write(wire.Rejected, data)
}

// locate says where a node of the graph comes from, if that is asked.
func (s *session) locate() error {
	_, payload, err := s.in.Next(wire.Locate)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("child: locate: %w", err)
	}
	var node int
	if err := json.Unmarshal(payload, &node); err != nil {
		return fmt.Errorf("child: locate: %w", err)
	}
	line, column := s.candidate.place(node)
	data, err := json.Marshal([2]int{line, column})
	if err != nil {
		return fmt.Errorf("child: %w", err)
	}
	return s.out.Write(wire.Place, data)
}

// last rejects the candidate where it is just now, unless it is answered for.
// Thereafter the process must end.
func (s *session) last(r *gate.Rejection) {
	if s.answering.TryLock() {
		r.Line, r.Column = s.candidate.now()
		s.reject(r) // the parent finds out by itself, too
	}
}

// exhausted is what the watcher of the memory says last.
func (s *session) exhausted(l isolate.Layer) {
	if l == isolate.Stack {
		s.last(gate.TooDeep())
	} else {
		s.last(gate.TooMuchMemory())
	}
}

// exitTime is the exit code of a child whose candidate took too long.
const exitTime = 83

// watchTime ends the process when the candidate has used limit of processor time,
// or of time where the system does not tell.
func (s *session) watchTime(limit time.Duration) {
	begun := time.Now()
	before, ok := isolate.OwnCPUTime()
	for left := limit; left > 0; {
		time.Sleep(max(left, time.Millisecond))
		used := time.Since(begun)
		if ok {
			used, _ = isolate.OwnCPUTime()
			used -= before
		}
		left = limit - used
	}
	s.last(gate.TooLong(fmt.Sprintf("%v of processor time", limit)))
	os.Exit(exitTime)
}
