//go:build torch

package export

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// python is the interpreter that has torch.
func python() string {
	if p := os.Getenv("PYTHON"); p != "" {
		return p
	}
	return "python3"
}

// The exports of the catalog, of objectives that a search has found and of 120 random
// programs agree with the plan that scores objectives, in PyTorch itself, and with
// numpy in the place of JAX, where the gradients are held to finite differences. Run
// with: go test -tags torch
func TestTorchAgreesWithPlan(t *testing.T) { agreesWithPlan(t, "torch") }
func TestJAXAgreesWithPlan(t *testing.T)   { agreesWithPlan(t, "jax") }

func agreesWithPlan(t *testing.T, format string) {
	dir := t.TempDir()
	if _, err := Write(dir, format, append(known(t), evolved(t)...)); err != nil {
		t.Fatal(err)
	}
	left := 0
	for seed := range uint64(120) {
		switch _, err := Write(dir, format, []Objective{random(t, seed)}); {
		case err == nil:
		case strings.Contains(err.Error(), "finite on none"):
			left++
		default:
			t.Fatal(err)
		}
	}
	if left > 20 {
		t.Errorf("%d of 120 random programs have no finite figures", left)
	}
	out, err := exec.Command(python(), "testdata/check_"+format+".py", dir).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// The exported trainer comes to the figures that TRL's own trainer came to, for the
// losses that TRL has, and trains as it does.
func TestTorchAgreesWithTRL(t *testing.T) {
	dir := t.TempDir()
	if _, err := Write(dir, "torch", known(t)); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python(), "testdata/check_trl.py", dir).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// The self-test notices a wrong figure, a wrong formula, a parameter that is not used,
// and golden vectors that say nothing.
func TestTorchSelfTestCanFail(t *testing.T) { selfTestCanFail(t, "torch") }
func TestJAXSelfTestCanFail(t *testing.T)   { selfTestCanFail(t, "jax") }

func selfTestCanFail(t *testing.T, format string) {
	root, o := t.TempDir(), named(t, "lrml")
	var scripts []string
	for name, damage := range map[string]struct{ file, old, new string }{
		"nothing":        {".py", `^`, ``},
		"gradient":       {".vectors.json", `"grad_policy_chosen":\[-0\.`, `"grad_policy_chosen":[-1.`},
		"formula":        {".py", `margin \* beta`, `margin * (beta + 1e-8)`},
		"parameter":      {".py", `/ tau`, `/ 0.05`},
		"not a number":   {".vectors.json", `"loss":\[[^]]*\]`, `"loss":[NaN]`},
		"all NaN":        {".vectors.json", `"loss":\[[^]]*\]`, `"loss":[NaN,NaN,NaN,NaN,NaN,NaN,NaN,NaN]`},
		"NaN gradient":   {".vectors.json", `("grad_policy_chosen":\[)[-+.e0-9]+`, `${1}NaN`},
		"NaN in result":  {".py", `(?m)^    return (.*)$`, `    return ($1) * float("nan")`},
		"no cases":       {".vectors.json", `(?s)"cases":\[.*\]`, `"cases":[]`},
		"a figure short": {".vectors.json", `"loss":\[[-+.e0-9]+,`, `"loss":[`},
	} {
		dir := filepath.Join(root, strings.ReplaceAll(name, " ", "_"))
		if _, err := Write(dir, format, []Objective{o}); err != nil {
			t.Fatal(err)
		}
		path, pattern := filepath.Join(dir, o.stem()+damage.file), regexp.MustCompile(damage.old)
		data, err := os.ReadFile(path)
		if err != nil || !pattern.Match(data) {
			t.Fatalf("%s: %v: %s", name, err, data)
		}
		if strings.HasPrefix(name, "all ") {
			data = pattern.ReplaceAll(data, []byte(damage.new))
		} else {
			at := pattern.FindSubmatchIndex(data)
			data = slices.Concat(data[:at[0]], pattern.Expand(nil, []byte(damage.new), data, at), data[at[1]:])
		}
		os.WriteFile(path, data, 0o644)
		scripts = append(scripts, filepath.Join(dir, o.stem()+".py"))
	}
	out, err := exec.Command(python(), append([]string{"-W", "ignore", "testdata/run_scripts.py"}, scripts...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, script := range scripts {
		_, said, _ := strings.Cut(string(out), "== "+script+"\n")
		said, _, _ = strings.Cut(said, "== ")
		good := filepath.Base(filepath.Dir(script)) == "nothing"
		if !strings.Contains(said, "largest error") || strings.Contains(said, "exit 0\n") != good {
			t.Errorf("%s: %s", script, said)
		}
	}
}

// Without a batch for single precision the self-test says so rather than 0.
func TestTorchSelfTestCounts(t *testing.T) {
	dir := t.TempDir()
	o := named(t, "lrml")
	if _, err := Write(dir, "torch", []Objective{o}); err != nil {
		t.Fatal(err)
	}
	self := func() string {
		out, err := exec.Command(python(), filepath.Join(dir, o.stem()+".py")).CombinedOutput()
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return string(out)
	}
	if out := self(); !regexp.MustCompile(`in float64, of \d+ batches, .* in float32, of \d+\n`).MatchString(out) {
		t.Errorf("no counts in %s", out)
	}
	path := filepath.Join(dir, o.stem()+".vectors.json")
	data, _ := os.ReadFile(path)
	os.WriteFile(path, bytes.ReplaceAll(data, []byte(`"single":true`), []byte(`"single":false`)), 0o644)
	if out := self(); !strings.Contains(out, "float32 not tested") {
		t.Errorf("single precision was not tested, but %s", out)
	}
}

// Foreign text in a Python file stays in its docstring.
func TestTorchHostileText(t *testing.T) {
	for _, format := range []string{"torch", "jax"} {
		paths, err := Write(t.TempDir(), format, []Objective{hostile(t)})
		if err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(python(), paths[0]).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}
