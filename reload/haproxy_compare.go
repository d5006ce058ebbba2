package reload

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate/headgate/render"
)

// difference is an object that is not the same in the process and in the files.
type difference struct {
	// object names it: "backend web", "map maps/hosts.map".
	object, text string
}

func (d difference) String() string { return d.object + ": " + d.text }

// comparison compares a process with the files of a generation.
type comparison struct {
	*haproxyRuntime
	options HAProxyOptions
	found   []difference
}

func (c *comparison) note(object, format string, args ...any) {
	c.found = append(c.found, difference{object, fmt.Sprintf(format, args...)})
}

// plan compares what a plan has touched.
func (c *comparison) plan(plan *haproxyPlan) error {
	if err := c.changedServers(plan.servers); err != nil {
		return err
	}
	for _, l := range plan.lists {
		if err := c.list(l); err != nil {
			return err
		}
	}
	for _, l := range plan.crtLists {
		if err := c.crtLines(l.name, l.want); err != nil {
			return err
		}
	}
	for _, f := range slices.Concat(plan.certs.add, plan.certs.change) {
		if err := c.certificate(f); err != nil {
			return err
		}
	}
	return nil
}

// tree compares everything.
func (c *comparison) tree(files []render.File) error {
	var backends []serverPlan
	byPath := make(map[string]render.File, len(files))
	config := configText(files)
	for _, f := range files {
		byPath[f.Path] = f
		if !isConfig(f.Path) {
			continue
		}
		for _, s := range readHAProxyConfig(f.Data) {
			if s.kind == "backend" || s.kind == "listen" {
				backends = append(backends, serverPlan{section: s})
			}
		}
	}
	if err := c.allServers(backends); err != nil {
		return err
	}
	known, err := c.inventory(c.options)
	if err != nil {
		return err
	}
	for path, name := range known.lists {
		if f, ok := byPath[path]; ok {
			l := listPlan{listName: name, want: readList(f.Data, name.kind), ordered: name.kind == kindMap && ordered(path, config)}
			if err := c.list(l); err != nil {
				return err
			}
		}
	}
	return c.certificates(known, byPath)
}

func (c *comparison) certificates(known inventory, byPath map[string]render.File) error {
	for path, name := range known.crtLists {
		if f, ok := byPath[path]; ok {
			if err := c.crtLines(name, readCrtList(f.Data)); err != nil {
				return err
			}
		}
	}
	for path, name := range known.certs {
		f, ok := byPath[path]
		if !ok {
			c.note("certificate "+name, "it is not in the configuration")
			continue
		}
		if err := c.certificate(render.File{Path: name, Data: f.Data}); err != nil {
			return err
		}
	}
	return nil
}

// serverState is a line of "show servers state".
type serverState struct {
	address, port, weight string
	maintenance, drain    bool
}

// The columns of "show servers state" that count, and the bits of the administrative state.
const (
	columnBackend, columnServer, columnAddress, columnAdmin, columnWeight, columnPort = 1, 3, 4, 6, 7, 18

	adminMaintenance, adminDrain = 1, 8
)

// parseServerStates reads the answer to "show servers state", by backend and server.
func parseServerStates(text string) (map[string]map[string]serverState, error) {
	states := map[string]map[string]serverState{}
	lines := strings.Split(text, "\n")
	if lines[0] != "1" {
		return nil, fmt.Errorf("show servers state: %s", brief(text))
	}
	for _, line := range lines[1:] {
		f := strings.Fields(line)
		if len(f) <= columnPort || f[0] == "#" {
			continue
		}
		admin, err := strconv.Atoi(f[columnAdmin])
		if err != nil {
			return nil, fmt.Errorf("show servers state: %w", err)
		}
		b := states[f[columnBackend]]
		if b == nil {
			b = map[string]serverState{}
			states[f[columnBackend]] = b
		}
		b[f[columnServer]] = serverState{
			address: f[columnAddress], port: f[columnPort], weight: f[columnWeight],
			maintenance: admin&adminMaintenance != 0, drain: admin&adminDrain != 0,
		}
	}
	return states, nil
}

