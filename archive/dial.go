package archive

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"time"
)

// client asks a process that holds the archive.
type client struct {
	mu     sync.Mutex
	conn   net.Conn
	lines  *bufio.Reader
	broken error // once set, every later question gets it
}

// dial connects to the socket in a run's directory and has it answer one question,
// within about a second. A socket that a killed process left behind refuses.
func dial(dir string) (*client, error) {
	short, release, err := shortPath(dir)
	if err != nil {
		return nil, err
	}
	defer release()
	conn, err := net.DialTimeout("unix", filepath.Join(short, socketName), handshakeAnswer)
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, lines: bufio.NewReader(conn)}
	if _, err := c.ask(scan{Schema: Schema, Bucket: metaBucket, Prefix: schemaKey}, handshakeAnswer); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

func (c *client) fetch(q scan) (page, error) { return c.ask(q, 2*answerTime) }

func (c *client) ask(q scan, limit time.Duration) (page, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return page{}, c.broken
	}
	a, err := c.exchange(q, limit)
	if err != nil {
		c.broken = fmt.Errorf("the process that runs it stopped answering: try again: %w", err)
		return page{}, c.broken
	}
	return a.page, a.err()
}

func (c *client) exchange(q scan, limit time.Duration) (answer, error) {
	question, err := json.Marshal(q)
	if err != nil {
		return answer{}, err
	}
	c.conn.SetDeadline(time.Now().Add(limit))
	if _, err := c.conn.Write(append(question, '\n')); err != nil {
		return answer{}, err
	}
	line, err := c.lines.ReadBytes('\n')
	if err != nil {
		return answer{}, err
	}
	var a answer
	return a, json.Unmarshal(line, &a)
}

// err restores the server's error with its kind.
func (a *answer) err() error {
	switch {
	case a.Schema != nil:
		return a.Schema
	case a.Damaged:
		return &remoteError{a.Error, ErrDamaged}
	case a.Error != "":
		return errors.New(a.Error)
	}
	return nil
}

// remoteError carries the text of an error from the server, which includes that of
// its kind.
type remoteError struct {
	text string
	kind error
}

func (e *remoteError) Error() string { return e.text }
func (e *remoteError) Unwrap() error { return e.kind }

// Close ends the connection.
func (c *client) Close() error { return c.conn.Close() }
