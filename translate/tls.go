package translate

import (
	"bytes"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// serverTLS is what the first Ingress of a host with a tls section decided.
type serverTLS struct {
	// certificate is nil if the section names none that can be used: the host shows the default certificate.
	certificate *certificate
}

// certificate is a TLS Secret that was looked at.
type certificate struct {
	model.Certificate
	leaf *x509.Certificate
	// problem says why the Secret cannot be used, "" if it can.
	problem string
	// absent says that the Secret is not in the input and that a placeholder stands in for it.
	absent bool
	used   bool
}

// claimTLS lets an Ingress with a tls section decide about the certificate of a host, if no older one has.
func (t *translator) claimTLS(s *server, ing *ingress) {
	if len(ing.TLS) > 0 && t.isGuest(s.host, ing) {
		s.guestTLS = append(s.guestTLS, ing)
		return
	}
	if s.tls != nil || len(ing.TLS) == 0 {
		return
	}
	s.tls = &serverTLS{}
	i, ok := t.tlsEntry(s.host, ing)
	if !ok || s.host == "" {
		if s.host != "" {
			t.report(diag.CertificateDefault, &ing.Meta, "spec.tls", "no entry is for host %s; it shows the default certificate", s.host)
		}
		return
	}
	at := tlsPath(i) + ".secretName"
	name := ing.TLS[i].SecretName
	if name == "" {
		t.report(diag.CertificateDefault, &ing.Meta, tlsPath(i), "host %s has no secretName; it shows the default certificate", s.host)
		return
	}
	c := t.certificate(ing.Namespace, name)
	switch {
	case c.problem != "":
		t.report(diag.CertificateUnusable, &ing.Meta, at, "Secret %s/%s %s; host %s shows the default certificate", ing.Namespace, name, c.problem, s.host)
	case c.absent:
		t.report(diag.CertificatePlaceholder, &ing.Meta, at, "Secret %s/%s is not in the input; a placeholder stands in for it", ing.Namespace, name)
		s.tls.certificate = c
	case !covers(c.leaf, s.host):
		t.report(diag.CertificateHost, &ing.Meta, at, "the certificate in Secret %s/%s is not valid for host %s, which shows the default certificate",
			ing.Namespace, name, s.host)
	default:
		s.tls.certificate = c
	}
}

// tlsEntry finds the entry of spec.tls for a host: the first that lists it, else the first whose certificate is valid for it.
func (t *translator) tlsEntry(host string, ing *ingress) (int, bool) {
	if ing.tlsHosts == nil {
		t.readTLS(ing)
	}
	if i, ok := ing.tlsHosts[host]; ok {
		return i, true
	}
	for _, i := range ing.tlsUsable {
		if covers(t.certificate(ing.Namespace, ing.TLS[i].SecretName).leaf, host) {
			return i, true
		}
	}
	return 0, false
}

// readTLS looks at spec.tls once, however many hosts ask for it.
func (t *translator) readTLS(ing *ingress) {
	ing.tlsHosts = map[string]int{}
	for i, entry := range ing.TLS {
		for _, h := range entry.Hosts {
			h = strings.ToLower(h)
			if _, ok := ing.tlsHosts[h]; !ok {
				ing.tlsHosts[h] = i
			}
		}
		if entry.SecretName == "" {
			continue
		}
		if c := t.certificate(ing.Namespace, entry.SecretName); c.problem == "" && !c.absent {
			ing.tlsUsable = append(ing.tlsUsable, i)
		}
	}
}

// covers reports whether a certificate is valid for a host. The subject's common name counts only without alternative names.
func covers(leaf *x509.Certificate, host string) bool {
	if leaf.VerifyHostname(host) == nil {
		return true
	}
	if len(leaf.DNSNames) > 0 || len(leaf.IPAddresses) > 0 {
		return false
	}
	copied := *leaf
	copied.DNSNames = []string{leaf.Subject.CommonName}
	return leaf.Subject.CommonName != "" && copied.VerifyHostname(host) == nil
}

// certificate reads a TLS Secret, once.
func (t *translator) certificate(namespace, name string) *certificate {
	id := model.ID(namespace, name)
	if c := t.certificates[id]; c != nil {
		return c
	}
	secret := t.snap.Secret(namespace, name)
	c := readCertificate(secret)
	_, refused := t.snap.RefusedAt(diag.Ref{Kind: "Secret", Namespace: namespace, Name: name})
	switch {
	case secret != nil:
	case refused:
		c.problem = t.absence("Secret", namespace, name)
	case t.settings.PlaceholderCertificates:
		c = &certificate{Certificate: t.settings.DefaultCertificate, absent: true}
		c.From = model.Origin{Ref: diag.Ref{Kind: "Secret", Namespace: namespace, Name: name}}
	}
	c.ID = id
	t.certificates[id] = c
	return c
}

func readCertificate(secret *manifest.Secret) *certificate {
	if secret == nil {
		return &certificate{problem: "is not in the input"}
	}
	c := &certificate{}
	c.From = origin(&secret.Meta, "data")
	chain, okChain := secret.Get("tls.crt")
	key, okKey := secret.Get("tls.key")
	if !okChain || !okKey {
		c.problem = "has no tls.crt and tls.key"
		return c
	}
	if err := c.parse(chain, key); err != nil {
		c.problem = "cannot be used: " + err.Error()
	}
	return c
}

// Limits of what a Secret may hold. Large keys would let one tenant keep the processor busy: with
// handshakes, and before that with reading them. Keys of fewer bits and weak signatures are refused by OpenSSL at its usual level of
// security, and a certificate that it refuses would cost the configuration of everybody.
const (
	maxPEM          = 128 << 10
	maxKeyPEM       = 16 << 10
	maxChain        = 16
	minRSABits      = 2048
	maxRSABits      = 8192
	certificateType = "CERTIFICATE"
)

// parse reads chain and key and prints them anew, so that nothing but what was parsed reaches a file. Its errors hold no content.
func (c *certificate) parse(chain, key []byte) error {
	if len(chain) > maxPEM || len(key) > maxKeyPEM {
		return fmt.Errorf("tls.crt has more than %d bytes, or tls.key more than %d", maxPEM, maxKeyPEM)
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "tls: "))
	}
	if len(pair.Certificate) > maxChain {
		return fmt.Errorf("tls.crt holds more than %d certificates", maxChain)
	}
	if c.leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
		return fmt.Errorf("tls.crt is not a certificate")
	}
	if err := checkChain(pair.Certificate); err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		return fmt.Errorf("tls.key is of an unknown kind")
	}
	for _, cert := range pair.Certificate {
		c.Chain = append(c.Chain, pem.EncodeToMemory(&pem.Block{Type: certificateType, Bytes: cert})...)
	}
	c.Key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, name := range c.leaf.DNSNames {
		c.Names = append(c.Names, strings.ToLower(name))
	}
	slices.Sort(c.Names)
	return nil
}

