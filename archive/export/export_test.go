package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/archive"
)

var update = flag.Bool("update", false, "write the golden files")

// The files of one objective in every format, as a reader sees them.
func TestGolden(t *testing.T) {
	ids := map[string]int{"aot": 2, "lrml": 23}
	objectives := []Objective{}
	for _, o := range known(t) {
		if id, ok := ids[o.Candidate.Name]; ok {
			o.Candidate.ID = id
			objectives = append(objectives, o)
		}
	}
	for _, format := range Formats() {
		dir := t.TempDir()
		paths, err := Write(dir, format, objectives)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			rel, _ := filepath.Rel(dir, path)
			golden := filepath.Join("testdata", format, rel+".golden")
			got, _ := os.ReadFile(path)
			if *update {
				os.MkdirAll(filepath.Dir(golden), 0o755)
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s: -want +got\n%s", golden, diff)
			}
		}
	}
}

func TestJSONReadsBack(t *testing.T) {
	objectives := append(known(t), random(t, 3), Objective{Candidate: archive.Candidate{Name: "<b>&\u2028\""}, Graph: known(t)[0].Graph})
	for _, want := range objectives {
		paths, err := Write(t.TempDir(), "json", []Objective{want})
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		got, err := ReadJSON(f)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", want.Candidate.Name, diff)
		}
	}
}

func TestReadJSONRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":       "",
		"other":       `{"format":"x"}`,
		"no graph":    `{"format":"discover-objective/1"}`,
		"bad graph":   `{"format":"discover-objective/1","graph":{"version":1,"nodes":[],"output":0}}`,
		"bad version": `{"format":"discover-objective/9"}`,
	} {
		if _, err := ReadJSON(strings.NewReader(text)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

// hostile is a candidate whose every text tries to get out of where it is put.
func hostile(t *testing.T) Objective {
	text := "*/ }\n\"\"\" '''\r\nimport os; os.system('x')\n\u202e\u2028`````` <script>alert(1)</script> | \\ \x00 \xff {{.}} %s ${x} -->"
	o := known(t)[0]
	o.Run.Name, o.Run.Proposer, o.Run.Version = text, text, text
	c := &o.Candidate
	c.Name, c.Thought, c.Code, c.Origin, c.Model, c.Operator = "=cmd|'/c calc'!A0"+text, text, text+"\n//go:build ignore\n//line x:1", text, text, text
	c.Parents, c.Facts = []string{text}, []string{text}
	c.Score.Verdict, c.Score.Tasks[0].Task, c.Score.Tasks[0].Verdict = text, text, text
	o.Cells[0].Task = text
	return o
}

// Foreign text stays where it is put: files have the expected names, and none of the
// texts becomes code.
func TestHostileText(t *testing.T) {
	o := hostile(t)
	dir := t.TempDir()
	for _, format := range Formats() {
		paths, err := Write(dir, format, []Objective{o})
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		for _, path := range paths {
			if rel, err := filepath.Rel(dir, path); err != nil || !filepath.IsLocal(rel) || strings.ContainsAny(rel, " '\"\n=|<>") {
				t.Errorf("%s: path %q", format, path)
			}
			data, _ := os.ReadFile(path)
			if bytes.ContainsAny(data, "\x00\r\u202e\u2028") && format != "json" || bytes.Contains(data, []byte{0xff}) {
				t.Errorf("%s: control characters in %q", format, data)
			}
		}
		switch data, _ := os.ReadFile(paths[0]); format {
		case "go":
			f, err := parser.ParseFile(token.NewFileSet(), "", data, parser.ParseComments)
			if err != nil || len(f.Imports) != 1 || !strings.HasPrefix(f.Name.Name, "cmd_c_calc_a0") {
				t.Errorf("go: %v\n%s", err, data)
			}
			if bytes.Contains(data, []byte("\n//go:build")) || bytes.Contains(data, []byte("\n//line")) {
				t.Error("go: a directive got out")
			}
		case "torch", "jax":
			if parts := strings.Split(string(data), `"""`); strings.Count(string(data), "import os") != strings.Count(parts[1], "import os") {
				t.Errorf("%s: text outside the docstring\n%s", format, data)
			}
		case "csv":
			rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
			if err != nil || len(rows) != 3 || !strings.HasPrefix(rows[1][2], "'=cmd") {
				t.Errorf("csv: %v %q", err, rows)
			}
		case "md":
			if bytes.Contains(data, []byte("<script>")) && !bytes.Contains(data, []byte("\n```````go\n")) {
				t.Errorf("md:\n%s", data)
			}
		case "latex":
			if text := string(data); strings.Contains(text, "\\ }") || strings.Contains(text, "<script>") || strings.Count(text, "\\begin") != strings.Count(text, "\\end") {
				t.Errorf("latex:\n%s", text)
			}
		case "json":
			if !json.Valid(data) {
				t.Errorf("json:\n%s", data)
			}
		}
	}
}

func TestStems(t *testing.T) {
	for _, c := range []struct {
		name string
		id   int
		want string
	}{
		{"Log-ratio Modulated!", 12, "log_ratio_modulated_12"}, {"", 3, "objective_3"}, {"123 go", 0, "go_loss"},
		{"../../etc/passwd", 4, "etc_passwd_4"}, {"ÄÖÜ", 0, "objective"}, {strings.Repeat("ab ", 40), 1, strings.Repeat("ab_", 13) + "a_1"},
		{"con", 0, "con_loss"}, {"import", 0, "import_loss"}, {"x_test", 0, "x_test_loss"},
	} {
		o := Objective{Candidate: archive.Candidate{ID: c.id, Name: c.name}}
		if got := o.stem(); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}

// Files are replaced whole, and errors name what to do.
func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	objectives := known(t)[:2]
	for range 2 {
		paths, err := Write(dir, "json", objectives)
		if err != nil || len(paths) != 2 {
			t.Fatalf("%v, %v", paths, err)
		}
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 2 {
		t.Errorf("left %v", entries)
	}
	if _, err := Write(dir, "pdf", objectives); err == nil || !strings.Contains(err.Error(), "csv") {
		t.Errorf("unknown format: %v", err)
	}
	blocked := filepath.Join(dir, entries[0].Name())
	if _, err := Write(blocked, "json", objectives); err == nil || errors.Is(err, fs.ErrExist) {
		t.Errorf("a file as directory: %v", err)
	}
	if paths, err := Write(dir, "csv", nil); err != nil || len(paths) != 2 {
		t.Errorf("no objectives: %v, %v", paths, err)
	}
}
