package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/objdisco/discover/sandbox/child"
)

// maxInit is how many bytes a package of this module may allocate before main
// begins. A table of names is below it, a regular expression or a grid is above.
const maxInit = 16 << 10

// unlinked are packages that are slow to initialize and that a convenient import
// would bring back: the first two come with cobra/doc.
var unlinked = []string{"github.com/russross/blackfriday/v2", "go.yaml.in/yaml/v3", "gopkg.in/yaml.v3"}

// TestStartIsCheap: every sandbox child is this program and starts for one
// candidate, so what packages prepare before main is paid once per candidate.
func TestStartIsCheap(t *testing.T) {
	inits := initTrace(t)
	delete(inits, modulePath+"cmd/discover") // these tests are in it
	for pkg, bytes := range inits {
		if strings.HasPrefix(pkg, modulePath) && bytes > maxInit {
			t.Errorf("%s allocates %d bytes before main begins, want at most %d: make it when it is first used", pkg, bytes, maxInit)
		}
	}
	for _, pkg := range unlinked {
		if bytes, ok := inits[pkg]; ok {
			t.Errorf("the program has %s, which allocates %d bytes before main begins", pkg, bytes)
		}
	}
	if _, ok := inits[modulePath+"sandbox/graph"]; !ok {
		t.Errorf("the trace of %d packages lacks sandbox/graph", len(inits))
	}
}

// initTrace starts this program as a sandbox child, which it ends before the
// child has read anything, and returns what each package allocated at start.
func initTrace(t *testing.T) map[string]int {
	var stderr bytes.Buffer
	cmd := &exec.Cmd{Path: os.Args[0], Args: []string{child.Name}, Env: []string{"GODEBUG=inittrace=1"}, Stderr: &stderr}
	if cmd.Run() == nil {
		t.Fatal("a child without input does not fail")
	}
	inits := map[string]int{}
	for lines := bufio.NewScanner(&stderr); lines.Scan(); {
		var pkg string
		var at, clock float64
		var bytes int
		if n, _ := fmt.Sscanf(lines.Text(), "init %s @%g ms, %g ms clock, %d bytes", &pkg, &at, &clock, &bytes); n == 4 {
			inits[pkg] = bytes
		}
	}
	return inits
}

// firstCommands is the environment variable that makes TestCommandsAreCheap count.
const firstCommands = "TEST_FIRST_COMMANDS"

// TestCommandsAreCheap: every call of discover makes all commands, to run one. A
// process of its own makes them, since much is only slow the first time.
func TestCommandsAreCheap(t *testing.T) {
	if os.Getenv(firstCommands) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestCommandsAreCheap$")
		cmd.Env = append(os.Environ(), firstCommands+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	(&app{}).root()
	runtime.ReadMemStats(&after)
	const most = 1200
	if n := after.Mallocs - before.Mallocs; n > most {
		t.Errorf("making the commands takes %d allocations, want at most %d", n, most)
	}
}
