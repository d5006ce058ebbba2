package translate_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/translate"
)

// TestLargeKeysAreNotRead: reading a key takes a time that grows with the square of its size.
func TestLargeKeysAreNotRead(t *testing.T) {
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 20<<10)))
	text := strings.Replace(string(ingress("shop", "/", "web")), "spec:\n", "spec:\n  tls: [{hosts: [host.example], secretName: large}]\n", 1) +
		fmt.Sprintf("---\napiVersion: v1\nkind: Secret\nmetadata: {name: large, namespace: shop}\ndata: {tls.crt: eA==, tls.key: %s}\n", key)
	objects, _ := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(text)}}, manifest.LoadOptions{})
	snap, _ := manifest.NewSnapshot(objects)
	_, diags := translate.Run(snap, settings())
	for _, d := range diags {
		if strings.Contains(d.Message, "tls.key more than 16384") {
			return
		}
	}
	t.Errorf("the size is no reason: %v", diags)
}

// TestWeakCertificates: what OpenSSL refuses to load costs the host that asked for it, not the proxy's whole configuration.
func TestWeakCertificates(t *testing.T) {
	weak, strong := rsaKey(t, 1024), rsaKey(t, 2048)
	authority := certify(t, part{key: strong, signer: strong, name: "authority", issuer: "authority"})
	for _, c := range []struct {
		name string
		// chain begins with the certificate of the key.
		chain []part
		want  string
	}{
		{"strong", []part{{key: strong, signer: strong, name: "host.example", issuer: "authority"}}, ""},
		{"short key", []part{{key: weak, signer: strong, name: "host.example", issuer: "authority"}}, "the RSA key of certificate 1 has 1024 bits"},
		{"SHA-1", []part{{key: strong, signer: strong, name: "host.example", issuer: "authority", sha1: true}}, "certificate 1 is signed with SHA1-RSA"},
		{"SHA-1 of itself", []part{{key: strong, signer: strong, name: "host.example", issuer: "host.example", sha1: true}}, ""},
		{"short key of the issuer", []part{
			{key: strong, signer: weak, name: "host.example", issuer: "weak"}, {key: weak, signer: weak, name: "weak", issuer: "weak"},
		}, "the RSA key of certificate 2 has 1024 bits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			chain := []byte{}
			for _, p := range c.chain {
				chain = append(chain, certify(t, p)...)
			}
			chain = append(chain, authority...)
			reasons := unusable(t, chain, pkcs8(t, c.chain[0].key))
			if c.want == "" && reasons != "" || !strings.Contains(reasons, c.want) {
				t.Errorf("said %q, want %q", reasons, c.want)
			}
		})
	}
}

// TestBrokenChain: a chain is read to its end.
func TestBrokenChain(t *testing.T) {
	key := rsaKey(t, 2048)
	chain := certify(t, part{key: key, signer: key, name: "host.example", issuer: "host.example"})
	chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("none")})...)
	reasons := unusable(t, chain, pkcs8(t, key))
	if !strings.Contains(reasons, "part 2 of tls.crt is not a certificate") {
		t.Errorf("said %q", reasons)
	}
}

// unusable returns what is said of a Secret with a chain and a key, empty if it can be used.
func unusable(t *testing.T, chain, key []byte) string {
	t.Helper()
	_, diags := translated(t, settings(), ingressTLS("host.example"), certSecret(chain, key))
	for _, d := range diags {
		if d.Code == diag.CertificateUnusable.Code {
			return d.Message
		}
	}
	return ""
}

// TestCommonNames: the subject's common name makes a certificate valid for a host only where it has no alternative names.
func TestCommonNames(t *testing.T) {
	key := rsaKey(t, 2048)
	for _, c := range []struct {
		name, common string
		sans         []string
		valid        bool
	}{
		{"alternative name", "other.example", []string{"host.example"}, true},
		{"common name alone", "host.example", nil, true},
		{"common name with a wildcard", "*.example", nil, true},
		{"common name beside alternative names", "host.example", []string{"other.example"}, false},
		{"another common name", "other.example", nil, false},
		{"common name beside an address", "host.example", []string{"10.0.0.1"}, false},
		{"no name at all", "", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			chain := certify(t, part{key: key, signer: key, name: c.common, issuer: c.common, sans: append([]string{}, c.sans...)})
			cfg, diags := translated(t, settings(), ingressTLS("host.example"), service("web"), certSecret(chain, pkcs8(t, key)))
			shown := cfg.Servers[cfg.ServerFor("host.example")].Certificate
			if (shown == model.ID("shop", "cert")) != c.valid {
				t.Errorf("the certificate %s is shown, %v", shown, diags)
			}
			if said := slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return d.Code == diag.CertificateHost.Code }); said == c.valid {
				t.Errorf("diagnostics: %v", diags)
			}
		})
	}
}

