package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/discover/llm"
)

// Exit codes.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitBudget      = 3
	exitArchive     = 4   // locked or damaged
	exitRejected    = 5   // the objective was rejected
	exitInterrupted = 130 // state saved
)

// errRejected ends a command whose objective was rejected; the command has
// printed why.
var errRejected = errors.New("objective rejected")

// usageError is a mistake in how the command was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// exitCode maps an error to the code that scripts rely on.
func exitCode(err error) int {
	var usage usageError
	var schema *archive.SchemaError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errRejected):
		return exitRejected
	case errors.Is(err, discover.ErrBudget):
		return exitBudget
	case errors.Is(err, archive.ErrLocked), errors.Is(err, archive.ErrDamaged), errors.As(err, &schema):
		return exitArchive
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitError
}

// explain prints err for a person, unless the command has done so.
func explain(w io.Writer, err error) {
	if errors.Is(err, errRejected) || errors.Is(err, context.Canceled) {
		return
	}
	fmt.Fprintf(w, "discover: %s\n", strings.TrimSpace(printableText(err.Error())))
	var call *llm.Error
	if errors.As(err, &call) && call.Hint != "" {
		fmt.Fprintf(w, "hint: %s\n", printableText(call.Hint))
	}
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintln(w, "Try --help with the command for its flags.")
	}
}
