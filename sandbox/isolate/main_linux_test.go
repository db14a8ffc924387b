package isolate

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// probeName is the zeroth argument of a process that plays an escaped candidate:
// it applies some layers to itself and then does something hostile.
const probeName = "isolate-probe"

func TestMain(m *testing.M) {
	if os.Args[0] == probeName {
		runProbe(os.Args[1], os.Args[2], os.Args[3:])
	}
	os.Exit(m.Run())
}

// escaped is what a hostile act prints when it succeeds.
const escaped = "escaped"

// stopped begins what it prints when it gets an error.
const stopped = "stopped:"

// probeLimits are small, so that acts need not be large.
var probeLimits = Limits{MemoryBytes: 16 << 20, StackBytes: 1 << 20, CPU: time.Nanosecond}

// runProbe applies the layers in a comma-separated list and performs an act.
func runProbe(layers, act string, args []string) {
	prepared := prepare(act)
	var want []Layer
	for name := range strings.SplitSeq(layers, ",") {
		want = append(want, Layer(name))
	}
	report := Enter(probeLimits, want)
	if act == "report" {
		for _, l := range report.Missing() {
			fmt.Printf("[%s]", l)
		}
		os.Exit(0)
	}
	if err := acts[act].do(prepared, args); err != nil {
		fmt.Println(stopped, err)
		os.Exit(3)
	}
	fmt.Println(escaped)
	os.Exit(0)
}
