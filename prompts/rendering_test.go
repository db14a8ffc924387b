package prompts

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// Templates that would go on for ever, take all memory or overflow the stack of the
// process end with an error, wherever they stand.
func TestHostileTemplatesEnd(t *testing.T) {
	double := func(f string) string {
		return `{{$x := "\\<%"}}` + strings.Repeat(`{{$x = `+f+` $x $x}}`, 60)
	}
	tests := map[string]struct{ text, want string }{
		"a loop":                    {`{{range 1000000000000}}{{end}}`, "executes more"},
		"a loop in a loop":          {`{{range 100000}}{{range 100000}}{{if true}}{{end}}{{end}}{{end}}`, "executes more"},
		"a loop of long bodies":     {`{{range 100000}}{{if true}}{{else}}` + strings.Repeat("{{1}}", 1000) + `{{end}}` + strings.Repeat("{{eq 1 1}}", 5000) + `{{end}}`, "executes more"},
		"a loop that writes":        {`{{range 1000000000000}}` + strings.Repeat("x", 60000) + `{{end}}`, "more than"},
		"recursion":                 {`{{define "a"}}{{template "a" .}}{{end}}{{template "a" .}}`, "executes more"},
		"recursion, twofold":        {`{{define "a"}}{{template "a" .}}{{template "a" .}}{{end}}{{template "a" .}}`, "executes more"},
		"a tree of calls":           {`{{define "a0"}}x{{end}}` + tree(60) + `{{template "a60"}}`, "executes more"},
		"print":                     {double("print"), "text of more"},
		"println":                   {double("println"), "text of more"},
		"html":                      {double("html"), "text of more"},
		"js":                        {double("js"), "text of more"},
		"urlquery":                  {double("urlquery"), "text of more"},
		"printf":                    {double(`printf "%s%s"`), "text of more"},
		"printf of a wide value":    {`{{printf "%1000000d%1000000d" 1 1}}`, "text of more"},
		"printf of many wide ones":  {`{{printf "` + strings.Repeat("%1000000d", 5000) + `" 1}}`, "too many verbs"},
		"printf of a value's parts": {`{{$x := printf "%900000d" 1}}{{printf "` + strings.Repeat("%[1]s", 5000) + `" $x}}`, "too many verbs"},
		"print of many values":      {`{{$x := printf "%900000d" 1}}{{print ` + strings.Repeat("$x ", 5000) + `}}`, "makes more"},
		"reading for nothing":       {`{{$x := printf "%900000d" 1}}{{range 10000000}}{{$y := trim $x}}{{end}}`, "makes more"},
	}
	for name, test := range tests {
		for _, template := range []string{"user.tmpl", "entry.tmpl", "repair.tmpl"} {
			t.Run(name+", "+template, func(t *testing.T) {
				if _, err := Load(map[string]string{template: test.text}); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), template) {
					t.Errorf("error %.300v, want one with %q that names the template", err, test.want)
				}
			})
		}
	}
}

// tree defines templates a1 to an, each of which calls the one before it twice.
func tree(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{{define "a%d"}}{{template "a%d"}}{{template "a%d"}}{{end}}`, i+1, i, i)
	}
	return b.String()
}

// An entry's template cannot ask for what it says itself.
func TestEntryOfAnEntry(t *testing.T) {
	for _, template := range []string{"entry.tmpl", "rejected.tmpl"} {
		for _, text := range []string{"{{entry .}}", "{{rejected .}}"} {
			if _, err := Load(map[string]string{template: text}); err == nil || !strings.Contains(err.Error(), "an entry says of an entry") {
				t.Errorf("%s in %s: error %v", text, template, err)
			}
		}
	}
}

// What is stored with a run is no larger than what is read from a folder.
func TestTextsAreBounded(t *testing.T) {
	if _, err := Load(map[string]string{"user.tmpl": strings.Repeat("x", maxTemplate+1)}); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("error %v", err)
	}
}

// The functions that are counted do what text/template's do.
func TestFunctionsAreTheUsualOnes(t *testing.T) {
	set, err := Load(map[string]string{"repair.tmpl": `{{print 1 2 "a" .Rejection}}|{{println 1 "a"}}|{{printf "%5.2f %q %v" 1.5 "x" .Hidden}}|{{html "<a>"}}|{{js "'"}}|{{urlquery "a b"}}`})
	if err != nil {
		t.Fatal(err)
	}
	got, err := set.Repair("r")
	if want := "1 2ar|1 a\n| 1.50 \"x\" 0|&lt;a&gt;|\\'|a+b\n"; err != nil || got != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

// What no prompt comes to is not kept in memory for the next one.
func TestLargeBuffersAreNotKept(t *testing.T) {
	set, err := Load(map[string]string{"repair.tmpl": `{{range 40}}` + strings.Repeat("x", 60000) + `{{end}}`})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if _, err := set.Repair("no"); err != nil {
			t.Fatal(err)
		}
		b := buffers.Get().(*bytes.Buffer)
		if b.Cap() > maxString {
			t.Fatalf("%d bytes are kept", b.Cap())
		}
		buffers.Put(b)
	}
}