// TestWildcardLendsItsCertificate: a host without a tls section shows the certificate of the wildcard host that covers it.
func TestWildcardLendsItsCertificate(t *testing.T) {
	key := rsaKey(t, 2048)
	chain := certify(t, part{key: key, signer: key, name: "*.example", issuer: "*.example"})
	wildcard := object(strings.Replace(string(ingressTLS("*.example")), "name: shop", "name: wildcard", 1))
	cfg, _ := translated(t, settings(), wildcard, ingress("web", "/", "web"), service("web"), certSecret(chain, pkcs8(t, key)))
	for _, host := range []string{"*.example", "host.example"} {
		s := cfg.Servers[cfg.ServerFor(strings.Replace(host, "*", "any", 1))]
		if s.Certificate != model.ID("shop", "cert") || !s.TLSOwned {
			t.Errorf("%s shows the certificate %s; it is a TLS host: %t", host, s.Certificate, s.TLSOwned)
		}
	}
}

// TestWildcardOfAnotherNamespaceLendsItsCertificate: the certificate is lent, the redirect is not.
func TestWildcardOfAnotherNamespaceLendsItsCertificate(t *testing.T) {
	key := rsaKey(t, 2048)
	chain := certify(t, part{key: key, signer: key, name: "*.example", issuer: "*.example"})
	wildcard := object(strings.Replace(string(ingressTLS("*.example")), "name: shop", "name: wildcard", 1))
	other := object(strings.Replace(string(ingress("web", "/", "web")), "namespace: shop", "namespace: other", 1))
	cfg, diags := translated(t, settings(), wildcard, other, service("web"), certSecret(chain, pkcs8(t, key)))
	s := cfg.Servers[cfg.ServerFor("host.example")]
	if s.Certificate != model.ID("shop", "cert") || s.TLSOwned || s.Routes[0].TLSRedirect != nil {
		t.Errorf("the host shows the certificate %s; it is a TLS host: %t", s.Certificate, s.TLSOwned)
	}
	if !slices.ContainsFunc(diags, func(d diag.Diagnostic) bool {
		return d.Code == diag.WildcardCertificate.Code && d.Ref.Namespace == "other"
	}) {
		t.Errorf("diagnostics: %v", diags)
	}
}

// ingressTLS has a tls section for a host, with the Secret cert.
func ingressTLS(host string) object {
	text := strings.Replace(string(ingress("shop", "/", "web")), "host.example", fmt.Sprintf("%q", host), 1)
	return object(strings.Replace(text, "spec:\n", fmt.Sprintf("spec:\n  tls: [{hosts: [%q], secretName: cert}]\n", host), 1))
}

// certSecret is the Secret cert.
func certSecret(chain, key []byte) object {
	encode := base64.StdEncoding.EncodeToString
	return object(fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: cert, namespace: shop}\ndata: {tls.crt: %s, tls.key: %s}\n",
		encode(chain), encode(key)))
}

// pkcs8 is a key as PEM.
func pkcs8(t *testing.T, key *rsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// part is a certificate of a chain.
type part struct {
	key, signer  *rsa.PrivateKey
	name, issuer string
	sha1         bool
	// sans are the alternative names; nil makes one of the name.
	sans []string
}

func certify(t *testing.T, p part) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: p.name}, DNSNames: p.sans,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		SignatureAlgorithm: x509.SHA256WithRSA,
	}
	if p.sans == nil {
		template.DNSNames = []string{p.name}
	}
	for i, san := range p.sans {
		if ip := net.ParseIP(san); ip != nil {
			template.IPAddresses, template.DNSNames = append(template.IPAddresses, ip), slices.Delete(slices.Clone(p.sans), i, i+1)
		}
	}
	if p.sha1 {
		template.SignatureAlgorithm = x509.SHA1WithRSA
	}
	parent := &x509.Certificate{Subject: pkix.Name{CommonName: p.issuer}}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, p.key.Public(), p.signer)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
