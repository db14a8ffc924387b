package main

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// planted is a key with characters that JSON, URLs and shells write in other ways.
const planted = `sk-planted/0123456789"abc\def+ghi&j<k>`

// The key is in nothing that the commands write, even if the server repeats it in
// its errors and its replies.
func TestKeyReachesNothing(t *testing.T) {
	model := newScriptedLLM(t, true)
	h := newHarnessWith(t, "tasks: [bandit]\nseeds: 2\nscreen: false\nrequest_timeout: 1s\nmodel: m\n", "OPENAI_API_KEY="+planted)
	h.plant(t, "r", model.URL+"/v1")
	model.echo = inReplies
	h.run(t, true, "resume", "r", "--candidates", "4")
	h.run(t, true, "resume", "r", "--candidates", "12", "--json")
	model.echo = inErrors
	h.run(t, false, "resume", "r", "--candidates", "14", "--max-time", "3s")
	h.env = append(h.env, "OPENAI_BASE_URL="+model.URL+"/v1")
	h.run(t, false, "run", "--name", "q", "--model", "m", "--config", h.config, "--max-time", "1ns")
	for _, args := range [][]string{
		{"show", "r", "4"}, {"show", "r", "5", "--json"}, {"show", "r", "6"}, {"show", "r", "7"}, {"show", "r", "8"}, {"prompt", "r"}, {"top", "r", "--k", "50", "--json"}, {"list", "--json"},
		{"export", "r", "--top", "3", "--format", "json", "-o", filepath.Join(h.dir, "json")},
		{"export", "r", "--id", "1", "--format", "go", "-o", filepath.Join(h.dir, "go")},
		{"export", "r", "--id", "1", "--format", "md", "-o", filepath.Join(h.dir, "md")},
		{"report", "r", "-o", filepath.Join(h.dir, "report.html")},
		{"run", "--proposer", "replay", "--from", "r", "--name", "again", "--config", h.config},
		{"doctor"},
	} {
		h.run(t, true, args...)
	}
	files := 0
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		files++
		keyless(t, path, data)
		return err
	})
	if err != nil || files < 5 {
		t.Errorf("looked at %d files, %v", files, err)
	}
	// The test would see the key where it is written.
	r := h.open(t, "r")
	replies, err := r.Replies(4)
	if err != nil || len(replies) == 0 || !bytes.Contains([]byte(replies[0].Raw), []byte("[secret]")) {
		t.Errorf("the replies %v have no trace of the key that was in them, %v", replies, err)
	}
}

// run runs a command that must succeed, or must fail, and looks at its output.
func (h *harness) run(t *testing.T, ok bool, args ...string) {
	t.Helper()
	out, err := h.command(t.Context(), args...).CombinedOutput()
	if (err == nil) != ok {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	keyless(t, args[0], out)
}

// keyless holds data to be without the key, in any of the ways it could be written.
func keyless(t *testing.T, where string, data []byte) {
	t.Helper()
	for _, form := range []string{
		planted, "sk-planted", url.QueryEscape(planted), url.PathEscape(planted), `abc\\def`, "0123456789",
		base64.StdEncoding.EncodeToString([]byte(planted))[:20], base64.URLEncoding.EncodeToString([]byte("Bearer " + planted))[:24],
	} {
		if i := bytes.Index(data, []byte(form)); i >= 0 {
			t.Errorf("%s has %q: …%q", where, form, data[max(0, i-80):min(len(data), i+80)])
		}
	}
}