// changedServers compares the servers of some backends.
func (c *comparison) changedServers(plans []serverPlan) error {
	commands := make([]string, len(plans))
	for i := range plans {
		commands[i] = "show servers state " + plans[i].section.name
	}
	return c.batches(commands, func(i int, answer string) error {
		states, err := parseServerStates(answer)
		if err == nil {
			c.backend(&plans[i].section, states[plans[i].section.name])
		}
		return err
	})
}

// allServers compares the servers of all backends.
func (c *comparison) allServers(backends []serverPlan) error {
	text, err := c.ask("show servers state")
	if err != nil {
		return err
	}
	states, err := parseServerStates(text)
	if err != nil {
		return err
	}
	for i := range backends {
		s := &backends[i].section
		c.backend(s, states[s.name])
	}
	return nil
}

func (c *comparison) backend(s *haproxySection, states map[string]serverState) {
	object := s.title()
	for _, server := range s.servers {
		state, ok := states[server.name]
		delete(states, server.name)
		if !ok {
			c.note(object, "server %s is missing", server.name)
			continue
		}
		if what := state.differs(&server); what != "" {
			c.note(object, "server %s has another %s", server.name, what)
		}
	}
	for name, state := range states {
		if !state.maintenance {
			c.note(object, "server %s is not in the configuration", name)
			continue
		}
		// Out of service already: only its last requests keep it.
		if key := s.name + "/" + name; c.retiring[key].name == "" {
			c.retiring[key] = haproxyServer{name: name, address: "unknown"}
		}
	}
}

// differs says what of a server is not as in the file.
func (s serverState) differs(want *haproxyServer) string {
	addr, err := netip.ParseAddrPort(want.address)
	switch {
	case err == nil && (s.address != addr.Addr().String() || s.port != strconv.Itoa(int(addr.Port()))):
		return "address"
	case s.weight != want.weight() && !slices.Contains(want.options, "agent-check"):
		return "weight"
	case s.maintenance != want.disabled() || s.drain:
		return "state"
	}
	return ""
}

// list compares a map or a list of patterns.
func (c *comparison) list(l listPlan) error {
	text, err := c.ask("show " + l.kind + " " + l.name)
	if err != nil {
		return err
	}
	want, got := l.want, make([]string, 0, len(l.want))
	for line := range strings.Lines(text) {
		address, entry, ok := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if !ok || !strings.HasPrefix(address, "0x") {
			return fmt.Errorf("show %s %s: %s", l.kind, l.name, brief(text))
		}
		got = append(got, entry)
	}
	if !l.ordered {
		got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	}
	if !slices.Equal(got, want) {
		c.note(l.kind+" "+l.name, "%d entries are not the %d of the file", len(got), len(want))
	}
	return nil
}

// crtLines compares a crt-list. The first line is the default; the order of the others does not matter.
func (c *comparison) crtLines(name string, want []crtLine) error {
	got, err := c.crtList(name)
	if err != nil {
		return err
	}
	object := "crt-list " + name
	for _, l := range missingLines(got, want) {
		c.note(object, "the line %q is not in the configuration", l.text())
	}
	for _, l := range missingLines(want, got) {
		c.note(object, "the line %q is missing", l.text())
	}
	if len(got) != len(want) || len(got) > 0 && got[0].text() != want[0].text() {
		c.note(object, "its lines are not those of the file")
	}
	return nil
}

// certificate compares a certificate by its fingerprint.
func (c *comparison) certificate(f render.File) error {
	text, err := c.ask("show ssl cert " + f.Path)
	if err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		if shown, ok := strings.CutPrefix(line, "SHA1 FingerPrint: "); ok {
			if strings.TrimSpace(shown) != fingerprint(f.Data) {
				c.note("certificate "+f.Path, "it is another one")
			}
			return nil
		}
	}
	c.note("certificate "+f.Path, "it is not there")
	return nil
}
