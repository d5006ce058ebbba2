package haproxy

import (
	"bytes"
	"maps"
	"net/netip"
	"slices"
	"strconv"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// placeholder stands for endpoints that the input does not hold; the network is for documentation only.
var placeholder = model.Endpoint{Address: "192.0.2.1", Port: 80}

// services prints a file for each namespace, with all sections that forward to Services in it. Not one for each Service: the time
// that HAProxy 2.6 takes to read files grows with the square of their number.
func (r *rendering) services() error {
	views := map[string][]sectionView{}
	for _, name := range slices.Sorted(maps.Keys(r.sections)) {
		if s := r.sections[name]; s.backend != "" {
			views[s.backend] = append(views[s.backend], r.view(name, s))
		}
	}
	files := map[string][][]byte{}
	for _, backend := range slices.Sorted(maps.Keys(views)) {
		text, err := r.text(r.target.conf, "service "+backend, serviceEntry, views[backend])
		if err != nil {
			return err
		}
		file := r.serviceFile(backend)
		files[file] = append(files[file], text)
	}
	for file, texts := range files {
		r.result.Files = append(r.result.Files, render.File{Path: file, Mode: 0o644, Data: r.join(file, texts)})
	}
	return nil
}

// serviceFile is the file with the sections of a backend.
func (r *rendering) serviceFile(backend string) string {
	if b, ok := r.cfg.BackendByID(backend); ok && b.Namespace != "" {
		return "namespace-" + model.ID(b.Namespace) + ".cfg"
	}
	return "services.cfg"
}

// join makes a file of the texts of Services, or takes the one of last time if it is the same.
func (r *rendering) join(file string, texts [][]byte) []byte {
	data := bytes.Join(texts, []byte("\n"))
	if old := r.target.printed[file].data; bytes.Equal(old, data) {
		data = old
	}
	r.printed[file] = printed{data: data}
	return data
}

// answers prints the sections that forward to nobody, but for those that are always there.
func (r *rendering) answers() error {
	var views []sectionView
	for _, name := range slices.Sorted(maps.Keys(r.sections)) {
		if s := r.sections[name]; s.backend == "" && !slices.Contains(fixedSections, name) {
			v := r.view(name, s)
			v.Origins = nil // every Ingress without a backend would be among them
			views = append(views, v)
		}
	}
	if len(views) == 0 {
		return nil
	}
	return r.print(r.target.conf, "status.cfg", statusEntry, views)
}

// member is an endpoint that can be printed.
type member struct {
	endpoint model.Endpoint
	address  netip.AddrPort
	name     conf.Name
}

// members are the endpoints of a backend.
func (r *rendering) members(backend string) []member {
	endpoints, ok := r.cfg.EndpointsOf(backend)
	if !ok {
		return nil
	}
	list := endpoints.Members
	if endpoints.Unknown {
		list = []model.Endpoint{placeholder}
	}
	members := make([]member, 0, len(list))
	for _, e := range list {
		address, err := netip.ParseAddr(e.Address)
		if err != nil || address.Zone() != "" || e.Port < 1 || e.Port > 65535 {
			r.refuseEndpoint(backend)
			continue
		}
		members = append(members, member{e, netip.AddrPortFrom(address, uint16(e.Port)), serverName(address, e.Port)})
	}
	return members
}

// serves reports whether a backend has endpoints, or may have some.
func (r *rendering) serves(backend string) bool {
	e, ok := r.cfg.EndpointsOf(backend)
	return ok && (e.Unknown || len(e.Members) > 0)
}

// servers makes the endpoints of a section.
func (r *rendering) servers(s *section, balance balanceView) (views []serverView, unknown bool) {
	if s.backend == "" {
		return nil, false
	}
	idle := r.cfg.Global.Proxy.KeepAliveTimeout
	if r.cfg.Global.Proxy.KeepAlive == 0 {
		idle = 0
	}
	members := r.members(s.backend)
	ring := r.ring(balance, members)
	for i, m := range members {
		views = append(views, serverView{
			Name:    m.name,
			Address: m.address,
			HTTPS:   s.policy.protocol == model.HTTPS,
			GRPC:    s.policy.protocol == model.GRPC,
			GRPCS:   s.policy.protocol == model.GRPCS,
			Ring:    ring[i],
			Idle:    conf.Time(idle),
		})
	}
	endpoints, ok := r.cfg.EndpointsOf(s.backend)
	return views, ok && endpoints.Unknown
}

func (r *rendering) refuseEndpoint(backend string) {
	var from model.Origin
	if b, ok := r.cfg.BackendByID(backend); ok {
		from = b.From
	}
	r.refuse(diag.RenderRefused, from, "an endpoint is no IP address with a port; it is left out")
}

// serverName is the name of an endpoint: its address without brackets and its port, which is what is behind the last colon.
func serverName(address netip.Addr, port int) conf.Name {
	return conf.Name(address.String() + ":" + strconv.Itoa(port))
}
