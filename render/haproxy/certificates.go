package haproxy

import (
	"maps"
	"slices"
	"strings"

	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// certificateListFile is what the TLS listeners read.
const certificateListFile = "certs.list"

func certificateFile(id string) conf.File { return conf.File("certs/" + id + ".pem") }

// certificates adds a file for each certificate: chain and key in one.
func (r *rendering) certificates() {
	for i := range r.cfg.Certificates {
		c := &r.cfg.Certificates[i]
		data := make([]byte, 0, len(c.Chain)+len(c.Key))
		data = append(append(data, c.Chain...), c.Key...)
		r.result.Files = append(r.result.Files, render.File{
			Path: string(certificateFile(c.ID)), Mode: 0o600, Data: data, Sensitive: true, Placeholder: c.Placeholder,
		})
	}
}

// certificatesView is what the template of the crt-list prints. Default, which is shown to whoever asks for no name of the list, has
// no names; it is nil if unknown names are refused.
type certificatesView struct {
	Default      any
	Certificates []certificateView
}

// certificateView is a certificate with the hosts that show it.
type certificateView struct {
	File  conf.File
	Hosts []conf.Host
}

// certificateList prints which host shows which certificate.
func (r *rendering) certificateList() error {
	tls := &r.cfg.Global.TLS
	view := certificatesView{}
	if !tls.RejectUnknown && tls.DefaultCertificate != "" {
		view.Default = certificateFile(tls.DefaultCertificate)
	}
	hosts := r.hostsByCertificate()
	for _, id := range slices.Sorted(maps.Keys(hosts)) {
		view.Certificates = append(view.Certificates, certificateView{certificateFile(id), hosts[id]})
	}
	return r.print(r.target.lists, certificateListFile, certificatesEntry, view)
}

// hostsByCertificate groups hosts. A host with the default certificate is named only where something else would be shown otherwise:
// the certificate of a wildcard host that covers it, or a refusal.
func (r *rendering) hostsByCertificate() map[string][]conf.Host {
	byHost := map[string]string{}
	for i := range r.cfg.Servers {
		byHost[r.cfg.Servers[i].Host] = r.cfg.Servers[i].Certificate
	}
	tls := &r.cfg.Global.TLS
	groups := map[string][]conf.Host{}
	for i := range r.cfg.Servers {
		s := &r.cfg.Servers[i]
		if s.Host == "" || s.Certificate == "" || conf.Host(s.Host).Check() != nil {
			continue
		}
		label, rest, _ := strings.Cut(s.Host, ".")
		shown, covered := byHost["*."+rest]
		if !covered || label == "*" {
			shown, covered = tls.DefaultCertificate, false
		}
		if tls.RejectUnknown && !covered || shown != s.Certificate {
			groups[s.Certificate] = append(groups[s.Certificate], conf.Host(s.Host))
		}
	}
	return groups
}
