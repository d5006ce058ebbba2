package load

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Socket is an upgraded connection on which messages go to and fro.
type Socket struct {
	// Address is where the proxy listens, Host which host it is asked for.
	Address, Host string
	// Messages counts what went to and fro, and Err is what ended it before it was told to stop.
	Messages int
	Err      error
}

// Run sends messages until it is told to stop.
func (s *Socket) Run(stop <-chan struct{}) {
	conn, err := net.DialTimeout("tcp", s.Address, RequestTimeout)
	if err != nil {
		s.Err = err
		return
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", echoPath, s.Host, socketKey)
	res, err := http.ReadResponse(reader, nil)
	if err != nil {
		s.Err = err
		return
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSwitchingProtocols {
		s.Err = fmt.Errorf("answer %d", res.StatusCode)
	}
	for ; s.Err == nil; s.Messages++ {
		select {
		case <-stop:
			return
		case <-time.After(100 * time.Millisecond):
			s.Err = s.exchange(conn, reader)
		}
	}
}

// exchange sends a message and waits for it to come back.
func (s *Socket) exchange(conn net.Conn, reader *bufio.Reader) error {
	message := fmt.Sprintf("message %d", s.Messages)
	if err := conn.SetDeadline(time.Now().Add(RequestTimeout)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, message); err != nil {
		return err
	}
	echo := make([]byte, len(message))
	if _, err := io.ReadFull(reader, echo); err != nil {
		return err
	}
	if string(echo) != message {
		return fmt.Errorf("%q came back for %q", echo, message)
	}
	return nil
}
