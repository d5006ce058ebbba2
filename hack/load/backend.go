package load

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// What the pods answer besides their address.
const (
	echoPath     = "/echo"     // upgrades the connection and sends back what comes
	downloadPath = "/download" // sends bytes until it is told to stop
)

// What a WebSocket begins with: the client's key, and the proof of having read it. HAProxy checks that it is there.
const (
	socketKey  = "MDEyMzQ1Njc4OWFiY2RlZg=="
	socketGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
)

// upgraded is the answer that begins a WebSocket.
func upgraded() string {
	proof := sha1.Sum([]byte(socketKey + socketGUID))
	return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(proof[:]) + "\r\n\r\n"
}

// Backend answers for all pods, each with its address. It speaks just enough HTTP to be no burden.
type Backend struct {
	listener net.Listener
	// finish ends the downloads.
	finish chan struct{}
}

// StartBackend listens on a port of all addresses of the network namespace, until it is closed.
func StartBackend(port int) (*Backend, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return nil, err
	}
	s := &Backend{listener, make(chan struct{})}
	go s.accept()
	return s, nil
}

// Close ends listening.
func (s *Backend) Close() { s.listener.Close() }

// Finish ends the downloads, in good order.
func (s *Backend) Finish() { close(s.finish) }

func (s *Backend) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		go s.serve(conn)
	}
}

// serve answers one connection's requests.
func (s *Backend) serve(conn net.Conn) {
	defer conn.Close()
	pod, _, _ := net.SplitHostPort(conn.LocalAddr().String()) // a listener's connections have such addresses
	answer := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s\n", len(pod)+1, pod)
	reader := bufio.NewReader(conn)
	for {
		path, err := readHead(reader)
		if err != nil {
			return
		}
		switch path {
		case echoPath:
			_, _ = io.WriteString(conn, upgraded()) // the copy fails, too
			_, _ = io.Copy(conn, reader)            // ends with the client
			return
		case downloadPath:
			s.send(conn)
			return
		}
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}

// readHead reads a request without a body and returns its path.
func readHead(reader *bufio.Reader) (string, error) {
	path := ""
	for {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return "", err
		}
		if len(line) <= len("\r\n") {
			return path, nil
		}
		if path == "" {
			_, rest, _ := strings.Cut(string(line), " ")
			path, _, _ = strings.Cut(rest, " ")
		}
	}
}

// send sends about a megabyte a second until it is told to stop.
func (s *Backend) send(conn net.Conn) {
	const every, size = 50 * time.Millisecond, 50 << 10
	head := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
	if _, err := io.WriteString(conn, head); err != nil {
		return
	}
	chunk := fmt.Appendf(nil, "%x\r\n%s\r\n", size, strings.Repeat("x", size))
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-s.finish:
			_, _ = io.WriteString(conn, "0\r\n\r\n") // without it the client sees a cut
			return
		case <-tick.C:
			if _, err := conn.Write(chunk); err != nil {
				return
			}
		}
	}
}

// Download reads a download to its end and tells how it went; what begins with "whole" went well.
func Download(address, host string) string {
	req, err := http.NewRequest(http.MethodGet, "http://"+address+downloadPath, http.NoBody)
	if err != nil {
		return err.Error()
	}
	req.Host = host
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return "not begun: " + err.Error()
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	if err != nil {
		return fmt.Sprintf("cut after %d bytes: %v", n, err)
	}
	return fmt.Sprintf("whole (%d MB)", n/1_000_000)
}
