// Package catalog holds the known preference-optimization objectives, each a
// small package in the objective language.
//
// A known loss is the file NAME/NAME.go: an ordinary Go package that is compiled
// into the program and embedded as source, so that it also serves as an example
// of what a candidate looks like. Everything else about it stands in its package
// comment, in a fixed form that this package parses:
//
//	// Package NAME is TITLE.
//	//
//	//   - Formula: FORMULA
//	//   - Paper: TITLE, arXiv NNNN.NNNNN
//	//   - Betas: 0.05, 0.1
//	//
//	// Further remarks.
//
// The formula is the one that graph.Graph.Formula gives. The paper ends in its
// arXiv identifier, or in an address where it has none. The betas are those the
// paper reports; a remark in parentheses says where they come from otherwise.
package catalog

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

//go:embed */*.go
var sources embed.FS

// Entry is one known objective.
type Entry struct {
	Name    string // as on the command line
	Title   string // what it is, without a final stop
	Formula string // plain text, in the notation of graph.Graph.Formula
	Paper   string // title of the paper that introduced it
	URL     string // of the paper
	Betas   []float64
	Source  string // Go source, a complete file
	Loss    func(objective.Batch) objective.Vec
}

// Graph traces the compiled loss.
func (e Entry) Graph() (*graph.Graph, error) { return objective.Trace(e.Loss) }

// aliases maps further names in common use to entries; the names of TRL's
// loss_type among them.
var aliases = map[string]string{
	"apo":           "apo_zero",
	"bco":           "bco_pair_nodelta",
	"bco_pair":      "bco_pair_nodelta",
	"discopop":      "lrml",
	"dpo_norm":      "sigmoid_norm",
	"exo":           "exo_pair",
	"exp":           "exponential",
	"kto":           "kto_pair_sum",
	"kto_pair":      "kto_pair_sum",
	"nca":           "nca_pair",
	"robust_dpo":    "robust",
	"rso":           "hinge",
	"sigmoid":       "dpo",
	"slic":          "hinge",
	"smaug":         "dpop",
	"sppo":          "sppo_hard",
	"squared_hinge": "truncated_quadratic",
}

// All returns every entry, dpo first and the others by name.
func All() []Entry { return slices.Clone(entries()) }

// Lookup returns the entry of that name or alias.
func Lookup(name string) (Entry, bool) {
	if full, ok := aliases[name]; ok {
		name = full
	}
	for _, e := range entries() {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

// entries reads the embedded sources once. It panics when a source breaks the
// form, which a test rules out.
var entries = sync.OnceValue(func() []Entry {
	var all []Entry
	for name, loss := range losses {
		path := name + "/" + name + ".go"
		source, err := sources.ReadFile(path)
		if err != nil {
			panic(fmt.Sprintf("catalog: %v", err))
		}
		e, err := parseEntry(name, string(source))
		if err != nil {
			panic(fmt.Sprintf("catalog: %s: %v", path, err))
		}
		e.Loss = loss
		all = append(all, e)
	}
	slices.SortFunc(all, dpoFirst)
	return all
})

func dpoFirst(a, b Entry) int {
	switch {
	case a.Name == b.Name:
		return 0
	case a.Name == "dpo":
		return -1
	case b.Name == "dpo":
		return 1
	}
	return strings.Compare(a.Name, b.Name)
}
