package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// drainTimeout is how long the end of run waits for the last lines of a log.
const drainTimeout = time.Second

// reopenable returns a standard output that the proxy can open by the name /dev/stdout, where its access log goes. Files and terminals
// are passed on. In the place of a pipe or a socket the proxy gets a pipe of ours: it would wait if nobody read the other one, and a socket
// cannot be opened by that name. release ends that pipe, when the proxy has ended.
func reopenable(out *sink) (file *os.File, release func(), err error) {
	if file, ok := out.out.(*os.File); ok && !waits(file) {
		again, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", file.Fd()), os.O_WRONLY|os.O_APPEND, 0)
		if err == nil {
			return file, func() {}, again.Close()
		}
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	_, _ = unix.FcntlInt(write.Fd(), unix.F_SETPIPE_SZ, pipeSize) // a smaller one will do
	if err := unix.SetNonblock(int(write.Fd()), false); err != nil {
		return nil, nil, err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		passLines(out, read)
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

// waits reports whether a writer waits for a reader.
func waits(file *os.File) bool {
	st, err := file.Stat()
	return err != nil || st.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}

// The size of the pipe, and how long it fills before it is read again: an access log comes in many short lines.
const (
	pipeSize  = 1 << 20
	pipePause = 5 * time.Millisecond
)

// passLines passes whole lines on until the end.
func passLines(to io.Writer, from io.Reader) {
	chunk := make([]byte, pipeSize)
	held := 0
	for {
		n, err := from.Read(chunk[held:])
		held += n
		end := bytes.LastIndexByte(chunk[:held], '\n') + 1
		if end == 0 && (held == len(chunk) || err != nil) {
			end = held // no line has an end, or this one will not get one
		}
		if end > 0 {
			_, _ = to.Write(chunk[:end]) // a sink takes everything
		}
		held = copy(chunk, chunk[end:held])
		if err != nil {
			if held > 0 {
				_, _ = to.Write(chunk[:held])
			}
			return
		}
		time.Sleep(pipePause)
	}
}
