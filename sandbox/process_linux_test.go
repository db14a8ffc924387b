package sandbox

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/isolate"
	"github.com/objdisco/discover/sandbox/wire"
)

// fakeName is the zeroth argument of a process that stands for a child in the
// hands of a candidate: it may write anything and end in any way.
const fakeName = "sandbox-fake-child"

// fakeChild is one way to misbehave.
type fakeChild struct {
	stage  string // of the rejection, with a position if that is not of Loss; "" for an error
	reason string // part of it
	run    func(f *fake)
}

// at is how the rejection begins.
func (c fakeChild) at() string {
	if strings.Contains(c.stage, ":") {
		return c.stage
	}
	return "5:6: " + c.stage
}

// fake is the child's side of the pipes.
type fake struct {
	in  *wire.Reader
	out *wire.Writer
}

// frame writes a frame that need not make sense.
func (f *fake) frame(size uint32, t byte, sequence uint32, payload string) {
	b := binary.LittleEndian.AppendUint32(nil, size)
	b = append(b, t)
	b = binary.LittleEndian.AppendUint32(b, sequence)
	os.Stdout.Write(append(b, payload...))
}

// ready plays an honest child until it has the source.
func (f *fake) ready() { f.report(Report{Platform: "fake"}) }

func (f *fake) report(r Report) {
	f.in.Next(wire.Hello)
	data, _ := json.Marshal(r)
	f.out.Write(wire.Ready, data)
	f.in.Next(wire.Source)
}

// answer sends a canonical form and a graph.
func (f *fake) answer(g any) {
	f.ready()
	f.send(g)
}

func (f *fake) send(g any) {
	f.out.Write(wire.Canonical, []byte("package candidate\x1b[2J\u202e"))
	data, _ := json.Marshal(g)
	f.out.Write(wire.Graph, data)
}

// blamed sends a graph that the probe refuses and answers the question where that
// was written.
func (f *fake) blamed(place string) {
	f.answer(newGraph(node(graph.PolicyChosen), node(graph.Log, 0)))
	f.in.Next(wire.Locate)
	f.out.Write(wire.Place, []byte(place))
}

func (f *fake) reject(r gate.Rejection) {
	f.ready()
	data, _ := json.Marshal(r)
	f.out.Write(wire.Rejected, data)
}

func node(op graph.Op, args ...int) graph.Node { return graph.Node{Op: op, Args: args} }

func newGraph(nodes ...graph.Node) *graph.Graph {
	return &graph.Graph{Version: graph.Version, Nodes: nodes, Output: len(nodes) - 1}
}

func manyNodes(n int) *graph.Graph {
	nodes := []graph.Node{node(graph.PolicyChosen)}
	for i := range n {
		nodes = append(nodes, node(graph.Neg, i))
	}
	return newGraph(nodes...)
}

