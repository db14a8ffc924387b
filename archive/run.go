package archive

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Settings are what a run was started with.
type Settings struct {
	// Config is the run's whole configuration as JSON.
	Config json.RawMessage `json:"config,omitempty"`
	// ConfigHash identifies the part of Config that decides results.
	ConfigHash string    `json:"config_hash,omitempty"`
	Seed       uint64    `json:"seed"`
	Proposer   string    `json:"proposer"`
	Version    string    `json:"version"` // of the program
	Created    time.Time `json:"created"`
}

// Status says how far a run came. A run found Running that no process holds was
// killed.
type Status string

const (
	Running     Status = "running"
	Finished    Status = "finished"
	Interrupted Status = "interrupted"
	Stopped     Status = "stopped" // by an error: a wrong key, a server that is away, a full disk
	Budget      Status = "budget"  // stopped because a budget was spent
)

// Run is a run's settings and status.
type Run struct {
	Name string `json:"name"`
	Settings
	Status Status `json:"status"`
	// Why says what ended the last sitting early, if that was no person.
	Why string `json:"why,omitempty"`
	// Confirmations counts how often its candidates were scored again, or were to be.
	Confirmations int `json:"confirmations,omitempty"`
}

// Totals counts what a run holds. It is kept up to date by every write, so that
// reading it costs the same for a run of any size.
type Totals struct {
	// Candidates counts applied candidates, by status.
	Candidates map[string]int `json:"candidates"`
	// Cells counts every saved cell, of candidates still in work too.
	Cells int `json:"cells"`
	// Usage is the sum over every saved reply, and what was lost besides.
	Usage Usage `json:"usage"`
}

// Applied returns the number of applied candidates of any status.
func (t Totals) Applied() int {
	n := 0
	for _, k := range t.Candidates {
		n += k
	}
	return n
}

// check refuses totals that no calls come to. They are derived, unlike what a reply
// cost.
func (t Totals) check() error {
	if !t.Usage.possible() {
		return derivedDamaged("the totals say that calls cost %+v, which none can", t.Usage)
	}
	return nil
}

var (
	nameForm      = pattern(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	reservedNames = pattern(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`) // device names on Windows
)

// pattern is a regular expression that is compiled when it is first used.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// ValidName says why name cannot be the name of a run, or returns nil.
func ValidName(name string) error {
	if !nameForm().MatchString(name) || strings.HasSuffix(name, ".") || reservedNames().MatchString(name) {
		return fmt.Errorf("run name %q: use 1 to 64 letters, digits, '-', '_' and '.', beginning with a letter or digit", name)
	}
	return nil
}
