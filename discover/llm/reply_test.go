package llm

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const source = `package candidate

import "objective"

// Loss is logistic.
func Loss(b objective.Batch) objective.Vec {
	tau := objective.Param("tau", 0.05)
	return b.Margin().Mul(b.Beta).Mul(tau).Neg().Softplus()
}
`

// quote writes s as a JSON string.
func quote(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// object is a well-formed reply.
func object(code string) string {
	return `{"thought": "Scale the margin.", "name": "scaled_dpo", "code": ` + quote(code) + `}`
}

var want = Answer{Thought: "Scale the margin.", Name: "scaled_dpo", Code: source}

func TestParseReply(t *testing.T) {
	good := object(source)
	raw := `{"thought": "Scale the margin.", "name": "scaled_dpo", "code": "`
	tests := []struct{ name, text, finish string }{
		{name: "plain JSON", text: good},
		{name: "finish reason null", text: good, finish: ""},
		{name: "finish reason length, but complete", text: good, finish: "length"},
		{name: "prose around", text: "Sure! Here is my idea {as asked}:\n\n" + good + "\n\nI hope it helps {really}."},
		{name: "JSON fence", text: "```json\n" + good + "\n```"},
		{name: "fence without end", text: "```json\n" + good},
		{name: "byte order mark and CRLF", text: "\ufeff\r\n" + strings.ReplaceAll(good, `\n`, `\r\n`)},
		{name: "raw line breaks in strings", text: raw + strings.NewReplacer(`"`, `\"`).Replace(source) + `"}`},
		{name: "unescaped quotes in code", text: raw + strings.ReplaceAll(source, "\n", `\n`) + `"}`},
		{name: "raw line breaks and unescaped quotes", text: raw + source + "\"\n}\n"},
		{name: "unescaped quotes in the thought of a nested object", text: `{"answer": {"thought": "Scale the margin.", "name": "scaled_dpo", "code": "` + source + `"}}`},
		{name: "in an array", text: "[" + good + "]"},
		{name: "nested", text: `{"response": ` + good + `}`},
		{name: "trailing commas and comments", text: "{\n// my idea\n\"thought\": \"Scale the margin.\", \"name\": \"scaled_dpo\", /* now */ \"code\": " + quote(source) + ",\n}"},
		{name: "missing comma", text: `{"thought": "Scale the margin." "name": "scaled_dpo" "code": ` + quote(source) + `}`},
		{name: "bare keys", text: `{thought: "Scale the margin.", name: "scaled_dpo", code: ` + quote(source) + `}`},
		{name: "single quotes", text: `{'thought': 'Scale the margin.', 'name': 'scaled_dpo', 'code': '` + strings.ReplaceAll(source, "\n", `\n`) + `'}`},
		{name: "back quotes", text: "{\"thought\": \"Scale the margin.\", \"name\": \"scaled_dpo\", \"code\": `" + source + "`}"},
		{name: "triple quotes", text: `{"thought": "Scale the margin.", "name": "scaled_dpo", "code": """` + source + `"""}`},
		{name: "fence inside the string", text: object("```go\n" + source + "```")},
		{name: "escaped twice", text: object(strings.NewReplacer("\n", `\n`, "\t", `\t`, `"`, `\"`).Replace(strings.TrimSpace(source)))},
		{name: "lines as an array", text: `{"thought": "Scale the margin.", "name": "scaled_dpo", "code": ["` + strings.Join(strings.Split(strings.ReplaceAll(source, `"`, `\"`), "\n"), `","`) + `"]}`},
		{name: "other key names", text: `{"Idea": "Scale the margin.", "Name": "scaled_dpo", "Source": ` + quote(source) + `}`},
		{name: "other fields", text: `{"confidence": 0.9, "ok": true, "tags": [1, {"a": null}], "thought": "Scale the margin.", "name": "scaled_dpo", "code": ` + quote(source) + `}`},
		{name: "draft first", text: object("package candidate\n\nfunc Loss(b Batch) {}\n") + "\nNo, better:\n" + good},
		{name: "form echoed first", text: `The form is {"thought": "…", "name": "…", "code": "…"}. So: ` + good},
		{name: "thinks aloud", text: "<think>Maybe " + object("func Loss( {") + "? Hmm.</think>\n" + good},
		{name: "thinks aloud, start cut", text: "Maybe {\"code\": \"x\"}?\n</think>\n" + good},
		{name: "cut off after the code", text: strings.TrimSuffix(good, `"}`), finish: "length"},
		{name: "cut off after the string", text: strings.TrimSuffix(good, `}`)},
		{name: "string not closed", text: strings.TrimSuffix(good, `"}`) + "\n}\n```"},
		{name: "code beside the object", text: "{\"thought\": \"Scale the margin.\", \"name\": \"scaled_dpo\", \"code\": \"see below\"}\n```go\n" + source + "```\n"},
		{name: "no code in the object", text: "{\"thought\": \"Scale the margin.\", \"name\": \"scaled_dpo\"}\n\n" + source},
		{name: "fence without JSON", text: "Thought: Scale the margin.\n**Name:** scaled_dpo\n```go\n" + source + "```\nDone."},
		{name: "fence without JSON, prose only", text: "Scale the margin.\n```go\n" + source + "```\nname = scaled_dpo"},
		{name: "fence cut off after the code", text: "Thought: Scale the margin.\nName: scaled_dpo\n```go\n" + source, finish: "length"},
		{name: "bare source", text: "Name: Scaled DPO\nThought: Scale the margin.\n\n" + source + "\nThat is all."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseReply(test.text, test.finish)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseReplyHopeless(t *testing.T) {
	good := object(source)
	tests := []struct {
		name, text, finish string
		reason             string
		truncated          bool
	}{
		{"empty", "", "stop", "the reply is empty", true},
		{"white space", " \n\t ", "", "the reply is empty", true},
		{"all tokens went into reasoning", "", "length", "ended before the answer began", true},
		{"never stops thinking", "<think>func Loss(b objective.Batch) objective.Vec { return b }", "length", "ended before the answer began", true},
		{"content filter", "", "content_filter", "content filter", false},
		{"refusal", "I'm sorry, but I \x1b[31mcannot\x1b[0m help.", "stop", `begins "I'm sorry, but I [31mcannot [0m help."`, false},
		{"no code", `{"thought": "Think.", "name": "x"}`, "stop", `field "code" is missing`, false},
		{"code is empty", `{"thought": "Think.", "name": "x", "code": ""}`, "stop", `field "code" is missing`, false},
		{"cut off in the code", good[:len(good)-40], "length", "ended before its code did", true},
		{"cut off in the code, no finish reason", good[:len(good)-40], "", "ended before its code did", true},
		{"cut off in the thought", `{"thought": "Scale the m`, "length", "ended before its code did", true},
		{"fence cut off", "```go\n" + source[:len(source)-20], "length", "ended before its code did", true},
		{"too long", strings.Repeat("a", maxReply+1), "stop", "at most 131072 are read", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseReply(test.text, test.finish)
			var e *ReplyError
			if !errors.As(err, &e) {
				t.Fatalf("answer %+v, error %v, want a ReplyError", got, err)
			}
			if !strings.Contains(e.Reason, test.reason) || e.Truncated != test.truncated || e.Hint == "" {
				t.Errorf("got %+v, want reason %q, truncated %v and a hint", e, test.reason, test.truncated)
			}
		})
	}
}

// Code that is not an objective is still the answer: the checker says what is
// wrong with it.
func TestParseReplyKeepsBadCode(t *testing.T) {
	got, err := ParseReply(`{"thought": "t", "name": "Über-Loss 2!", "code": "x := 1"}`, "stop")
	if want := (Answer{Thought: "t", Name: "ber_loss_2", Code: "x := 1\n"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// What is JSON is read as encoding/json reads it.
func TestJSONIsReadAsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		thought, name, code := rapid.String().Draw(t, "thought"), rapid.String().Draw(t, "name"), rapid.String().Draw(t, "code")
		value := map[string]any{"thought": thought, "name": name, "code": code, "n": rapid.Float64().Draw(t, "n"), "list": []any{nil, true, rapid.String().Draw(t, "item")}}
		data, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		got := objects(string(data), isAnswer)
		if len(got) != 1 || got[0].truncated {
			t.Fatalf("%s: %d objects", data, len(got))
		}
		for key, want := range map[string]string{"thought": thought, "name": name, "code": code} {
			if got[0].values[key] != want {
				t.Errorf("%s: %s is %q, want %q", data, key, got[0].values[key], want)
			}
		}
	})
}

// FuzzParseReply checks that any text gives a bounded answer or a reason, and
// that a well-formed answer behind it is found.
func FuzzParseReply(f *testing.F) {
	seeds, err := filepath.Glob("testdata/replies/*.txt")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data), "stop")
		f.Add(string(data[:len(data)*2/3]), "length")
	}
	f.Fuzz(func(t *testing.T, text, finish string) {
		a, err := ParseReply(text, finish)
		var e *ReplyError
		switch {
		case err != nil && (!errors.As(err, &e) || e.Reason == "" || e.Hint == ""):
			t.Errorf("error %#v without a reason or a hint", err)
		case err == nil && (strings.TrimSpace(a.Code) == "" || a.Name == ""):
			t.Errorf("empty answer %+v", a)
		case len(a.Thought) > maxThought+len("…") || len(a.Name) > maxName || len(a.Code) > maxReply+1:
			t.Errorf("answer with %d, %d, %d bytes", len(a.Thought), len(a.Name), len(a.Code))
		case !utf8.ValidString(a.Thought + a.Name + a.Code):
			t.Errorf("answer is not UTF-8: %+v", a)
		}
	})
}