var fakeChildren = map[string]fakeChild{
	"honest":                     {"ok", "", func(f *fake) { f.answer(newGraph(node(graph.PolicyChosen), node(graph.Neg, 0))) }},
	"answers late":               {"ok", "", func(f *fake) { f.ready(); time.Sleep(time.Second); f.send(newGraph(node(graph.PolicyChosen))) }},
	"lacks a layer":              {"ok", "", func(f *fake) { f.report(reportWithout(os.Args[2])); f.send(newGraph(node(graph.PolicyChosen))) }},
	"dies the first time":        {"ok", "", func(f *fake) { f.ready(); dieOnce(os.Args[2]); f.send(newGraph(node(graph.PolicyChosen))) }},
	"ends at once":               {"", "did not get ready", func(*fake) {}},
	"never gets ready":           {"", "did not get ready", func(*fake) { time.Sleep(time.Hour) }},
	"greets with prose":          {"", "did not get ready", func(*fake) { fmt.Println("usage: discover <command> [flags]") }},
	"hangs":                      {"time", "no result", func(f *fake) { f.ready(); time.Sleep(time.Hour) }},
	"spins":                      {"time", "no result", func(f *fake) { f.ready(); spin() }},
	"ends without an answer":     {"protocol", "without an answer", func(f *fake) { f.ready() }},
	"ends by its memory watcher": {"memory", "memory", func(f *fake) { f.ready(); os.Exit(isolate.ExitMemory) }},
	"ends by its stack watcher":  {"stack", "deeply", func(f *fake) { f.ready(); os.Exit(isolate.ExitStack) }},
	"says where memory ended":    {"5:2: memory", "too much", func(f *fake) { f.reject(gate.Rejection{Stage: "memory", Line: 5, Column: 2, Reason: "too much"}) }},
	"says where its time ended":  {"5:2: time", "late", func(f *fake) { f.reject(gate.Rejection{Stage: "time", Line: 5, Column: 2, Reason: "late"}) }},
	"runs out of memory":         {"memory", "memory", func(f *fake) { f.ready(); fail("fatal error: runtime: out of memory") }},
	"runs out of stack":          {"stack", "deeply", func(f *fake) { f.ready(); debug.SetMaxStack(1 << 20); overflow(0) }},
	"panics":                     {"protocol", "panic: boo", func(f *fake) { f.ready(); panic("boo") }},
	"makes a forbidden call":     {"syscall", "forbidden system call", func(f *fake) { f.ready(); forbiddenCall() }},
	"is killed":                  {"protocol", "killed", func(f *fake) { f.ready(); kill() }},
	"sends half a header":        {"protocol", "without an answer", func(f *fake) { f.ready(); os.Stdout.WriteString("\x01\x02\x03") }},
	"sends half a frame":         {"protocol", "without an answer", func(f *fake) { f.ready(); f.frame(100, byte(wire.Canonical), 1, "short") }},
	"sends half a frame, hangs":  {"time", "no result", func(f *fake) { f.ready(); f.frame(100, byte(wire.Canonical), 1, "short"); time.Sleep(time.Hour) }},
	"sends an oversized frame":   {"protocol", "at most", func(f *fake) { f.ready(); f.frame(1<<32-1, byte(wire.Canonical), 1, "") }},
	"sends an empty frame":       {"protocol", "rejection", func(f *fake) { f.ready(); f.frame(0, byte(wire.Rejected), 1, "") }},
	"sends an unknown frame":     {"protocol", "out of order", func(f *fake) { f.ready(); f.frame(0, 200, 1, "") }},
	"repeats a frame": {"protocol", "out of order", func(f *fake) {
		f.ready()
		f.frame(1, byte(wire.Canonical), 1, "x")
		f.frame(1, byte(wire.Canonical), 2, "x")
	}},
	"repeats a sequence number": {"protocol", "frame 1, want 2", func(f *fake) {
		f.ready()
		f.frame(1, byte(wire.Canonical), 1, "x")
		f.frame(2, byte(wire.Graph), 1, "{}")
	}},
	"skips a sequence number":    {"protocol", "frame 2, want 1", func(f *fake) { f.ready(); f.frame(1, byte(wire.Canonical), 2, "x") }},
	"sends the graph first":      {"protocol", "out of order", func(f *fake) { f.ready(); f.frame(2, byte(wire.Graph), 1, "{}") }},
	"goes on after the answer":   {"protocol", "after the last frame", func(f *fake) { f.answer(manyNodes(1)); os.Stdout.WriteString("x") }},
	"stays after the answer":     {"time", "no result", func(f *fake) { f.answer(manyNodes(1)); time.Sleep(time.Hour) }},
	"floods its output":          {"protocol", "", func(f *fake) { f.ready(); flood(os.Stdout) }},
	"floods its error output":    {"protocol", "flooded", func(f *fake) { f.ready(); flood(os.Stderr) }},
	"sends a graph of nonsense":  {"protocol", "invalid graph", func(f *fake) { f.answer("nonsense") }},
	"sends an empty graph":       {"protocol", "invalid graph", func(f *fake) { f.answer(newGraph()) }},
	"sends too many nodes":       {"protocol", "invalid graph", func(f *fake) { f.answer(manyNodes(graph.MaxNodes)) }},
	"sends a cycle":              {"protocol", "invalid graph", func(f *fake) { f.answer(newGraph(node(graph.Neg, 0))) }},
	"sends a forward reference":  {"protocol", "invalid graph", func(f *fake) { f.answer(newGraph(node(graph.Neg, 1), node(graph.PolicyChosen))) }},
	"sends a negative reference": {"protocol", "invalid graph", func(f *fake) { f.answer(newGraph(node(graph.PolicyChosen), node(graph.Neg, -1))) }},
	"sends too few operands":     {"protocol", "invalid graph", func(f *fake) { f.answer(newGraph(node(graph.PolicyChosen), node(graph.Add, 0))) }},
	"sends a scalar":             {"protocol", "invalid graph", func(f *fake) { f.answer(newGraph(node(graph.Beta))) }},
	"sends an unknown field":     {"protocol", "invalid graph", func(f *fake) { f.answer(map[string]any{"version": 1, "evil": 1}) }},
	"sends an infinite constant": {"protocol", "invalid graph", func(f *fake) {
		f.answer(json.RawMessage(`{"version":1,"nodes":[{"op":"const","k":[1e999]}],"output":0}`))
	}},
	"sends a useless graph":   {"probe", "gradient is 0", func(f *fake) { f.answer(newGraph(node(graph.RefChosen))) }},
	"sends a graph with NaN":  {"probe", "loss is", func(f *fake) { f.answer(newGraph(node(graph.PolicyChosen), node(graph.Log, 0))) }},
	"places an operation":     {"5:2: probe", "loss is", func(f *fake) { f.blamed("[5,2]") }},
	"misplaces an operation":  {"probe", "loss is", func(f *fake) { f.blamed("[999,-1]") }},
	"places with nonsense":    {"probe", "loss is", func(f *fake) { f.blamed("x") }},
	"floods when asked where": {"protocol", "after the last frame", func(f *fake) { f.blamed("[5,2]"); os.Stdout.WriteString("x") }},
	"lies when asked where": {"protocol", "after the last frame", func(f *fake) {
		f.answer(newGraph(node(graph.PolicyChosen), node(graph.Log, 0)))
		f.in.Next(wire.Locate)
		f.frame(1<<32-1, byte(wire.Graph), 3, "xyz")
	}},
	"hangs when asked where":   {"time", "no result", func(f *fake) { f.answer(newGraph(node(graph.PolicyChosen), node(graph.Log, 0))); time.Sleep(time.Hour) }},
	"rejects as the parent":    {"protocol", "stage", func(f *fake) { f.reject(gate.Rejection{Stage: "probe", Reason: "x"}) }},
	"rejects without a reason": {"protocol", "reason", func(f *fake) { f.reject(gate.Rejection{Stage: "types"}) }},
	"rejects elsewhere": {"types", "unprintable gone", func(f *fake) {
		f.reject(gate.Rejection{Stage: "types", Line: 999, Column: -1, Reason: "un\x1b\u202eprintable gone"})
	}},
	"leaves a grandchild":       {"time", "no result", func(f *fake) { f.ready(); leaveGrandchild(); time.Sleep(time.Hour) }},
	"dies, leaves a grandchild": {"time", "no result", func(f *fake) { f.ready(); leaveGrandchild() }},
}

