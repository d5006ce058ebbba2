package reload

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// serverPlan is a change of the servers of one backend.
type serverPlan struct {
	// section is the backend as it is to be.
	section haproxySection
	add     []haproxyServer
	alter   []serverChange
	remove  []haproxyServer
}

// serverChange is a server that stays and is changed.
type serverChange struct{ old, new haproxyServer }

// backend takes the servers of a section into the plan.
func (p *planner) backend(before, after haproxySection) string {
	plan := serverPlan{section: after}
	old := map[string]haproxyServer{}
	for _, s := range before.servers {
		old[s.name] = s
	}
	for _, s := range after.servers {
		was, ok := old[s.name]
		delete(old, s.name)
		switch {
		case !ok:
			plan.add = append(plan.add, s)
		case was.address != s.address && !(isAddress(was.address) && isAddress(s.address)):
			return fmt.Sprintf("server %s of %s has another address, which is no IP address with a port", s.name, after.title())
		case !slices.Equal(was.fixed(), s.fixed()):
			return fmt.Sprintf("server %s of %s has other options", s.name, after.title())
		case was.address != s.address || was.weight() != s.weight() || was.disabled() != s.disabled():
			plan.alter = append(plan.alter, serverChange{was, s})
		}
	}
	for _, s := range before.servers {
		if _, gone := old[s.name]; gone {
			plan.remove = append(plan.remove, s)
		}
	}
	if len(plan.add)+len(plan.alter)+len(plan.remove) == 0 {
		return ""
	}
	if why := p.unfit(plan); why != "" {
		return after.title() + ": " + why
	}
	p.plan.servers = append(p.plan.servers, plan)
	return ""
}

func isAddress(text string) bool {
	_, err := netip.ParseAddrPort(text)
	return err == nil
}

// unfit says why servers of a backend cannot be changed in a way that a reload would not undo. What stands in any defaults section
// counts as standing in the backend.
func (p *planner) unfit(plan serverPlan) string {
	rules := func(word string) []string {
		values := plan.section.values(word)
		for i := range p.defaults {
			values = append(values, p.defaults[i].values(word)...)
		}
		return values
	}
	if len(plan.add) > 0 && len(rules("default-server")) > 0 {
		return "a server that is added does not inherit from default-server"
	}
	if len(plan.add) > 0 && p.known.old && slices.ContainsFunc(rules("cookie"), func(v string) bool { return slices.Contains(strings.Fields(v), "dynamic") }) {
		return "HAProxy before 3.0 computes no cookie for a server that is added"
	}
	for _, how := range rules("balance") {
		method, _, _ := strings.Cut(firstWord(how), "(")
		switch method {
		case "roundrobin", "leastconn", "random":
		case "first", "static-rr":
			return "balance " + method + " goes by the order of the servers"
		default:
			if why := unfitForHash(plan, rules("hash-type")); why != "" {
				return "balance " + method + why
			}
		}
	}
	return ""
}

// unfitForHash says why servers would have other places on the ring than after a reload.
func unfitForHash(plan serverPlan, hashTypes []string) string {
	if !slices.ContainsFunc(hashTypes, func(t string) bool { return firstWord(t) == "consistent" }) {
		return " without hash-type consistent goes by the order of the servers"
	}
	for _, s := range plan.section.servers {
		if s.option("id", "") == "" && strings.TrimPrefix(s.option("hash-key", "id"), "id") == "" {
			return " goes by the order of servers without id or hash-key"
		}
	}
	return ""
}
