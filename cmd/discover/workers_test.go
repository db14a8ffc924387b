package main

import (
	"fmt"
	"testing"

	"github.com/objdisco/discover/discover"
)

// A seed gives one archive, with however many workers it is made, by evolve and by a
// model.
func TestWorkersDoNotChangeTheArchive(t *testing.T) {
	for _, proposer := range []string{discover.ProposerEvolve, discover.ProposerLLM} {
		t.Run(proposer, func(t *testing.T) {
			h := newHarnessWith(t, "tasks: [bandit]\nseeds: 2\nscreen: false\nmodel: [m, n]\n", "OPENAI_API_KEY=sk-none")
			h.plantFor(t, proposer, "planted", newScriptedLLM(t, false).URL+"/v1")
			for _, workers := range []int{1, 2, 4} {
				name := fmt.Sprint("workers", workers)
				h.copyRun(t, "planted", name)
				h.finish(t, "resume", name, "--candidates", "7", "--workers", fmt.Sprint(workers))
				h.compare(t, "workers1", name)
			}
			scored := 0
			for _, c := range candidates(t, h.open(t, "workers1")) {
				if c.Score != nil && c.Origin != "catalog" {
					scored++
				}
			}
			if scored < 3 {
				t.Errorf("%d proposals are scored: the test compares next to nothing", scored)
			}
		})
	}
}