// reportWithout says that every layer holds but one.
func reportWithout(missing string) Report {
	r := Report{Platform: "fake"}
	for _, l := range isolate.All {
		r.Layers = append(r.Layers, isolate.State{Layer: l, Holds: string(l) != missing})
	}
	return r
}

func spin() {
	for {
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(2)
}

func overflow(n int) int { return overflow(n+1) + n }

// dieOnce panics unless it has been called before with this path.
func dieOnce(path string) {
	if first(path) {
		panic("the machine is short of something")
	}
}

// first reports whether it is called for the first time with this path.
func first(path string) bool {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
	f.Close()
	return err == nil
}

func kill() {
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
	time.Sleep(time.Hour)
}

func forbiddenCall() {
	isolate.Enter(isolate.Limits{}, []isolate.Layer{isolate.Seccomp})
	os.Getppid()
}

func flood(f *os.File) {
	junk := []byte(strings.Repeat("x", 1<<16))
	for {
		if _, err := f.Write(junk); err != nil {
			os.Exit(1)
		}
	}
}

// leaveGrandchild starts a process of the same group that holds the pipes.
func leaveGrandchild() {
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{fakeName, "sleeps"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Start()
}

func runFake(name string) {
	switch name {
	case "sleeps":
		time.Sleep(time.Hour)
	case "has a spare":
		leaveSpare()
		os.Exit(0)
	}
	if run, ok := fakeSpares[name]; ok {
		run(&fake{wire.NewReader(os.Stdin), wire.NewWriter(os.Stdout)})
		os.Exit(0)
	}
	fakeChildren[name].run(&fake{wire.NewReader(os.Stdin), wire.NewWriter(os.Stdout)})
	os.Exit(0)
}

// TestUntrustedChild checks what the parent makes of children that misbehave.
func TestUntrustedChild(t *testing.T) {
	for name, want := range fakeChildren {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Checker{Timeout: 300 * time.Millisecond, childArgs: []string{fakeName, name, filepath.Join(t.TempDir(), "died")}, startTimeout: 3 * time.Second}
			defer c.Close()
			got, rejection, err := c.Check(t.Context(), dpo)
			switch {
			case want.stage == "":
				if err == nil || !strings.Contains(err.Error(), want.reason) {
					t.Fatalf("got %v, %v, %v, want an error with %q", got, rejection, err, want.reason)
				}
			case want.stage == "ok":
				if got == nil || got.Canonical != "package candidate[2J" {
					t.Fatalf("got %+v, %v, %v", got, rejection, err)
				}
			case rejection == nil || !strings.HasPrefix(rejection.String(), want.at()) || !strings.Contains(rejection.Reason, want.reason):
				t.Fatalf("got %v, %v, %v, want %s with %q", got, rejection, err, want.at(), want.reason)
			}
			t.Log(rejection, err)
		})
	}
}

// TestStrictNeedsEveryLayer: mode Strict sends no source to a child that lacks a
// layer, be it a spare one or not, mode Auto does.
func TestStrictNeedsEveryLayer(t *testing.T) {
	for _, l := range append(isolate.All, "none") {
		t.Run(string(l), func(t *testing.T) {
			t.Parallel()
			args := []string{fakeName, "lacks a layer", string(l)}
			auto, strict := &Checker{Mode: Auto, childArgs: args}, &Checker{Mode: Strict, childArgs: args}
			defer auto.Close()
			defer strict.Close()
			if got, rejection, err := auto.Check(t.Context(), dpo); got == nil {
				t.Errorf("auto: rejection %v, error %v", rejection, err)
			}
			strict.Prepare()
			got, rejection, err := strict.Check(t.Context(), dpo)
			if l == "none" && got == nil {
				t.Errorf("strict, with every layer: rejection %v, error %v", rejection, err)
			}
			if l != "none" && (err == nil || !strings.Contains(err.Error(), fmt.Sprintf("layers are missing: [%s]", l))) {
				t.Errorf("strict: graph %v, rejection %v, error %v", got, rejection, err)
			}
		})
	}
}
