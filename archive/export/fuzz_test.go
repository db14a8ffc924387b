package export

import (
	"bytes"
	"encoding/json"
	"testing"
)

// Whatever ReadJSON accepts can be written again and reads back the same.
func FuzzReadJSON(f *testing.F) {
	for _, candidate := range []string{`{}`, `{"id":"3","name":"x","graph":[1,  2],"score":{"fitness":1e-3,"ci95":[0,1]}}`, `{"id":3}`} {
		f.Add([]byte(`{"format":"discover-objective/1","graph":{"version":1,"nodes":[{"op":"policy_chosen"}],"output":0},"candidate":` + candidate + `}`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := ReadJSON(bytes.NewReader(data))
		if err != nil {
			return
		}
		first := write(t, o)
		again, err := ReadJSON(bytes.NewReader(first))
		if err != nil {
			t.Fatal(err)
		}
		if second := write(t, again); !bytes.Equal(first, second) {
			t.Errorf("%s became %s", first, second)
		}
	})
}

func write(t *testing.T, o Objective) []byte {
	t.Helper()
	data, err := json.Marshal(document{Format: jsonFormat, Objective: o})
	if err != nil {
		t.Fatal(err)
	}
	return data
}
