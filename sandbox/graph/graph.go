// Package graph is the data that an objective becomes once it has been traced:
// a list of vector operations in topological order.
//
// A Graph is plain data. It can be validated, hashed, compared, stored as JSON,
// compiled to a Plan and differentiated exactly; nothing in it can loop, branch
// on data or allocate without bound. Values are float64. A vector has either
// one value per preference pair or is a scalar; scalars broadcast.
package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
)

// Version is the version of the JSON form that this package writes and reads.
const Version = 1

// MaxNodes bounds the number of nodes of a valid graph.
const MaxNodes = 2000

// maxNameBytes bounds the name of a Param.
const maxNameBytes = 40

// Node is one operation. Args are indices of earlier nodes.
type Node struct {
	Op   Op        `json:"op"`
	Args []int     `json:"args,omitempty"`
	K    []float64 `json:"k,omitempty"`    // constants, as many as Op.Constants()
	Name string    `json:"name,omitempty"` // Param only
}

// Graph is an objective: nodes in topological order and the index of the one
// whose value is the loss per pair.
type Graph struct {
	Version int    `json:"version"`
	Nodes   []Node `json:"nodes"`
	Output  int    `json:"output"`
}

// Decode reads a graph from JSON and validates it. Unknown fields and trailing
// data are errors.
func Decode(data []byte) (*Graph, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var g Graph
	if err := dec.Decode(&g); err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("graph: data after the graph")
	}
	if err := g.Validate(); err != nil {
		return nil, err
	}
	return &g, nil
}

// Validate reports the first way in which g is not a well-formed objective:
// wrong version, too many nodes, operand out of order, wrong arity, a constant
// that is not finite, a badly named or twice-declared parameter, or a result
// that is not one value per pair.
func (g *Graph) Validate() error {
	if g.Version != Version {
		return fmt.Errorf("graph: version %d, want %d", g.Version, Version)
	}
	if len(g.Nodes) == 0 || len(g.Nodes) > MaxNodes {
		return fmt.Errorf("graph: %d nodes, want 1 to %d", len(g.Nodes), MaxNodes)
	}
	values := map[string]float64{}
	for i := range g.Nodes {
		if err := validateNode(i, &g.Nodes[i], values); err != nil {
			return err
		}
	}
	if g.Output < 0 || g.Output >= len(g.Nodes) {
		return fmt.Errorf("graph: output %d is not a node", g.Output)
	}
	if !g.Shapes()[g.Output] {
		return fmt.Errorf("graph: the result is a scalar, want one value per pair")
	}
	return nil
}

func validateNode(i int, n *Node, params map[string]float64) error {
	if !n.Op.Valid() {
		return fmt.Errorf("graph: node %d: unknown operation %d", i, n.Op)
	}
	if len(n.Args) != n.Op.Arity() || len(n.K) != n.Op.Constants() {
		return fmt.Errorf("graph: node %d: %s has %d operands and %d constants, want %d and %d",
			i, n.Op, len(n.Args), len(n.K), n.Op.Arity(), n.Op.Constants())
	}
	for _, a := range n.Args {
		if a < 0 || a >= i {
			return fmt.Errorf("graph: node %d: operand %d is not an earlier node", i, a)
		}
	}
	for _, k := range n.K {
		if math.IsNaN(k) || math.IsInf(k, 0) {
			return fmt.Errorf("graph: node %d: constant of %s is not finite", i, n.Op)
		}
	}
	if n.Op == Clamp && n.K[0] > n.K[1] {
		return fmt.Errorf("graph: node %d: clamp from %g to %g is empty", i, n.K[0], n.K[1])
	}
	if n.Op != Param {
		if n.Name != "" {
			return fmt.Errorf("graph: node %d: %s has a name", i, n.Op)
		}
		return nil
	}
	return validateParam(i, n, params)
}

