package main

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

// outcome is what became of a request.
type outcome string

const (
	good        outcome = "good"
	raced       outcome = "raced"   // sent on a kept connection that the proxy had just closed: no byte of an answer came
	refused     outcome = "refused" // no connection
	reset       outcome = "reset"   // closed without an answer, though the connection was new
	cut         outcome = "cut"     // closed in the middle of the answer
	serverError outcome = "5xx"
	wrong       outcome = "wrong" // any other answer than the right one
	late        outcome = "late"  // no answer in time
)

// losses are the outcomes that must not be. A client that is raced asks again, as browsers do.
var losses = []outcome{refused, reset, cut, serverError, wrong, late}

// requestTimeout bounds a request.
const requestTimeout = 10 * time.Second

// client sends requests one after the other, as HTTP/1.1 by hand: a library would hide what is to be counted.
type client struct {
	address, host string
	style         style
	// pause is how long it rests between two requests.
	pause time.Duration

	conn   *net.TCPConn
	reader *bufio.Reader
	used   bool
	counts map[outcome]int
	// closed counts connections that the proxy closed while they were idle, which harms nobody.
	closed int
}

// style is how a client uses connections.
type style string

const (
	kept  style = "kept"
	fresh style = "fresh"
)

// run sends requests until it is told to stop.
func (c *client) run(stop <-chan struct{}) {
	c.counts = map[outcome]int{}
	defer c.drop()
	for {
		c.counts[c.request()]++
		if c.style == fresh {
			c.drop()
		}
		select {
		case <-stop:
			return
		default:
		}
		if c.pause > 0 {
			time.Sleep(c.pause)
		}
	}
}

// request sends one request.
func (c *client) request() outcome {
	if c.conn != nil && c.isClosed() {
		c.closed++
		c.drop()
	}
	if c.conn == nil {
		conn, err := net.DialTimeout("tcp", c.address, requestTimeout)
		if err != nil {
			return refused
		}
		c.conn, c.used = conn.(*net.TCPConn), false
		c.reader = bufio.NewReader(conn)
	}
	o := c.exchange()
	c.used = true
	if o != good {
		c.drop()
	}
	return o
}

func (c *client) drop() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// isClosed looks whether the proxy has closed the connection already, or sent something that was not asked for.
func (c *client) isClosed() bool {
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
func (c *client) exchange() outcome {
	unanswered := reset
	if c.used {
		unanswered = raced
	}
	if err := c.conn.SetDeadline(time.Now().Add(requestTimeout)); err != nil {
		return unanswered
	}
	if _, err := fmt.Fprintf(c.conn, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", c.host); err != nil {
		return unanswered
	}
	if _, err := c.reader.Peek(1); errors.Is(err, os.ErrDeadlineExceeded) {
		return late
	} else if err != nil {
		return unanswered
	}
	res, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return cut
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return cut
	}
	if res.Close {
		defer c.drop()
	}
	switch {
	case res.StatusCode >= http.StatusInternalServerError:
		return serverError
	case res.StatusCode != http.StatusOK:
		return wrong
	}
	return good
}
