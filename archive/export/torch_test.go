//go:build torch

package export

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
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

// The exports of the catalog and of 120 random programs agree with the plan that
// scores objectives, in PyTorch itself, and with numpy in the place of JAX. Run with:
// go test -tags torch
func TestTorchAgreesWithPlan(t *testing.T) { agreesWithPlan(t, "torch") }
func TestJAXAgreesWithPlan(t *testing.T)   { agreesWithPlan(t, "jax") }

func agreesWithPlan(t *testing.T, format string) {
	dir := t.TempDir()
	if _, err := Write(dir, format, known(t)); err != nil {
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

// The self-test notices a wrong figure and a wrong formula.
func TestTorchSelfTestCanFail(t *testing.T) {
	for name, damage := range map[string][2]string{
		".vectors.json": {`"grad_policy_chosen":[-0.`, `"grad_policy_chosen":[-1.`},
		".py":           {"margin * beta", "margin * (beta + 1e-8)"},
	} {
		dir := t.TempDir()
		o := known(t)[0]
		if _, err := Write(dir, "torch", []Objective{o}); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, o.stem()+name)
		data, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(data, []byte(damage[0])) {
			t.Fatalf("%v: %s", err, data)
		}
		os.WriteFile(path, bytes.Replace(data, []byte(damage[0]), []byte(damage[1]), 1), 0o644)
		out, err := exec.Command(python(), filepath.Join(dir, o.stem()+".py")).CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("largest error")) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
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
