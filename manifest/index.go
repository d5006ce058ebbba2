package manifest

import "slices"

// name is a namespaced name.
type name struct{ namespace, name string }

// index holds the look-ups of a Snapshot. The maps are only asked, never walked.
type index struct {
	classes    map[string]*IngressClass
	services   map[name]*Service
	slices     map[name][]*EndpointSlice
	secrets    map[name]*Secret
	configMaps map[name]*ConfigMap
	resolved   map[string][]string
}

func newIndex(s *Snapshot) index {
	x := index{
		classes:    make(map[string]*IngressClass, len(s.Classes)),
		services:   make(map[name]*Service, len(s.Services)),
		slices:     make(map[name][]*EndpointSlice, len(s.Services)),
		secrets:    make(map[name]*Secret, len(s.Secrets)),
		configMaps: make(map[name]*ConfigMap, len(s.ConfigMaps)),
		resolved:   make(map[string][]string, len(s.Resolved)),
	}
	for _, c := range s.Classes {
		x.classes[c.Name] = c
	}
	for _, svc := range s.Services {
		x.services[name{svc.Namespace, svc.Name}] = svc
	}
	for _, slice := range s.Slices {
		key := name{slice.Namespace, slice.Service}
		x.slices[key] = append(x.slices[key], slice)
	}
	for _, secret := range s.Secrets {
		x.secrets[name{secret.Namespace, secret.Name}] = secret
	}
	for _, cm := range s.ConfigMaps {
		x.configMaps[name{cm.Namespace, cm.Name}] = cm
	}
	for _, r := range s.Resolved {
		x.resolved[r.Name] = r.Addresses
	}
	return x
}

// Class returns the IngressClass of a name.
func (s *Snapshot) Class(name string) (*IngressClass, bool) {
	c, ok := s.index.classes[name]
	return c, ok
}

// Service returns a Service, or nil if there is none of that name.
func (s *Snapshot) Service(namespace, service string) *Service {
	return s.index.services[name{namespace, service}]
}

// SlicesOf returns the EndpointSlices of a Service, sorted by name.
func (s *Snapshot) SlicesOf(namespace, service string) []*EndpointSlice {
	return slices.Clip(s.index.slices[name{namespace, service}])
}

// Secret returns a Secret, or nil if there is none of that name.
func (s *Snapshot) Secret(namespace, secret string) *Secret {
	return s.index.secrets[name{namespace, secret}]
}

// ConfigMap returns a ConfigMap, or nil if there is none of that name.
func (s *Snapshot) ConfigMap(namespace, configMap string) *ConfigMap {
	return s.index.configMaps[name{namespace, configMap}]
}

// ResolvedName returns the addresses behind a DNS name, and false if DNS was not asked for it.
func (s *Snapshot) ResolvedName(name string) ([]string, bool) {
	addresses, ok := s.index.resolved[name]
	return addresses, ok
}
