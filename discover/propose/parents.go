package propose

import (
	"math"
	"strconv"

	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/sandbox/graph"
)

// parents returns the priors that can be edited, best first: scored, small
// enough, and each behaviour once.
func parents(req Request) []Prior {
	var out []Prior
	seen := behaviours{}
	for _, p := range req.Ranked {
		if p.Scored && p.Graph != nil && len(p.Graph.Nodes) <= 4*maxSize && seen.add(p) {
			out = append(out, p)
		}
	}
	return out
}

// crowd is by how many children a prior may lead another before the other is
// preferred.
const crowd = 3

// parent draws a prior by rank, the chance falling by half every three ranks; a
// second draw replaces it when the first has many more children, so that one
// lineage does not crowd out the others.
func parent(req Request) Prior {
	ranked := parents(req)
	a, b := ranked[rank(req, len(ranked))], ranked[rank(req, len(ranked))]
	if children(req, a.ID) > children(req, b.ID)+crowd {
		return b
	}
	return a
}

// rank draws an index below n, geometrically.
func rank(req Request, n int) int {
	for {
		if i := int(3 / math.Ln2 * req.Rand.ExpFloat64()); i < n {
			return i
		}
	}
}

func children(req Request, id string) int {
	n := 0
	for _, priors := range [][]Prior{req.Ranked, req.Rejected} {
		for _, p := range priors {
			for _, parent := range p.Parents {
				if parent == id {
					n++
				}
			}
		}
	}
	return n
}

// known is what a request holds already.
type known struct {
	hashes       map[string]bool // of simplified graphs
	fingerprints map[string]bool
	names        map[string]bool
}

func newKnown(req Request) known {
	k := known{hashes: map[string]bool{}, fingerprints: map[string]bool{}, names: map[string]bool{}}
	for _, priors := range [][]Prior{req.Ranked, req.Rejected} {
		for _, p := range priors {
			k.names[p.Name] = true
			if p.Fingerprint != "" {
				k.fingerprints[p.Fingerprint] = true
			} else if p.Graph != nil {
				k.hashes[rewrite.Simplify(p.Graph).Hash()] = true
			}
		}
	}
	return k
}

// holds reports whether g, which is simplified, is known, by how it is written
// or by what it does.
func (k known) holds(g *graph.Graph) bool {
	if k.hashes[g.Hash()] {
		return true
	}
	fingerprint, err := graph.Fingerprint(g)
	return err == nil && k.fingerprints[fingerprint]
}

// fresh returns name, with a number if a prior has it.
func (k known) fresh(name string) string {
	out := name
	for n := 2; k.names[out]; n++ {
		out = name + "_" + strconv.Itoa(n)
	}
	return out
}
