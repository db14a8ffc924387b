package main

import (
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// statusLine is one line at the bottom of a terminal that is written over. On
// anything else it is silent. It is safe for concurrent use.
type statusLine struct {
	mu    sync.Mutex
	w     io.Writer
	width func() int // 0: not a terminal
	shown bool
}

func newStatusLine(w io.Writer) *statusLine {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &statusLine{w: w, width: func() int { return 0 }}
	}
	return &statusLine{w: w, width: func() int {
		columns, _, err := term.GetSize(int(f.Fd()))
		if err != nil || columns < 20 {
			return 80
		}
		return columns
	}}
}

// terminal reports whether the line is shown at all.
func (l *statusLine) terminal() bool { return l.width() > 0 }

// set replaces the line.
func (l *statusLine) set(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if width := l.width(); width > 0 {
		fmt.Fprintf(l.w, "\r\x1b[K%s", clip(printable(text), width-1))
		l.shown = true
	}
}

// print writes text as a line of its own above the status line.
func (l *statusLine) print(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown {
		fmt.Fprint(l.w, "\r\x1b[K")
		l.shown = false
	}
	fmt.Fprintln(l.w, printable(text))
}

// clear removes the line.
func (l *statusLine) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown {
		fmt.Fprint(l.w, "\r\x1b[K")
		l.shown = false
	}
}

// tally shows how many cells of several evaluations are done.
type tally struct {
	mu            sync.Mutex
	line          *statusLine
	names         []string
	done, planned []int
}

func newTally(line *statusLine, names []string) *tally {
	return &tally{line: line, names: names, done: make([]int, len(names)), planned: make([]int, len(names))}
}

// set records the progress of evaluation i.
func (t *tally) set(i, done, planned int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done[i], t.planned[i] = done, planned
	sum, all := 0, 0
	for j := range t.done {
		sum, all = sum+t.done[j], all+t.planned[j]
	}
	t.line.set(fmt.Sprintf("%d of %d cells trained, last of %s", sum, all, t.names[i]))
}
