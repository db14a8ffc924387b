package discover

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// docs/search.md lists every key, and says of each whether a run that goes on may
// change it.
func TestKeysAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/search.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Every key")
	may := map[string]bool{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || !strings.Contains(cells[1], "`") {
			continue
		}
		for _, key := range strings.Split(cells[1], ",") {
			may[strings.Trim(key, " `")] = strings.TrimSpace(cells[3]) == "yes"
		}
	}
	fields := reflect.TypeFor[Config]()
	for i := range fields.NumField() {
		key := fields.Field(i).Tag.Get("yaml")
		documented, ok := may[key]
		if !ok {
			t.Errorf("docs/search.md does not list %s", key)
			continue
		}
		delete(may, key)
		_, err := defaults().Changed("f", []byte(key+": "+another[fields.Field(i).Type.Kind()]))
		if changes := err == nil || !strings.Contains(err.Error(), "new run"); changes != documented {
			t.Errorf("%s may change: %v, which is not what docs/search.md says; %v", key, changes, err)
		}
	}
	for key := range may {
		t.Errorf("docs/search.md lists %s, which is no key", key)
	}
}

// another is a value that no key has by default, by kind.
var another = map[reflect.Kind]string{
	reflect.Int: "7", reflect.Int64: "7s", reflect.Uint64: "7", reflect.Float64: "0.7", reflect.Bool: "false", reflect.String: "evolve", reflect.Slice: "[bandit]",
}
