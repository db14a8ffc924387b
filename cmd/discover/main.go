// Command discover searches for preference-optimization objectives.
package main

import (
	"os"

	"github.com/objdisco/discover/sandbox"
)

func main() {
	sandbox.RunChildIfAsked()
	os.Exit(run(os.Args[1:]))
}
