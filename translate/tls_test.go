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
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
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
			key, err := x509.MarshalPKCS8PrivateKey(c.chain[0].key)
			if err != nil {
				t.Fatal(err)
			}
			reasons := unusable(t, chain, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
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
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	reasons := unusable(t, chain, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if !strings.Contains(reasons, "part 2 of tls.crt is not a certificate") {
		t.Errorf("said %q", reasons)
	}
}

// unusable returns what is said of a Secret with a chain and a key, empty if it can be used.
func unusable(t *testing.T, chain, key []byte) string {
	t.Helper()
	encode := base64.StdEncoding.EncodeToString
	text := strings.Replace(string(ingress("shop", "/", "web")), "spec:\n", "spec:\n  tls: [{hosts: [host.example], secretName: cert}]\n", 1) +
		fmt.Sprintf("---\napiVersion: v1\nkind: Secret\nmetadata: {name: cert, namespace: shop}\ndata: {tls.crt: %s, tls.key: %s}\n", encode(chain), encode(key))
	objects, _ := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(text)}}, manifest.LoadOptions{})
	snap, _ := manifest.NewSnapshot(objects)
	_, diags := translate.Run(snap, settings())
	for _, d := range diags {
		if d.Code == diag.CertificateUnusable.Code {
			return d.Message
		}
	}
	return ""
}

// part is a certificate of a chain.
type part struct {
	key, signer  *rsa.PrivateKey
	name, issuer string
	sha1         bool
}

func certify(t *testing.T, p part) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: p.name}, DNSNames: []string{p.name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		SignatureAlgorithm: x509.SHA256WithRSA,
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
