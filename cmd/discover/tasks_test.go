package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/objdisco/discover/evaluator/proxy"
)

// A person is told every parameter of every task, with its value.
func TestTasksPrintEveryParameter(t *testing.T) {
	for _, d := range proxy.Definitions() {
		var text bytes.Buffer
		if err := printDefinition(&text, d); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(data, &fields); err != nil {
			t.Fatal(err)
		}
		printed := strings.NewReplacer(",", " ", "\n", " ").Replace(text.String()) + " "
		if !strings.HasPrefix(printed, fmt.Sprintf("%s  version %d: %s ", d.Name, d.Version, strings.ReplaceAll(d.About, ",", " "))) {
			t.Errorf("%s begins with %.80q", d.Name, printed)
		}
		for _, want := range leaves(fields) {
			if !strings.Contains(printed, " "+want+" ") {
				t.Errorf("%s: no %q in\n%s", d.Name, want, text.String())
			}
		}
	}
}

// leaves lists the numbers and flags below a JSON object, each after its key.
func leaves(fields map[string]any) []string {
	var out []string
	for key, value := range fields {
		switch value := value.(type) {
		case map[string]any:
			out = append(out, leaves(value)...)
		case float64, bool:
			if key != "version" {
				out = append(out, fmt.Sprint(key, " ", value))
			}
		}
	}
	return out
}