// checkChain finds certificates that a proxy would not load.
func checkChain(chain [][]byte) error {
	for i, der := range chain {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return fmt.Errorf("part %d of tls.crt is not a certificate", i+1)
		}
		bits := rsaBits(cert)
		switch {
		case bits > maxRSABits:
			return fmt.Errorf("the RSA key of certificate %d has %d bits, more than %d", i+1, bits, maxRSABits)
		case bits > 0 && bits < minRSABits:
			return fmt.Errorf("the RSA key of certificate %d has %d bits, fewer than the %d that OpenSSL asks for", i+1, bits, minRSABits)
		case slices.Contains(weakSignatures, cert.SignatureAlgorithm) && !bytes.Equal(cert.RawIssuer, cert.RawSubject):
			return fmt.Errorf("certificate %d is signed with %s, which OpenSSL refuses", i+1, cert.SignatureAlgorithm)
		}
	}
	return nil
}

// weakSignatures are refused on certificates that others have signed.
var weakSignatures = []x509.SignatureAlgorithm{
	x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1,
}

// finishTLS settles which certificate each host shows, and whether plain HTTP to it counts as HTTP to a TLS host: hosts without a tls
// section take both from the wildcard host that covers them.
func (t *translator) finishTLS() {
	fallback := t.defaultCertificate()
	for _, s := range t.servers {
		t.reportGuestTLS(s)
		tls := s.tls
		s.tlsOwned = tls != nil && s.host != ""
		if tls == nil {
			tls = t.wildcardTLS(s)
		}
		s.certificate = fallback
		if tls != nil && tls.certificate != nil && s.host != "" {
			tls.certificate.used = true
			s.certificate = tls.certificate.ID
		}
	}
	t.config.Global.TLS.DefaultCertificate = fallback
}

