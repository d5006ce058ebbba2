package reload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// haproxySession is a conversation with one worker process. What is said in it reaches that process and no other, even if another one
// takes over in the meantime.
type haproxySession struct {
	conn   net.Conn
	cancel func() bool
	// pid is the number of the worker, as the master counts.
	pid int
}

// commandTimeout bounds the wait for the next piece of an answer.
const commandTimeout = 5 * time.Second

// openSession begins a conversation with a worker, through its own socket if there is one, or else through the master.
func (o HAProxyOptions) openSession(ctx context.Context) (*haproxySession, error) {
	s, err := o.reachWorker(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := s.ask("show info")
	if err == nil {
		_, behind, _ := strings.Cut(answer, "\nPid: ")
		s.pid, err = strconv.Atoi(firstLine(behind))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("asking a worker for its number: %w", err), s.close())
	}
	return s, nil
}

func (o HAProxyOptions) reachWorker(ctx context.Context) (*haproxySession, error) {
	if s, err := dialHAProxy(ctx, o.RuntimeSocket); err == nil {
		return s, nil
	}
	s, err := dialHAProxy(ctx, o.MasterSocket)
	if err != nil {
		return nil, err
	}
	// From now on, the master passes everything on to the worker that is the newest now.
	if err := s.send("@1\n"); err != nil {
		return nil, errors.Join(err, s.close())
	}
	_, prompt, err := s.receive()
	if err == nil && strings.HasPrefix(prompt, "master") {
		err = errors.New("the master process has no worker")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reaching a worker through the master socket: %w", err), s.close())
	}
	return s, nil
}

// dialHAProxy connects to a socket and has answers end in a prompt.
func dialHAProxy(ctx context.Context, path string) (*haproxySession, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, &UnreachableError{
			Text: "HAProxy does not listen to " + path, Err: errors.Unwrap(err),
			Hint: "it may not have started yet, or the socket may be on a volume that is not shared",
		}
	}
	s := &haproxySession{conn: conn}
	s.cancel = context.AfterFunc(ctx, func() { _ = conn.Close() }) // whoever waits then gets an error
	if _, err := s.ask("prompt"); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *haproxySession) close() error {
	s.cancel()
	return s.conn.Close()
}

// ask gives a command and returns the answer without the prompt and the white space around.
func (s *haproxySession) ask(command string) (string, error) {
	if err := s.send(command + "\n"); err != nil {
		return "", fmt.Errorf("%s: %w", commandName(command), err)
	}
	answer, _, err := s.receive()
	if err != nil {
		return "", fmt.Errorf("%s: %w", commandName(command), err)
	}
	return answer, nil
}

// askAll gives several commands in one go and returns their answers. None of the commands may have lines, and no answer a line that looks
// like a prompt.
func (s *haproxySession) askAll(commands []string) ([]string, error) {
	if err := s.send(strings.Join(commands, "\n") + "\n"); err != nil {
		return nil, fmt.Errorf("%s …: %w", commandName(commands[0]), err)
	}
	var answers []string
	var text []byte
	buf := make([]byte, 64<<10)
	for {
		if err := s.conn.SetReadDeadline(time.Now().Add(commandTimeout)); err != nil {
			return nil, err
		}
		n, err := s.conn.Read(buf)
		text = append(text, buf[:n]...)
		for at := promptAnywhere.FindIndex(text); at != nil; at = promptAnywhere.FindIndex(text) {
			answers = append(answers, strings.TrimSpace(string(text[:at[0]])))
			text = text[at[1]:]
		}
		switch {
		case len(answers) >= len(commands):
			return answers, nil
		case err != nil:
			return nil, fmt.Errorf("%s: %w", commandName(commands[len(answers)]), err)
		case len(text) > maxAnswer:
			return nil, errors.New("the answer does not end")
		}
	}
}

// give gives a command with lines, which must not be empty.
func (s *haproxySession) give(command, lines string) (string, error) {
	return s.ask(command + " <<\n" + strings.TrimRight(lines, "\n") + "\n")
}

func (s *haproxySession) send(text string) error {
	if err := s.conn.SetDeadline(time.Now().Add(commandTimeout)); err != nil {
		return err
	}
	_, err := io.WriteString(s.conn, text)
	return err
}

var (
	// It reads "> " of a worker, "master> " of the master, "22281(x)> " of a worker behind a master.
	haproxyPrompt = regexp.MustCompile(`(?:^|\n)(master|\d+)?(?:\([a-z]+\))?> $`)
	// It finds the same in the middle of answers to several commands.
	promptAnywhere = regexp.MustCompile(`(?:^|\n)(?:\d+)?(?:\([a-z]+\))?> `)
	// Each "+ " asks for the next line of a payload.
	payloadPrompts = regexp.MustCompile(`^(?:\+ )+`)
)

// maxAnswer bounds an answer: 100,000 entries of a map are about 10 MiB.
const maxAnswer = 256 << 20

// receive reads until a prompt.
func (s *haproxySession) receive() (answer, prompt string, err error) {
	var text []byte
	buf := make([]byte, 64<<10)
	for len(text) < maxAnswer {
		if err := s.conn.SetReadDeadline(time.Now().Add(commandTimeout)); err != nil {
			return "", "", err
		}
		n, err := s.conn.Read(buf)
		text = append(text, buf[:n]...)
		// The prompt is short; searching the whole text again and again would cost its square.
		tail := text[max(0, len(text)-32):]
		if at := haproxyPrompt.FindIndex(tail); at != nil {
			end := len(text) - len(tail) + at[0]
			answer = payloadPrompts.ReplaceAllString(string(text[:end]), "")
			return strings.TrimSpace(answer), strings.TrimSpace(string(text[end:])), nil
		}
		if err != nil {
			return "", "", err
		}
	}
	return "", "", errors.New("the answer does not end")
}

// commandName returns the words of a command that cannot hold anything secret.
func commandName(command string) string {
	words := strings.Fields(firstLine(command))
	n := 0
	for n < min(len(words), 4) && words[n] != "<<" {
		n++
	}
	return strings.Join(words[:n], " ")
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
