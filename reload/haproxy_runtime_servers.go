package reload

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// addServers adds and changes servers.
func (r *haproxyRuntime) addServers(plan *haproxyPlan) error {
	var demands []demand
	for i := range plan.servers {
		p := &plan.servers[i]
		for _, s := range p.add {
			more, err := r.addServer(p.section.name+"/"+s.name, s)
			if err != nil {
				return err
			}
			demands = append(demands, more...)
		}
		for _, c := range p.alter {
			more, err := alterServer(p.section.name+"/"+c.new.name, c)
			if err != nil {
				return err
			}
			demands = append(demands, more...)
		}
	}
	return r.demandAll(demands)
}

// addServer returns what adds a server, or brings one back that has not finished its last requests yet.
func (r *haproxyRuntime) addServer(name string, s haproxyServer) ([]demand, error) {
	if was, there := r.retiring[name]; there {
		same := was.address == s.address && slices.Equal(was.fixed(), s.fixed())
		if same {
			delete(r.retiring, name)
			return alterServer(name, serverChange{was, s})
		}
		answer, err := r.ask("del server " + name)
		if err != nil {
			return nil, err
		}
		gone, err := deleted(name, answer)
		if err != nil {
			return nil, err
		}
		if !gone {
			return nil, fmt.Errorf("add server %s: one of that name with other options still has connections", name)
		}
		delete(r.retiring, name)
	}
	words := append([]string{"add server", name, s.address}, s.options...)
	demands := []demand{{"New server registered", strings.Join(words, " ")}}
	// What is added at run time waits for these commands.
	for _, w := range []struct{ option, command string }{{"check", "enable health "}, {"agent-check", "enable agent "}} {
		if slices.Contains(s.options, w.option) {
			demands = append(demands, demand{"", w.command + name})
		}
	}
	if !s.disabled() {
		demands = append(demands, demand{"", "enable server " + name})
	}
	return demands, nil
}

// alterServer returns what changes address, weight and state. The state is set always, which does no harm.
func alterServer(name string, c serverChange) ([]demand, error) {
	var demands []demand
	if c.old.address != c.new.address {
		addr, err := netip.ParseAddrPort(c.new.address)
		if err != nil {
			return nil, fmt.Errorf("set server %s: %w", name, err)
		}
		command := "set server " + name + " addr " + addr.Addr().String() + " port " + strconv.Itoa(int(addr.Port()))
		demands = append(demands, demand{"changed from", command})
	}
	if c.old.weight() != c.new.weight() {
		demands = append(demands, demand{"", "set server " + name + " weight " + c.new.weight()})
	}
	state := "ready"
	if c.new.disabled() {
		state = "maint"
	}
	return append(demands, demand{"", "set server " + name + " state " + state}), nil
}

// removeServers takes servers out of service, and away as soon as nobody uses them.
func (r *haproxyRuntime) removeServers(plan *haproxyPlan) error {
	var demands []demand
	for i := range plan.servers {
		for _, s := range plan.servers[i].remove {
			name := plan.servers[i].section.name + "/" + s.name
			demands = append(demands, demand{"", "set server " + name + " state maint"})
			r.retiring[name] = s
		}
	}
	if err := r.demandAll(demands); err != nil {
		return err
	}
	return r.bury()
}

// bury deletes the servers that have finished.
func (r *haproxyRuntime) bury() error {
	names := slices.Sorted(maps.Keys(r.retiring))
	commands := make([]string, len(names))
	for i, name := range names {
		commands[i] = "del server " + name
	}
	return r.batches(commands, func(i int, answer string) error {
		gone, err := deleted(names[i], answer)
		if gone {
			delete(r.retiring, names[i])
		}
		return err
	})
}

// deleted reports whether a server in maintenance is gone after the command; one with connections stays for now.
func deleted(name, answer string) (bool, error) {
	switch {
	case strings.Contains(answer, "Server deleted") || strings.Contains(answer, "No such server"):
		return true, nil
	case strings.Contains(answer, "connections"):
		return false, nil
	}
	return false, fmt.Errorf("del server %s: %s", name, brief(answer))
}
