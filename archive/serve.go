package archive

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

const (
	socketName      = "run.sock"
	maxSocketPath   = 100 // the least that any system allows, with some room
	maxConnections  = 32
	maxQuestion     = 64 << 10
	answerTime      = 5 * time.Second // to hand an answer over, or to wait for one
	idleTime        = time.Minute     // between two questions
	handshakeAnswer = time.Second
)

// answer is one line from the server: a page, or why there is none.
type answer struct {
	page
	Error   string       `json:"error,omitempty"`
	Damaged bool         `json:"damaged,omitempty"`
	Schema  *SchemaError `json:"schema,omitempty"`
}

// server answers scans on the run's socket, one JSON line each way.
type server struct {
	file     *store
	listener net.Listener
	path     string
	places   chan struct{} // one per open connection

	wg    sync.WaitGroup
	mu    sync.Mutex
	conns map[net.Conn]struct{} // nil once closed
}

// Serve lets other processes of this user read the run while this one holds it,
// until Close. The socket is DIR/<run>/run.sock with mode 0600; one that a killed
// process left there is replaced.
func (a *Archive) Serve() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.server != nil {
		return nil
	}
	s, err := serve(a.file)
	if err != nil {
		return fmt.Errorf("serve run %q to other processes: %w", a.name, err)
	}
	a.server = s
	return nil
}

func serve(file *store) (*server, error) {
	dir := filepath.Dir(file.path)
	l, err := listenPrivately(dir)
	if err != nil {
		return nil, err
	}
	s := &server{
		file:     file,
		listener: l,
		path:     filepath.Join(dir, socketName),
		places:   make(chan struct{}, maxConnections),
		conns:    map[net.Conn]struct{}{},
	}
	s.wg.Go(s.accept)
	return s, nil
}

// listenPrivately makes the socket in a directory that only this user can enter,
// and moves it into place when its mode is right.
func listenPrivately(dir string) (net.Listener, error) {
	draft, err := os.MkdirTemp(dir, socketDraft)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(draft)
	address, release, err := shortPath(draft)
	if err != nil {
		return nil, err
	}
	defer release()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(address, socketName), Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	made := filepath.Join(draft, socketName)
	if err := os.Chmod(made, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if err := os.Rename(made, filepath.Join(dir, socketName)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// shortPath returns a name of dir that is short enough for a socket in it, valid
// until release. Socket addresses hold about a hundred bytes.
func shortPath(dir string) (path string, release func(), err error) {
	if len(dir)+1+len(socketName) <= maxSocketPath {
		return dir, func() {}, nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	path = "/proc/self/fd/" + strconv.Itoa(int(d.Fd()))
	if _, err := os.Stat(path); err != nil {
		d.Close()
		return "", nil, fmt.Errorf("the path %q is too long for a socket", dir)
	}
	return path, func() { d.Close() }, nil
}

func (s *server) accept() {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(50 * time.Millisecond) // out of file descriptors, most likely
			continue
		}
		s.places <- struct{}{}
		if !s.track(conn) {
			conn.Close()
			return
		}
		s.wg.Go(func() { s.converse(conn) })
	}
}

func (s *server) track(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		return false
	}
	s.conns[conn] = struct{}{}
	return true
}

func (s *server) converse(conn net.Conn) {
	defer func() {
		conn.Close()
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
		<-s.places
	}()
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, maxQuestion)
	for {
		conn.SetReadDeadline(time.Now().Add(idleTime))
		if !lines.Scan() {
			return
		}
		reply, err := json.Marshal(s.answer(lines.Bytes()))
		if err != nil {
			return
		}
		conn.SetWriteDeadline(time.Now().Add(answerTime))
		if _, err := conn.Write(append(reply, '\n')); err != nil {
			return
		}
	}
}

func (s *server) answer(question []byte) answer {
	var q scan
	if err := json.Unmarshal(question, &q); err != nil {
		return answer{Error: fmt.Sprintf("question: %v", err)}
	}
	p, err := s.file.fetch(q)
	if err == nil {
		return answer{page: p}
	}
	a := answer{Error: err.Error(), Damaged: errors.Is(err, ErrDamaged)}
	errors.As(err, &a.Schema)
	return a
}

func (s *server) close() error {
	// The path is removed while the file is still locked, so it is ours.
	removed := os.Remove(s.path)
	if errors.Is(removed, fs.ErrNotExist) {
		removed = nil // by someone else
	}
	err := errors.Join(removed, s.listener.Close())
	s.mu.Lock()
	for conn := range s.conns {
		conn.Close()
	}
	s.conns = nil
	s.mu.Unlock()
	s.wg.Wait()
	return err
}
