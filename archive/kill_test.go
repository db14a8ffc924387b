package archive

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// writerDir, when set, makes the test binary a process that writes an archive, with
// files limited to writerLimit bytes if that is set too.
const (
	writerDir   = "DISCOVER_TEST_ARCHIVE_WRITER"
	writerLimit = "DISCOVER_TEST_ARCHIVE_LIMIT"
)

func TestMain(m *testing.M) {
	dir := os.Getenv(writerDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	var err error
	if limit, _ := strconv.ParseUint(os.Getenv(writerLimit), 10, 64); limit > 0 {
		err = limitFiles(limit)
	}
	if err == nil {
		err = writeStory(dir)
	}
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

const storyLength = 40

// writeStory carries the archive in dir on to the end of a fixed story, and prints a
// line after every call that returned.
func writeStory(dir string) error {
	a, err := Open(dir, "run")
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Serve(); err != nil {
		return err
	}
	id, err := a.NextID()
	for ; err == nil && id <= storyLength; id++ {
		if err = tell(a, id, os.Stdout); err == nil {
			fmt.Println("candidate", id)
		}
	}
	if err == nil {
		return nil
	}
	if _, err := a.ContentHash(); err != nil {
		return fmt.Errorf("read after a failed write: %w", err)
	}
	return fmt.Errorf("first: %w; then: %w", err, a.SetStatus(Finished, ""))
}

// tell writes what the story says of one candidate, and a line for every saved cell.
func tell(a *Archive, id int, acks io.Writer) error {
	err := a.SaveReply(id, Reply{Raw: fmt.Sprintf("reply %d", id), Usage: Usage{Calls: 1}})
	if err != nil {
		return err
	}
	for seed := range uint64(3) {
		if err := a.SaveCell(id, cell(seed)); err != nil {
			return err
		}
		fmt.Fprintln(acks, "cell", id, seed)
	}
	if id%4 == 0 {
		return a.Apply(rejected(id), nil)
	}
	return a.Apply(scored(id, float64(id%7)), nil)
}

func storyteller(dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerDir+"="+dir)
	return cmd
}

// tellUntil runs the story in another process and kills it after n acknowledged
// calls; it returns the acknowledgements.
func tellUntil(t *testing.T, dir string, n int) []string {
	t.Helper()
	cmd := storyteller(dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	var acks []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if acks = append(acks, lines.Text()); len(acks) == n {
			cmd.Process.Kill()
		}
	}
	return acks
}

// A writer killed with SIGKILL again and again loses nothing that it was told is
// saved, and the story ends as if it had never been disturbed.
func TestKilledWriter(t *testing.T) {
	plain, _ := create(t)
	for id := 1; id <= storyLength; id++ {
		if err := tell(plain, id, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	a := must(Create(dir, "run", settings()))(t)
	a.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	for kills := 0; ; kills++ {
		acks := tellUntil(t, dir, 1+rng.IntN(20))
		if err := Check(dir, "run"); err != nil {
			t.Fatalf("after %d kills: %v", kills, err)
		}
		r := must(OpenReadOnly(dir, "run"))(t)
		for _, ack := range acks {
			requireAck(t, r, ack)
		}
		next := must(r.NextID())(t)
		r.Close()
		if next > storyLength {
			t.Logf("%d kills", kills)
			break
		}
	}
	r := must(OpenReadOnly(dir, "run"))(t)
	defer r.Close()
	if got, want := must(r.ContentHash())(t), must(plain.ContentHash())(t); got != want {
		t.Errorf("content hash %s, undisturbed %s", got, want)
	}
	if got, want := must(r.Totals())(t), must(plain.Totals())(t); !got.equal(want) {
		t.Errorf("totals %+v, undisturbed %+v", got, want)
	}
}

func requireAck(t *testing.T, r *Reader, ack string) {
	t.Helper()
	var id, seed int
	if n, _ := fmt.Sscanf(ack, "cell %d %d", &id, &seed); n == 2 {
		if got := len(must(r.Cells(id))(t)); got <= seed {
			t.Errorf("%q was acknowledged, and there are %d cells", ack, got)
		}
		return
	}
	if n, _ := fmt.Sscanf(ack, "candidate %d", &id); n != 1 {
		t.Fatalf("the writer said %q", ack)
	}
	if _, err := r.Candidate(id); err != nil {
		t.Errorf("%q was acknowledged: %v", ack, err)
	}
}
