package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// drainTimeout is how long the end of run waits for the last lines of an access log.
const drainTimeout = time.Second

// reopenable returns a standard output that the proxy can open by the name /dev/stdout, where its access log goes: a socket cannot be
// opened that way, nor what belongs to another user. In their place it gets a pipe. release ends the pipe, when the proxy has ended.
func reopenable(out io.Writer) (file *os.File, release func(), err error) {
	if file, ok := out.(*os.File); ok {
		again, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", file.Fd()), os.O_WRONLY|os.O_APPEND, 0)
		if err == nil {
			return file, func() {}, again.Close()
		}
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		// A log that nobody takes must not stop the proxy.
		if _, err := io.Copy(out, read); err != nil {
			_, _ = io.Copy(io.Discard, read)
		}
	}()
	return write, func() {
		write.Close()
		select {
		case <-done:
		case <-time.After(drainTimeout):
		}
		read.Close()
		<-done
	}, nil
}
