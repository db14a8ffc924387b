package main

import (
	"encoding/json"
	"testing"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/archive/export"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// An export may hold the fingerprint that an earlier program gave its objective.
func TestFormerFingerprintsAreImported(t *testing.T) {
	g, err := objective.Trace(func(b objective.Batch) objective.Vec {
		x := b.Margin().Mul(b.Beta)
		return objective.Where(b.Progress.GreaterConst(.95), x.Neg().AddConst(1).ReLU(), x.Neg().Softplus())
	})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	now, err := graph.Fingerprint(g)
	if err != nil {
		t.Fatal(err)
	}
	former, err := graph.FormerFingerprint(g)
	if err != nil {
		t.Fatal(err)
	}
	if now == former {
		t.Fatal("there is only one fingerprint")
	}
	for fingerprint, ok := range map[string]bool{now: true, former: true, "00": false} {
		o := export.Objective{Graph: g, Candidate: archive.Candidate{Graph: data, Fingerprint: fingerprint}}
		if err := denotes(g, o); (err == nil) != ok {
			t.Errorf("fingerprint %s: %v", fingerprint, err)
		}
	}
}