// wildcardTLS is what a wildcard host gives a host without a tls section. One of another namespace gives its certificate, which clients
// can verify, but not its redirect: whether plain HTTP is served is for the owner of the host to say.
func (t *translator) wildcardTLS(s *server) *serverTLS {
	_, rest, found := strings.Cut(s.host, ".")
	wildcard := t.hosts["*."+rest]
	if !found || wildcard == nil || wildcard == s || wildcard.tls == nil {
		return nil
	}
	owner := t.owners[s.host]
	if !t.isGuest(wildcard.host, owner) {
		s.tlsOwned = true
		return wildcard.tls
	}
	if wildcard.tls.certificate == nil {
		return nil
	}
	t.report(diag.WildcardCertificate, &owner.Meta, owner.hostRule(s.host),
		"host %s has no tls section and shows the certificate of %s (%s); plain HTTP is not redirected because of that, as that host belongs to namespace %s",
		s.host, wildcard.host, t.owners[wildcard.host].Ref(), t.owners[wildcard.host].Namespace)
	return wildcard.tls
}

// reportGuestTLS says to Ingresses of other namespaces that their tls sections do not decide about a host.
func (t *translator) reportGuestTLS(s *server) {
	for _, ing := range s.guestTLS {
		if ing.tlsHosts == nil {
			t.readTLS(ing)
		}
		i, listed := ing.tlsHosts[s.host]
		if !listed && s.tls != nil {
			continue
		}
		at := "spec.tls"
		if listed {
			at = tlsPath(i)
		}
		d := diag.HostOwned.At(ing.Pos(at), ing.Ref(), at, "%s, whose Ingresses decide about its certificate; this section only redirects plain HTTP to paths of this Ingress",
			t.belongs(s.host))
		if s.tls != nil {
			d.Severity = diag.Info // ingress-nginx would not have looked at it either
		}
		t.diags.Add(d)
	}
}

// defaultCertificate returns the ID of the certificate for everything that has none of its own.
func (t *translator) defaultCertificate() string {
	if name := t.settings.DefaultTLSSecret; !name.IsZero() {
		c := t.certificate(name.Namespace, name.Name)
		if c.problem == "" {
			c.used = true
			return c.ID
		}
		t.diags.Add(diag.CertificateUnusable.At(diag.Pos{}, diag.Ref{Kind: "Secret", Namespace: name.Namespace, Name: name.Name},
			"--default-ssl-certificate", "the default certificate %s; a self-signed one is shown instead", c.problem))
	}
	c := &certificate{Certificate: t.settings.DefaultCertificate, used: true}
	t.certificates[c.ID] = c
	return c.ID
}

// rsaBits returns the size of an RSA key, 0 for keys of another kind.
func rsaBits(cert *x509.Certificate) int {
	if key, ok := cert.PublicKey.(*rsa.PublicKey); ok {
		return key.N.BitLen()
	}
	return 0
}