func validateParam(i int, n *Node, params map[string]float64) error {
	if !ValidParamName(n.Name) {
		return fmt.Errorf("graph: node %d: parameter name %q is not an identifier of 1 to %d lower-case letters, digits and _", i, n.Name, maxNameBytes)
	}
	if v, seen := params[n.Name]; seen && v != n.K[0] {
		return fmt.Errorf("graph: parameter %q declared as %g and as %g", n.Name, v, n.K[0])
	}
	params[n.Name] = n.K[0]
	return nil
}

// ValidParamName reports whether s may name a parameter: a lower-case letter
// followed by lower-case letters, digits and underscores, 40 bytes at most.
func ValidParamName(s string) bool {
	if s == "" || len(s) > maxNameBytes || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// Shapes reports for every node whether it has one value per pair (true) or is
// a scalar (false). The graph's operands must be in order.
func (g *Graph) Shapes() []bool {
	shapes := make([]bool, len(g.Nodes))
	for i, n := range g.Nodes {
		switch infos[n.Op].kind {
		case kindLeafPair:
			shapes[i] = true
		case kindMap, kindSort:
			for _, a := range n.Args {
				shapes[i] = shapes[i] || shapes[a]
			}
		}
	}
	return shapes
}

// A Parameter is a named constant of an objective.
type Parameter struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// Params returns the parameters that g declares, each once, in order of first
// appearance.
func (g *Graph) Params() []Parameter {
	var out []Parameter
	seen := map[string]bool{}
	for _, n := range g.Nodes {
		if n.Op == Param && !seen[n.Name] {
			seen[n.Name] = true
			out = append(out, Parameter{n.Name, n.K[0]})
		}
	}
	return out
}

// WithParams returns a copy of g in which the named parameters have the given
// values. A name that g does not declare, or a value that is not finite, is an
// error.
func (g *Graph) WithParams(values map[string]float64) (*Graph, error) {
	out := g.Clone()
	used := map[string]bool{}
	for i := range out.Nodes {
		n := &out.Nodes[i]
		if v, ok := values[n.Name]; ok && n.Op == Param {
			n.K[0], used[n.Name] = v, true
		}
	}
	for name := range values {
		if !used[name] {
			return nil, fmt.Errorf("graph: no parameter %q", name)
		}
	}
	return out, out.Validate()
}

// Clone returns a deep copy of g.
func (g *Graph) Clone() *Graph {
	out := &Graph{Version: g.Version, Output: g.Output, Nodes: slices.Clone(g.Nodes)}
	for i := range out.Nodes {
		out.Nodes[i].Args = slices.Clone(out.Nodes[i].Args)
		out.Nodes[i].K = slices.Clone(out.Nodes[i].K)
	}
	return out
}

// Hash returns a hex digest of what g computes node by node: equal for two
// graphs that list the same reachable operations in any order and with any
// amount of repetition, different as soon as an operation, an operand or a
// constant differs. Operands of commutative operations may be exchanged.
func (g *Graph) Hash() string {
	sums := make([][sha256.Size]byte, len(g.Nodes))
	for i := range g.Nodes {
		sums[i] = hashNode(&g.Nodes[i], sums)
	}
	return hex.EncodeToString(sums[g.Output][:])
}

func hashNode(n *Node, sums [][sha256.Size]byte) [sha256.Size]byte {
	buf := append([]byte(n.Op.String()), 0)
	for _, k := range n.K {
		buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(k+0))
	}
	buf = append(append(buf, n.Name...), 0)
	operands := make([][]byte, len(n.Args))
	for i, a := range n.Args {
		operands[i] = sums[a][:]
	}
	if n.Op.Commutes() {
		slices.SortFunc(operands, bytes.Compare)
	}
	return sha256.Sum256(append(buf, bytes.Join(operands, nil)...))
}

// Commutes reports whether the two operands of op may be exchanged.
func (op Op) Commutes() bool {
	return op == Add || op == Mul || op == Max || op == Min
}
