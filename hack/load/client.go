// Package load sends steady traffic to a proxy and counts what becomes of each request.
package load

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

// Outcome is what became of a request.
type Outcome string

// What can become of a request.
const (
	Good        Outcome = "good"
	Raced       Outcome = "raced"   // sent on a kept connection that the proxy had just closed: no byte of an answer came
	Refused     Outcome = "refused" // no connection
	Reset       Outcome = "reset"   // closed without an answer, though the connection was new
	Cut         Outcome = "cut"     // closed in the middle of the answer
	ServerError Outcome = "5xx"
	Wrong       Outcome = "wrong" // any other answer than the right one
	Late        Outcome = "late"  // no answer in time
)

// Losses are the outcomes that must not be. A client that is raced asks again, as browsers do.
var Losses = []Outcome{Refused, Reset, Cut, ServerError, Wrong, Late}

// RequestTimeout bounds a request.
const RequestTimeout = 10 * time.Second

// Client sends requests one after the other, as HTTP/1.1 by hand: a library would hide what is to be counted.
type Client struct {
	// Address is where the proxy listens, Host which host it is asked for.
	Address, Host string
	Style         Style
	// Pause is how long it rests between two requests.
	Pause time.Duration
	// Right, if not nil, says whether an answer with status 200 is the right one.
	Right func(body string) bool
	// Counts says how often each outcome came; Closed counts connections that the proxy closed while they were idle, which harms nobody.
	Counts map[Outcome]int
	Closed int

	conn   *net.TCPConn
	reader *bufio.Reader
	used   bool
}

// Style is how a client uses connections.
type Style string

// The styles: one connection for all requests, or a new one for each.
const (
	Kept  Style = "kept"
	Fresh Style = "fresh"
)

// Run sends requests until it is told to stop.
func (c *Client) Run(stop <-chan struct{}) {
	c.Counts = map[Outcome]int{}
	defer c.drop()
	for {
		c.Counts[c.request()]++
		if c.Style == Fresh {
			c.drop()
		}
		select {
		case <-stop:
			return
		default:
		}
		if c.Pause > 0 {
			time.Sleep(c.Pause)
		}
	}
}

// request sends one request.
func (c *Client) request() Outcome {
	if c.conn != nil && c.isClosed() {
		c.Closed++
		c.drop()
	}
	if c.conn == nil {
		conn, err := net.DialTimeout("tcp", c.Address, RequestTimeout)
		if err != nil {
			return Refused
		}
		c.conn, c.used = conn.(*net.TCPConn), false
		c.reader = bufio.NewReader(conn)
	}
	o := c.exchange()
	c.used = true
	if o != Good {
		c.drop()
	}
	return o
}

func (c *Client) drop() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// isClosed looks whether the proxy has closed the connection already, or sent something that was not asked for.
func (c *Client) isClosed() bool {
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return true
	}
	open := false
	err = raw.Control(func(fd uintptr) {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		open = errors.Is(err, syscall.EAGAIN)
	})
	return err != nil || !open
}

// exchange sends a request on the connection and reads the answer.
func (c *Client) exchange() Outcome {
	unanswered := Reset
	if c.used {
		unanswered = Raced
	}
	if err := c.conn.SetDeadline(time.Now().Add(RequestTimeout)); err != nil {
		return unanswered
	}
	if _, err := fmt.Fprintf(c.conn, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", c.Host); err != nil {
		return unanswered
	}
	if _, err := c.reader.Peek(1); errors.Is(err, os.ErrDeadlineExceeded) {
		return Late
	} else if err != nil {
		return unanswered
	}
	res, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return Cut
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return Cut
	}
	if res.Close {
		defer c.drop()
	}
	switch {
	case res.StatusCode >= http.StatusInternalServerError:
		return ServerError
	case res.StatusCode != http.StatusOK || c.Right != nil && !c.Right(string(body)):
		return Wrong
	}
	return Good
}
