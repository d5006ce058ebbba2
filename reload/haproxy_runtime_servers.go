package reload

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// addServers adds and changes servers.
func (r *haproxyRuntime) addServers(plan *haproxyPlan) error {
	for i := range plan.servers {
		p := &plan.servers[i]
		for _, s := range p.add {
			if err := r.addServer(p.section.name+"/"+s.name, s); err != nil {
				return err
			}
		}
		for _, c := range p.alter {
			if err := r.alterServer(p.section.name+"/"+c.new.name, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// addServer adds a server, or brings one back that has not finished its last requests yet.
func (r *haproxyRuntime) addServer(name string, s haproxyServer) error {
	if was, there := r.retiring[name]; there {
		same := was.address == s.address && slices.Equal(was.fixed(), s.fixed())
		if same {
			delete(r.retiring, name)
			return r.alterServer(name, serverChange{was, s})
		}
		gone, err := r.deleteServer(name)
		if err != nil {
			return err
		}
		if !gone {
			return fmt.Errorf("add server %s: one of that name with other options still has connections", name)
		}
		delete(r.retiring, name)
	}
	words := append([]string{"add server", name, s.address}, s.options...)
	if err := r.demand("New server registered", strings.Join(words, " ")); err != nil {
		return err
	}
	// What is added at run time waits for these commands.
	for _, w := range []struct{ option, command string }{{"check", "enable health "}, {"agent-check", "enable agent "}} {
		if slices.Contains(s.options, w.option) {
			if err := r.demand("", w.command+name); err != nil {
				return err
			}
		}
	}
	if s.disabled() {
		return nil
	}
	return r.demand("", "enable server "+name)
}

// alterServer changes address, weight and state. The state is set always, which does no harm.
func (r *haproxyRuntime) alterServer(name string, c serverChange) error {
	if c.old.address != c.new.address {
		addr, err := netip.ParseAddrPort(c.new.address)
		if err != nil {
			return fmt.Errorf("set server %s: %w", name, err)
		}
		command := "set server " + name + " addr " + addr.Addr().String() + " port " + strconv.Itoa(int(addr.Port()))
		if err := r.demand("changed from", command); err != nil {
			return err
		}
	}
	if c.old.weight() != c.new.weight() {
		if err := r.demand("", "set server "+name+" weight "+c.new.weight()); err != nil {
			return err
		}
	}
	state := "ready"
	if c.new.disabled() {
		state = "maint"
	}
	return r.demand("", "set server "+name+" state "+state)
}

// removeServers takes servers out of service, and away as soon as nobody uses them.
func (r *haproxyRuntime) removeServers(plan *haproxyPlan) error {
	for i := range plan.servers {
		for _, s := range plan.servers[i].remove {
			name := plan.servers[i].section.name + "/" + s.name
			if err := r.demand("", "set server "+name+" state maint"); err != nil {
				return err
			}
			r.retiring[name] = s
		}
	}
	return r.bury()
}

// bury deletes the servers that have finished.
func (r *haproxyRuntime) bury() error {
	for name := range r.retiring {
		gone, err := r.deleteServer(name)
		if err != nil {
			return err
		}
		if gone {
			delete(r.retiring, name)
		}
	}
	return nil
}

// deleteServer deletes a server in maintenance and reports whether it is gone; one with connections stays for now.
func (r *haproxyRuntime) deleteServer(name string) (bool, error) {
	answer, err := r.ask("del server " + name)
	switch {
	case err != nil:
		return false, err
	case strings.Contains(answer, "Server deleted") || strings.Contains(answer, "No such server"):
		return true, nil
	case strings.Contains(answer, "connections"):
		return false, nil
	}
	return false, fmt.Errorf("del server %s: %s", name, brief(answer))
}
