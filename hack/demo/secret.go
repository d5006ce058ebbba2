package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"time"
)

// secretManifest takes namespace, name, chain and key.
const secretManifest = `apiVersion: v1
kind: Secret
metadata: {namespace: %s, name: %s}
type: kubernetes.io/tls
data:
  tls.crt: %s
  tls.key: %s
`

// writeSecret writes the manifest of a TLS Secret for a host. The key is new at each start and lives no longer than the demo.
func writeSecret(path, namespace, name, host string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(30 * 24 * time.Hour),
	}
	chain, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	text := fmt.Sprintf(secretManifest, namespace, name, inPEM("CERTIFICATE", chain), inPEM("PRIVATE KEY", der))
	return os.WriteFile(path, []byte(text), 0o600)
}

// inPEM prints bytes as PEM, in base64 as Secrets hold it.
func inPEM(kind string, der []byte) string {
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
