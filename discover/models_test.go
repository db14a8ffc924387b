package discover

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestModelsInYAML(t *testing.T) {
	for text, want := range map[string]Models{
		"model: a:1b":           {{Name: "a:1b", Weight: 1}},
		"model: [a, b]":         {{Name: "a", Weight: 1}, {Name: "b", Weight: 1}},
		"model: {b: 3, a: 0.5}": {{Name: "b", Weight: 3}, {Name: "a", Weight: .5}},
		`model: ""`:             nil,
	} {
		c, err := loadConfig("quick", "f.yaml", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, c.Model); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
		// The archive keeps a configuration as JSON.
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var back Config
		if err := json.Unmarshal(data, &back); err != nil || !cmp.Equal(c, back) {
			t.Errorf("%s: from JSON %v, %s", text, err, cmp.Diff(c, back))
		}
	}
}

func TestModelErrors(t *testing.T) {
	for text, want := range map[string]string{
		"seed: 1\nmodel: {a: [1]}":  "f.yaml: line 2, column 12: model: want a name",
		"model: [[a]]":              "f.yaml: line 1, column 9: model: want a name",
		"model: {a: 0}":             `model "a" has weight 0`,
		"model: {a: 1e9}":           `model "a" has weight 1e+09`,
		"model: [a, a]":             `model "a" is named twice`,
		"model: {a: 1}\nmodel: [b]": "f.yaml: line 2",
	} {
		c, err := loadConfig("quick", "f.yaml", []byte(text))
		if err == nil {
			err = c.Validate()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
}

func TestParseModel(t *testing.T) {
	for text, want := range map[string]float64{"gpt-4o": 1, "gpt-4o=2.5": 2.5} {
		got, err := ParseModel(text)
		if err != nil || got.Name != "gpt-4o" || got.Weight != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	if _, err := ParseModel("m=many"); err == nil {
		t.Error("a weight that is no number: no error")
	}
}
