package evaluator

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestCacheKeepsWhatIsStored(t *testing.T) {
	c := Cache{Dir: filepath.Join(t.TempDir(), "not", "yet", "there")}
	if _, ok := c.Load("a"); ok {
		t.Error("an empty cache holds something")
	}
	for _, payload := range []string{"first", "", "second"} {
		if err := c.Store("a", []byte(payload)); err != nil {
			t.Fatal(err)
		}
		if got, ok := c.Load("a"); !ok || string(got) != payload {
			t.Errorf("loaded %q, %v; want %q", got, ok, payload)
		}
	}
	if _, ok := c.Load("b"); ok {
		t.Error("another key finds the value")
	}
	files, _ := os.ReadDir(c.Dir)
	if len(files) != 1 {
		t.Errorf("%d files are left, want 1", len(files))
	}
}

func TestCacheDoesNotTrustADamagedFile(t *testing.T) {
	c := Cache{Dir: t.TempDir()}
	if err := c.Store("key", []byte("payload")); err != nil {
		t.Fatal(err)
	}
	path, err := c.path("key")
	if err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := [][]byte{nil, sound[:len(sound)-1], sound[:10], append(bytes.Clone(sound), 0)}
	for i := range sound {
		flipped := bytes.Clone(sound)
		flipped[i] ^= 1
		damaged = append(damaged, flipped)
	}
	for i, data := range damaged {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := c.Load("key"); ok {
			t.Errorf("damage %d: loaded %q", i, got)
		}
	}
}

// A file moved to another key's place is whole, and still not that key's.
func TestCacheDoesNotTrustARenamedFile(t *testing.T) {
	c := Cache{Dir: t.TempDir()}
	if err := c.Store("a", []byte("payload")); err != nil {
		t.Fatal(err)
	}
	from, _ := c.path("a")
	to, _ := c.path("b")
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
	if got, ok := c.Load("b"); ok {
		t.Errorf("loaded %q", got)
	}
}

// Readers and writers of one key never see half a value.
func TestCacheSurvivesARace(t *testing.T) {
	dir := t.TempDir()
	values := [][]byte{bytes.Repeat([]byte{1}, 1<<16), bytes.Repeat([]byte{2}, 1<<17)}
	var wait sync.WaitGroup
	for _, value := range values {
		wait.Go(func() {
			c := Cache{Dir: dir}
			for range 30 {
				if err := c.Store("key", value); err != nil {
					t.Error(err)
				}
				got, ok := c.Load("key")
				if !ok || !bytes.Equal(got, values[0]) && !bytes.Equal(got, values[1]) {
					t.Errorf("loaded %d bytes, %v", len(got), ok)
				}
			}
		})
	}
	wait.Wait()
}

// A folder that cannot be made stands for a read-only or a full disk.
func TestEvaluationSurvivesTheLossOfItsCache(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := Cache{Dir: filepath.Join(file, "cache")}
	if err := c.Store("key", nil); err == nil {
		t.Error("stored below a file")
	}
	e := &Evaluator{Source: &fakeSource{}, Cache: c}
	if _, _, err := e.Evaluate(t.Context(), skilled(.01), Effort{NoScreen: true}, nil, nil); err != nil {
		t.Error(err)
	}
}

func TestADamagedBaselineIsTrainedAgain(t *testing.T) {
	source := &fakeSource{}
	dir := t.TempDir()
	effort := Effort{NoScreen: true, MaxSeeds: 2}
	for _, spoil := range []func(string) error{
		func(path string) error { return os.Truncate(path, 20) },
		func(path string) error { return os.Remove(path) },
	} {
		source.trained.Store(0)
		e := &Evaluator{Source: source, Cache: Cache{Dir: dir}}
		if _, _, err := e.Evaluate(t.Context(), skilled(0), effort, nil, nil); err != nil {
			t.Fatal(err)
		}
		if got := source.trained.Load(); got != 2*2*(15+7) {
			t.Errorf("trained %d cells, want %d", got, 2*2*(15+7))
		}
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(files) != 4 {
			t.Fatalf("%d files in the cache, %v", len(files), err)
		}
		for _, file := range files {
			if err := spoil(file); err != nil {
				t.Fatal(err)
			}
		}
	}
}
