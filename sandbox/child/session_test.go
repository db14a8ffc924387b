package child

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/isolate"
	"github.com/objdisco/discover/sandbox/wire"
)

// endless runs out of its steps in the loop of a helper.
const endless = "func Loss(b objective.Batch) objective.Vec { return f(b) }\n\nfunc f(b objective.Batch) objective.Vec {\n\tfor {\n\t}\n}\n"

// TestLastWords: what ends the process says where the candidate was, and only if
// nothing has been said about the candidate.
func TestLastWords(t *testing.T) {
	for _, tt := range []struct {
		name     string
		layer    isolate.Layer
		source   string // traced before, if any
		answered bool
		want     *gate.Rejection
	}{
		{"memory", isolate.Memory, endless, false, &gate.Rejection{Stage: "memory", Line: 4, Column: 2}},
		{"stack", isolate.Stack, endless, false, &gate.Rejection{Stage: "stack", Line: 4, Column: 2}},
		{"before the trace", isolate.Memory, "", false, &gate.Rejection{Stage: "memory"}},
		{"answered", isolate.Memory, endless, true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var sent bytes.Buffer
			s := &session{out: wire.NewWriter(&sent)}
			s.candidate.steps = 100
			if tt.source != "" {
				if r := s.candidate.trace(tt.source); r == nil || r.Stage != gate.StageBudget {
					t.Fatal(r)
				}
			}
			if tt.answered {
				s.answering.Lock()
			}
			s.exhausted(tt.layer)
			s.exhausted(tt.layer)
			_, payload, err := wire.NewReader(&sent).Next(wire.Rejected)
			if tt.want == nil {
				if err == nil {
					t.Errorf("said %s", payload)
				}
				return
			}
			var got gate.Rejection
			if err != nil || json.Unmarshal(payload, &got) != nil {
				t.Fatalf("%v: %s", err, payload)
			}
			if got.Reason == "" || got.Hint == "" || sent.Len() > 0 {
				t.Errorf("%+v, then %d bytes", got, sent.Len())
			}
			got.Reason, got.Hint = "", ""
			if diff := cmp.Diff(tt.want, &got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
