package graph

import (
	"encoding/json"
	"testing"
)

// FuzzDecode decodes any bytes: whatever is accepted must survive encoding,
// compiling, hashing and a run.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"version":1,"nodes":[{"op":"policy_chosen"},{"op":"neg","args":[0]}],"output":1}`))
	f.Add([]byte(`{"version":1,"nodes":[{"op":"policy_chosen"},{"op":"beta"},{"op":"mul","args":[0,1]},{"op":"clamp","args":[2],"k":[-1,1]},{"op":"param","k":[0.5],"name":"tau"},{"op":"where","args":[3,2,4]}],"output":5}`))
	f.Add([]byte(`{"version":1,"nodes":[{"op":"chosen_len"},{"op":"sort","args":[0]},{"op":"std","args":[1]},{"op":"div","args":[0,2]}],"output":3}`))
	f.Add([]byte(`{"version":1,"nodes":[{"op":"const","k":[1e999]}],"output":0}`))
	f.Add([]byte(`{"version":2,"nodes":null,"output":-1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := Decode(data)
		if err != nil {
			return
		}
		text, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(text)
		if err != nil || again.Hash() != g.Hash() {
			t.Fatalf("%s does not survive: %v", text, err)
		}
		plan, err := Compile(g)
		if err != nil {
			t.Fatalf("%s is valid and does not compile: %v", text, err)
		}
		b := &Batch{
			PolicyChosen: []float64{-1, -2, -3}, PolicyRejected: []float64{-2, -2, -2}, RefChosen: []float64{-1, -1, -1},
			RefRejected: []float64{-2, -3, -4}, ChosenLen: []float64{5, 6, 7}, RejectedLen: []float64{1, 2, 3}, Beta: 0.1, Progress: 0.5,
		}
		var out Result
		plan.NewRunner().Run(b, 2, &out)
		if len(out.Loss) != 3 {
			t.Errorf("%s gives %d values for 3 pairs", text, len(out.Loss))
		}
	})
}
