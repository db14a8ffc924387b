// Package child is the untrusted side of the sandbox: a process that confines
// itself, reads one candidate, and answers with its graph or with a rejection.
package child

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/objdisco/discover/sandbox/isolate"
	"github.com/objdisco/discover/sandbox/wire"
)

// Name is the zeroth argument by which a process knows that it is the child.
const Name = "discover-sandbox-child"

// Main runs the child over stdin and stdout and returns its exit code. Nothing
// of the host program may have started a goroutine that it still needs.
func Main() int {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func run(stdin io.Reader, stdout io.Writer) error {
	in, out := wire.NewReader(stdin), wire.NewWriter(stdout)
	_, hello, err := in.Next(wire.Hello)
	if err != nil {
		return fmt.Errorf("child: hello: %w", err)
	}
	var options wire.Options
	if err := json.Unmarshal(hello, &options); err != nil {
		return fmt.Errorf("child: hello: %w", err)
	}
	s, begin := &session{in: in, out: out}, make(chan struct{})
	report := isolate.Enter(isolate.Limits{MemoryBytes: options.MemoryBytes, CPU: options.CPU, Begin: begin, Ending: s.exhausted}, isolate.All)
	ready, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("child: %w", err)
	}
	if err := out.Write(wire.Ready, ready); err != nil {
		return fmt.Errorf("child: ready: %w", err)
	}
	if err := s.candidate.prepare(options.Steps); err != nil {
		return fmt.Errorf("child: %w", err)
	}
	_, source, err := in.Next(wire.Source)
	if err != nil {
		return fmt.Errorf("child: source: %w", err)
	}
	close(begin)
	go s.watchTime(options.CPU)
	return s.answer(string(source))
}
