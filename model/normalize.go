package model

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// Normalize brings a Config into its one canonical order. translate calls it once; nothing downstream sorts again.
func (c *Config) Normalize() {
	slices.SortFunc(c.Servers, func(a, b Server) int { return strings.Compare(a.Host, b.Host) })
	for i := range c.Servers {
		c.Servers[i].normalize()
	}
	slices.SortFunc(c.Backends, func(a, b Backend) int { return strings.Compare(a.ID, b.ID) })
	normalizeEndpoints(c.Endpoints)
	slices.SortFunc(c.Certificates, func(a, b Certificate) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(c.Limits, func(a, b Limit) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(c.Streams, func(a, b Stream) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Port, b.Port))
	})
	slices.SortFunc(c.Passthroughs, func(a, b Passthrough) int { return strings.Compare(a.Host, b.Host) })
	slices.SortFunc(c.StreamBackends, func(a, b StreamBackend) int { return strings.Compare(a.ID, b.ID) })
	normalizeEndpoints(c.StreamEndpoints)
}

// normalizeEndpoints sorts the endpoints of backends and drops repeated ones.
func normalizeEndpoints(list []Endpoints) {
	slices.SortFunc(list, func(a, b Endpoints) int { return strings.Compare(a.Backend, b.Backend) })
	for i := range list {
		m := &list[i].Members
		slices.SortFunc(*m, compareEndpoints)
		*m = slices.Compact(*m)
	}
}

// normalize sorts routes where order has no meaning: the order of regular expressions is their precedence.
func (s *Server) normalize() {
	if s.Regex {
		return
	}
	slices.SortStableFunc(s.Routes, func(a, b Route) int {
		return cmp.Or(strings.Compare(a.Match.Path, b.Match.Path), cmp.Compare(a.Match.Kind, b.Match.Kind))
	})
}

func compareEndpoints(a, b Endpoint) int {
	x, errX := netip.ParseAddr(a.Address)
	y, errY := netip.ParseAddr(b.Address)
	if errX != nil || errY != nil {
		return strings.Compare(a.Address, b.Address)
	}
	return cmp.Or(x.Compare(y), cmp.Compare(a.Port, b.Port))
}

// server returns the index of a server by its Host.
func (c *Config) server(host string) (int, bool) {
	return slices.BinarySearchFunc(c.Servers, host, func(s Server, h string) int { return strings.Compare(s.Host, h) })
}

// EndpointsOf returns the members of a backend.
func (c *Config) EndpointsOf(backend string) (*Endpoints, bool) {
	return findEndpoints(c.Endpoints, backend)
}

func findEndpoints(list []Endpoints, backend string) (*Endpoints, bool) {
	i, ok := slices.BinarySearchFunc(list, backend, func(e Endpoints, id string) int { return strings.Compare(e.Backend, id) })
	if !ok {
		return nil, false
	}
	return &list[i], true
}

// BackendByID returns a backend.
func (c *Config) BackendByID(id string) (*Backend, bool) {
	i, ok := slices.BinarySearchFunc(c.Backends, id, func(b Backend, id string) int { return strings.Compare(b.ID, id) })
	if !ok {
		return nil, false
	}
	return &c.Backends[i], true
}

// LimitByID returns a limit.
func (c *Config) LimitByID(id string) (*Limit, bool) {
	i, ok := slices.BinarySearchFunc(c.Limits, id, func(l Limit, id string) int { return strings.Compare(l.ID, id) })
	if !ok {
		return nil, false
	}
	return &c.Limits[i], true
}
