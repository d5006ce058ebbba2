package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed" // for the placeholder
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/headgate/headgate/model"
)

// defaultCertificateID is the ID of the certificate for hosts without one of their own, if the operator names none. The ID
// of a Secret's certificate has an underscore, so that no Secret can take its place.
const defaultCertificateID = "default"

// The placeholder is part of the source and therefore known to everybody. It lets configuration that was rendered offline pass the
// proxy's own check; it protects nothing.
var (
	//go:embed placeholder/tls.crt
	placeholderChain []byte
	//go:embed placeholder/tls.key
	placeholderKey []byte
)

// placeholderCertificate is what stands in for key material in offline renderings.
func placeholderCertificate() model.Certificate {
	return model.Certificate{
		ID: defaultCertificateID, Names: []string{"placeholder.headgate.invalid"},
		Chain: slices.Clone(placeholderChain), Key: slices.Clone(placeholderKey), Placeholder: true,
	}
}

// standIn puts the placeholder in the place of every certificate of a Config.
func standIn(cfg *model.Config) {
	for i := range cfg.Certificates {
		c := placeholderCertificate()
		cfg.Certificates[i].Chain, cfg.Certificates[i].Key, cfg.Certificates[i].Placeholder = c.Chain, c.Key, true
	}
}

// The self-signed certificate lives long: nobody verifies it, and a second expiry date would only be one more thing to look after. It
// is made anew when little of its life is left.
const (
	selfSignedName = "headgate.invalid"
	selfSignedFile = "default-certificate.pem"
	selfSignedLife = 10 * 365 * 24 * time.Hour
	selfSignedRest = 30 * 24 * time.Hour
)

// keptCertificate returns the self-signed default certificate of a work dir, and makes one if there is none that can be used. It stays
// the same over restarts, so that a restart changes nothing at the edge.
func keptCertificate(workDir string, now time.Time) (model.Certificate, error) {
	path := filepath.Join(workDir, selfSignedFile)
	data, err := os.ReadFile(path)
	if err == nil {
		if c, err := parseKept(data, now); err == nil {
			return c, nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return model.Certificate{}, fmt.Errorf("reading the default certificate: %w", err)
	}
	if data, err = newSelfSigned(now); err != nil {
		return model.Certificate{}, fmt.Errorf("making the default certificate: %w", err)
	}
	if err := replaceFile(path, data, 0o600); err != nil {
		return model.Certificate{}, fmt.Errorf("keeping the default certificate: %w", err)
	}
	return parseKept(data, now)
}

// parseKept takes chain and key apart.
func parseKept(data []byte, now time.Time) (model.Certificate, error) {
	pair, err := tls.X509KeyPair(data, data)
	if err != nil {
		return model.Certificate{}, err
	}
	if pair.Leaf.NotAfter.Sub(now) < selfSignedRest {
		return model.Certificate{}, errors.New("the certificate is about to expire")
	}
	chain, rest := pem.Decode(data)
	return model.Certificate{
		ID: defaultCertificateID, Names: []string{selfSignedName}, Chain: pem.EncodeToMemory(chain), Key: rest,
	}, nil
}

// newSelfSigned makes a certificate and its key, in one PEM text.
func newSelfSigned(now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "Headgate default certificate"},
		DNSNames:     []string{selfSignedName},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(selfSignedLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})...), nil
}

// replaceFile writes a file in one step: readers see the old content or the new one.
func replaceFile(path string, data []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err := errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
