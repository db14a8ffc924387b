package prompts

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// TestRememberedTextsAreOfTheirEntries changes one thing at a time about an entry
// that was rendered before.
func TestRememberedTextsAreOfTheirEntries(t *testing.T) {
	warm := load(t, "")
	in := history()
	in.Operator = New
	check := func(what string) {
		t.Helper()
		got, err := warm.Render(in)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := load(t, "").Render(in); err != nil || got != want {
			t.Errorf("%s: the prompt is not what it is without memory; error %v", what, err)
		}
	}
	check("nothing changed")
	for _, entry := range []*Entry{&in.Scored[0], &in.Rejected[0]} {
		fields := reflect.ValueOf(entry).Elem()
		for i := range fields.NumField() {
			switch f := fields.Field(i); f.Interface().(type) {
			case string:
				f.SetString(f.String() + " changed")
			case float64:
				f.SetFloat(f.Float() + 1)
			case [2]float64:
				f.Index(1).SetFloat(9)
			case []string:
				f.Set(reflect.ValueOf([]string{"changed"}))
			default:
				t.Fatalf("field %s: a type that this test does not know", fields.Type().Field(i).Name)
			}
			check(fields.Type().Field(i).Name)
		}
	}
}

// What a rendering may do does not depend on what was rendered before: a prompt that
// comes about in a search comes about when it is resumed.
func TestRememberedTextsCount(t *testing.T) {
	heavy := func() *Set {
		set, err := Load(map[string]string{"entry.tmpl": `{{range 400}}` + strings.Repeat("{{$x := 1}}", 100) + `{{end}}`})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	warm, in := heavy(), history()
	in.Operator = New
	entry := in.Scored[0]
	in.Scored, in.Parents = nil, nil
	for len(in.Scored) < 30 {
		_, got := warm.Render(in)
		_, want := heavy().Render(in)
		if (got == nil) != (want == nil) {
			t.Errorf("%d entries: error %v, without memory %v", len(in.Scored), got, want)
		}
		if want != nil {
			return
		}
		entry.ID = strconv.Itoa(100 + len(in.Scored))
		in.Scored = append(in.Scored, entry)
	}
	t.Error("30 entries of 400,000 steps each were rendered")
}
