package nginx

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/nginx/conf"
)

// MainFile is the file that nginx starts with.
const MainFile = "nginx.conf"

// Marker makes nginx tell which generation of the configuration it serves.
type Marker struct {
	// Socket is the absolute path of the UNIX socket that it is told on.
	Socket string
	// Generation is what is told.
	Generation string
	// ErrorLog, if not empty, is a file that gets the reasons why nginx refuses a reload, relative to its prefix or absolute. It is
	// written besides the log of the configuration.
	ErrorLog string
}

type markerView struct {
	Socket     conf.Socket
	Generation string
	ErrorLog   conf.File
}

// markerPlace is where the marker goes in nginx.conf. Nothing is included there: the folder does not exist.
var markerPlace = regexp.MustCompile(`(?m)^([ \t]*)include[ \t]+marker/\*\.conf[ \t]*;[ \t]*$`)

// Mark returns the files with the marker in nginx.conf; the given files stay as they are. It must be that file: nginx opens it first, and
// once. Other files are found through a link that can be switched in the meantime, so only an id that was read before them vouches for
// them. An error means that the template of nginx.conf has no place for the marker.
func (t *Target) Mark(files []render.File, marker Marker) ([]render.File, error) {
	at := slices.IndexFunc(files, func(f render.File) bool { return f.Path == MainFile })
	if at < 0 {
		return nil, errors.New("there is no " + MainFile)
	}
	view := markerView{Socket: conf.Socket(marker.Socket), Generation: marker.Generation, ErrorLog: conf.File(marker.ErrorLog)}
	var head, server bytes.Buffer
	if marker.ErrorLog != "" {
		if err := t.templates.Execute(&head, markerLogEntry, view); err != nil {
			return nil, err
		}
	}
	if err := t.templates.Execute(&server, markerEntry, view); err != nil {
		return nil, err
	}
	places := markerPlace.FindAllSubmatchIndex(files[at].Data, -1)
	if len(places) != 1 {
		return nil, fmt.Errorf("%s has %d lines \"include marker/*.conf;\" and must have one, in its http block: it says where nginx tells which generation it serves",
			MainFile, len(places))
	}
	p := places[0]
	indent := files[at].Data[p[2]:p[3]]
	marked := slices.Clone(files)
	marked[at].Data = slices.Concat(head.Bytes(), files[at].Data[:p[0]], indentLines(server.Bytes(), indent), files[at].Data[p[1]:])
	return marked, nil
}

// indentLines puts blanks before each line, and no end after the last.
func indentLines(text, indent []byte) []byte {
	lines := bytes.Split(bytes.TrimRight(text, "\n"), []byte("\n"))
	for i := range lines {
		lines[i] = slices.Concat(indent, lines[i])
	}
	return bytes.Join(lines, []byte("\n"))
}
