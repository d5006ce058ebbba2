package model

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strconv"
)

// Affinity binds clients to single endpoints of a backend by a cookie. Which routes give the cookie out, and with which attributes,
// is said by Route.Session; a cookie that comes is honoured on every route.
//
// The value of the cookie is "<key>|<side>". What the key means depends on Persistent; the side is [Backend.Side] of the backend
// that served the request, and is what a Split with KeepsSessions goes by. A value without "|" is a key alone.
type Affinity struct {
	// Cookie is the name of the cookie: [A-Za-z0-9._~-] only.
	Cookie string
	// Persistent makes the key the name of an endpoint, [Affinity.ID]: a client moves only when its endpoint is gone, and then gets a
	// new cookie. Otherwise the key is any text, a consistent hash of it chooses the endpoint, and a client that has to move keeps its
	// cookie.
	Persistent bool
	// ChangeOnFailure lets a request whose endpoint failed go to another one, with a new cookie for that. Otherwise the cookie stays.
	ChangeOnFailure bool
	// Secret is what the names of endpoints are derived from, so that nobody can work out the name of another one. It is different for
	// each backend.
	Secret Secret
}

// ID is the name of an endpoint in cookies: 32 hexadecimal digits.
func (a *Affinity) ID(e Endpoint) string {
	return hex.EncodeToString(Derive(a.Secret, "endpoint", joinHostPort(e))[:16])
}

// Side is the name of the backend in cookies: 32 hexadecimal digits. It is the one that ingress-nginx gives, so that sessions that
// began there stay on their side of a canary. It needs no secret: who serves a request is no more secret than the answer.
func (b *Backend) Side() string {
	name := b.Namespace + "-" + b.Service + "-" + b.Port
	inner := md5.Sum([]byte(name))
	outer := md5.Sum([]byte(hex.EncodeToString(inner[:]) + name))
	return hex.EncodeToString(outer[:])
}

// Derive returns a secret for one purpose that was made of another secret and does not tell it.
func Derive(secret Secret, purpose, text string) Secret {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(purpose + "\x00" + text))
	return mac.Sum(nil)
}

func joinHostPort(e Endpoint) string {
	addr, err := netip.ParseAddr(e.Address)
	if err != nil {
		return e.Address + ":" + strconv.Itoa(e.Port)
	}
	return netip.AddrPortFrom(addr, uint16(e.Port)).String()
}

// SessionCookie is how a route gives out the cookie of its backends' Affinity: only to a request that brought none that binds it. The
// attributes are printed in the order of the fields, then HttpOnly, which is always there, and SameSite.
type SessionCookie struct {
	// Expires is the lifetime in seconds that the Expires attribute is computed from; nil leaves the attribute out.
	Expires *int
	// MaxAge is the Max-Age attribute; nil leaves it out.
	MaxAge *int
	// Domain is the Domain attribute, left out if empty.
	Domain string
	// Path is the Path attribute; never empty.
	Path string
	// Secure marks the cookie Secure always; otherwise it is marked where the connection itself is TLS.
	Secure bool
	// SameSite is None, Lax or Strict, left out if empty.
	SameSite string
	// LenientSameSite leaves SameSite=None out for old browsers that misread it.
	LenientSameSite bool
}
