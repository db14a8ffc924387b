//go:build torch

package proxy

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/objdisco/discover/evaluator/policy"
)

// torchTolerance is how far apart two trainings in float32 that add in another
// order may end, in reward and in KL; 3e-7 was measured.
const torchTolerance = 1e-5

// PyTorch, given the same reference, pairs and order, trains to the same reward
// and KL; the log tells how long either took. Run with:
// PYTHON=/usr/bin/python3 go test -tags torch -run PyTorch -v ./evaluator/proxy
func TestPyTorchTrainsTheSame(t *testing.T) {
	d, err := Lookup("reviews")
	if err != nil {
		t.Fatal(err)
	}
	setup, err := drawSetup(context.Background(), d, 1)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newTextInstance(d, 1, setup)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "instance.json")
	writeInstance(t, file, p, newTextPairs(p.world.Language, p.reference, setup.Pairs))
	plain, unique := startScript(t, file, "UNIQUE=0"), startScript(t, file, "UNIQUE=1")
	plan := planOf(t, "dpo")
	var ours, theirs, shared costs
	for _, beta := range []float64{.05, .1, .25, .5, 1} {
		began := userTime(t)
		want, err := p.Train(context.Background(), plan, beta)
		if err != nil {
			t.Fatal(err)
		}
		ours.total = append(ours.total, userTime(t)-began)
		for _, s := range []struct {
			script *script
			costs  *costs
		}{{plain, &theirs}, {unique, &shared}} {
			got := s.script.train(t, beta)
			s.costs.total = append(s.costs.total, got.Train+got.Evaluate)
			s.costs.train = append(s.costs.train, got.Train)
			s.costs.evaluate = append(s.costs.evaluate, got.Evaluate)
			if math.Abs(got.Reward-want.Reward) > torchTolerance || math.Abs(got.KL-want.KL) > torchTolerance {
				t.Errorf("beta %v: PyTorch reaches reward %.4f, KL %.4f; discover %.4f, %.4f", beta, got.Reward, got.KL, want.Reward, want.KL)
			}
		}
	}
	cell := middle(ours.total)
	t.Logf("a cell of reviews, median processor seconds of %d: discover %.3f", len(ours.total), cell)
	for _, s := range []struct {
		name  string
		costs costs
	}{{"PyTorch", theirs}, {"PyTorch, distinct contexts only", shared}} {
		t.Logf("%s: training %.3f, evaluation %.3f, together %.3f: %.1f times discover's", s.name,
			middle(s.costs.train), middle(s.costs.evaluate), middle(s.costs.total), middle(s.costs.total)/cell)
	}
}

// costs are processor seconds, one entry per cell.
type costs struct{ train, evaluate, total []float64 }

func middle(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}

// userTime returns the processor seconds that this process has used.
func userTime(t *testing.T) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / float64(time.Second)
}

// script is a running bench/pytorch/reviews.py.
type script struct {
	in  io.Writer
	out *bufio.Scanner
}

func startScript(t *testing.T, file, environment string) *script {
	t.Helper()
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	cmd := exec.Command(python, "../../bench/pytorch/reviews.py", file)
	cmd.Env = append(os.Environ(), environment)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &script{in, bufio.NewScanner(out)}
}

// trained is a line that the script writes.
type trained struct{ Reward, KL, Train, Evaluate float64 }

func (s *script) train(t *testing.T, beta float64) trained {
	t.Helper()
	fmt.Fprintln(s.in, beta)
	if !s.out.Scan() {
		t.Fatalf("the script ended: %v", s.out.Err())
	}
	var out trained
	if err := json.Unmarshal(s.out.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// writeInstance writes what the script reads.
func writeInstance(t *testing.T, file string, p *textInstance, pairs *textPairs) {
	t.Helper()
	var rewards []float64
	for score := -p.world.Language.Limit; score <= p.world.Language.Limit; score++ {
		rewards = append(rewards, p.world.Reward(score))
	}
	data, err := json.Marshal(map[string]any{
		"shape": p.shape, "reference": p.params, "recipe": p.training, "order": p.lesson.data.Order,
		"chosen": plainSequences(pairs.chosen), "rejected": plainSequences(pairs.rejected),
		"new_tokens": p.task.NewTokens, "queries": p.world.Tests, "rewards": rewards,
		"language": map[string]any{
			"genres": p.world.Language.Genres, "polarity": p.world.Language.Polarity,
			"factor": p.world.Language.Factor, "limit": p.world.Language.Limit,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

type plainSequence struct {
	Contexts []int32 `json:"contexts"`
	Tokens   []int   `json:"tokens"`
}

func plainSequences(sequences []policy.Sequence) []plainSequence {
	var out []plainSequence
	for _, s := range sequences {
		p := plainSequence{Contexts: s.Contexts}
		for _, token := range s.Tokens {
			p.Tokens = append(p.Tokens, int(token))
		}
		out = append(out, p)
	}
	return out
}
