package discover

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/discover/propose/graphtest"
	"github.com/objdisco/discover/prompts"
	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// evolved returns candidates of the catalog and of evolve, with what the archive
// keeps of them.
func evolved(b *testing.B, n int) []archive.Candidate {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	h := &history{lag: 4}
	var out []archive.Candidate
	for id := 1; id <= n; id++ {
		c, g := drafted(b, h, id)
		if err := Describe(&c, g); err != nil {
			b.Fatal(err)
		}
		fitness := .01 * rng.NormFloat64()
		c.Status, c.Score = archive.Scored, &archive.Score{Fitness: fitness, CI95: [2]float64{fitness - .01, fitness + .01}, Verdict: "undecided", Seeds: 2}
		if err := h.add(c); err != nil {
			b.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func drafted(b *testing.B, h *history, id int) (archive.Candidate, *graph.Graph) {
	b.Helper()
	if known := catalog.All(); id <= len(known) {
		g, err := known[id-1].Graph()
		if err != nil {
			b.Fatal(err)
		}
		return archive.Candidate{ID: id, Origin: originCatalog, Name: known[id-1].Name, Code: known[id-1].Source}, g
	}
	p, err := propose.Evolve{}.Propose(b.Context(), h.request(id, id-1, defaults()))
	if err != nil {
		b.Fatal(err)
	}
	g, err := graphtest.Trace(p.Code)
	if err != nil {
		b.Fatal(err)
	}
	return archive.Candidate{ID: id, Origin: "evolve", Name: p.Name, Thought: p.Thought, Code: p.Code, Parents: p.Parents, Operator: p.Operator}, g
}

// loop is what a search does for a candidate besides proposing, checking and scoring it.
type loop struct {
	*testing.B
	candidates []archive.Candidate // applied again and again
	graphs     []*graph.Graph      // theirs
	answer     string
	prompter   *propose.LLM
	archive    *archive.Archive
	history    *history
	replies    int
	described  int
	next       int // the candidate to be applied next
}

func newLoop(b *testing.B) *loop {
	b.Helper()
	l := &loop{B: b, candidates: evolved(b, 150), history: &history{lag: 4}, next: 1}
	for _, c := range l.candidates {
		g, err := graph.Decode(c.Graph)
		l.check(err)
		l.graphs = append(l.graphs, g)
	}
	answer, err := json.Marshal(map[string]string{"thought": l.candidates[0].Thought, "code": l.candidates[0].Code})
	l.check(err)
	l.answer = string(answer)
	set, err := prompts.Load(nil)
	l.check(err)
	l.prompter = &propose.LLM{
		Prompts: set, Models: []propose.Arm{{Name: "m", Weight: 1}}, Language: sandbox.Stub(), Rules: sandbox.Rules(), MicroBatch: 2, HistoryTokens: 6000,
	}
	l.archive, err = archive.Create(b.TempDir(), "r", archive.Settings{})
	l.check(err)
	b.Cleanup(func() { l.archive.Close() })
	for range l.candidates {
		l.apply()
	}
	return l
}

func (l *loop) check(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l *loop) prompt() {
	_, err := l.prompter.Next(l.history.request(l.next, l.next-1, defaults()))
	l.check(err)
}

// reply announces a call and keeps what it brought.
func (l *loop) reply() {
	l.check(l.archive.BeginCall(archive.Usage{Calls: 1, InputTokens: 8000, OutputTokens: 4096}))
	l.replies++
	l.check(l.archive.SaveReply(l.replies, archive.Reply{Raw: l.answer, Usage: archive.Usage{Calls: 1}}))
}

// describe looks at a candidate, and for duplicates of it.
func (l *loop) describe() {
	var c archive.Candidate
	l.check(Describe(&c, l.graphs[l.described%len(l.graphs)]))
	l.described++
	_, _, err := l.archive.ByFingerprint(c.Fingerprint)
	l.check(err)
}

func (l *loop) apply() {
	c := l.candidates[l.next%len(l.candidates)]
	c.ID = l.next
	c.Earned = l.history.earned(c)
	l.check(l.history.add(c))
	l.check(l.archive.Apply(c, nil))
	l.next++
}

// BenchmarkOrchestration times what the loop itself does for a candidate: render its
// prompt, announce the call and keep the reply, describe it, ask the archive for
// duplicates, and apply it. The gate's part, in this process too, is not in it: see
// BenchmarkCheck of sandbox. Its cpu-ns/op is what matters: the archive waits for the
// disk.
func BenchmarkOrchestration(b *testing.B) {
	l := newLoop(b)
	for _, stage := range []struct {
		name string
		work []func()
	}{
		{"prompt", []func(){l.prompt}},
		{"reply", []func(){l.reply}},
		{"describe", []func(){l.describe}},
		{"apply", []func(){l.apply}},
		{"whole", []func(){l.prompt, l.reply, l.describe, l.apply}},
	} {
		b.Run(stage.name, func(b *testing.B) {
			l.B = b
			spent := processTime(b)
			for b.Loop() {
				for _, work := range stage.work {
					work()
				}
			}
			b.ReportMetric(float64(processTime(b)-spent)/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkManyCandidates times a search on an archive of 100,000 candidates.
func BenchmarkManyCandidates(b *testing.B) {
	const many = 100_000
	dir := b.TempDir()
	fill(b, dir, many)
	info, err := os.Stat(filepath.Join(dir, "r", "run.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d candidates, %d MiB", many, info.Size()>>20)
	b.Run("open and resume", func(b *testing.B) {
		for b.Loop() {
			a, err := archive.Open(dir, "r")
			if err != nil {
				b.Fatal(err)
			}
			if _, err := loadHistory(a.Reader, 4); err != nil {
				b.Fatal(err)
			}
			a.Close()
		}
	})
	b.Run("top", func(b *testing.B) {
		for b.Loop() {
			r, err := archive.OpenReadOnly(dir, "r")
			if err != nil {
				b.Fatal(err)
			}
			if _, err := r.Top(10); err != nil {
				b.Fatal(err)
			}
			if _, err := ReadLedger(r); err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
	})
	b.Run("memory", func(b *testing.B) {
		for b.Loop() {
			a, err := archive.Open(dir, "r")
			if err != nil {
				b.Fatal(err)
			}
			before := heap()
			h, err := loadHistory(a.Reader, 4)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(heap()-before)/1024, "KiB")
			runtime.KeepAlive(h)
			a.Close()
		}
	})
}

// processTime is the CPU time of the process so far.
func processTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// fill makes an archive of n candidates, applied one by one: run it where syncing is
// quick, with TMPDIR in memory.
func fill(b *testing.B, dir string, n int) {
	b.Helper()
	models := evolved(b, 60)
	a, err := archive.Create(dir, "r", archive.Settings{})
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	ledger := Ledger{}
	for id := 1; id <= n; id++ {
		c := models[id%len(models)]
		c.ID, c.Fingerprint = id, strconv.Itoa(id)
		score := *c.Score
		score.Fitness = float64(id*7919%n) / float64(n)
		c.Score, c.Parents = &score, []string{strconv.Itoa(max(1, id-7))}
		ledger = ledger.with(c)
		saved, err := json.Marshal(state{Ledger: ledger})
		if err != nil {
			b.Fatal(err)
		}
		if err := a.Apply(c, saved); err != nil {
			b.Fatal(err)
		}
	}
}
