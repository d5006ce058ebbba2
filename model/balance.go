package model

// Algorithm says how the next endpoint of a backend is chosen.
type Algorithm uint8

const (
	// RoundRobin goes through the endpoints in turn.
	RoundRobin Algorithm = iota
	// LeastConnections takes an endpoint with the fewest requests in progress; one that is idle comes before all others.
	LeastConnections
	// TwoChoices draws two endpoints at random and takes the one with fewer requests in progress.
	TwoChoices
	// LeastLatency draws two endpoints at random and takes the one that answered faster of late.
	LeastLatency
	// HashKey takes the endpoint that Balance.Key falls to on a consistent-hash ring: equal keys go to the same endpoint, and a change
	// of the endpoints moves only the keys of those that came or went.
	HashKey
)

func (a Algorithm) String() string {
	return [...]string{"round robin", "least connections", "two choices", "least latency", "hash"}[a]
}

// Balance says how a backend chooses among its endpoints. Affinity of the backend, where a request brings it, comes before.
type Balance struct {
	Algorithm Algorithm
	// Key is what HashKey hashes. It is empty with every other algorithm.
	Key Key
	// Subset, if it is above 1, hashes onto groups of so many endpoints and draws one of the group at random.
	Subset int
}

// Key is a text that is made of a request, piece by piece.
type Key []KeyPart

// NeverEmpty returns the key with a text in front if requests may have nothing of what it takes. Equal keys go together, and so do empty
// ones; but a proxy hashes no empty text.
func (k Key) NeverEmpty() Key {
	for _, p := range k {
		switch p.Source {
		case KeyQuery, KeyParameter, KeyHeader, KeyCookie:
		default:
			return k
		}
	}
	return append(Key{{Source: KeyText, Name: "-"}}, k...)
}

// KeyPart is one piece of a Key.
type KeyPart struct {
	Source KeySource
	// Name is the literal text of KeyText, the name of a header (lower case), a cookie or a parameter; empty for all others.
	Name string
}

// KeySource says what a KeyPart takes from a request. What a request does not have is empty.
type KeySource uint8

const (
	// KeyText is literal text.
	KeyText KeySource = iota
	// KeyClient is the address of the client, without its port.
	KeyClient
	// KeyHost is the host name that was asked for, in lower case and without port.
	KeyHost
	// KeyMethod is the method.
	KeyMethod
	// KeyScheme is http or https, as the connection was made.
	KeyScheme
	// KeyTarget is the request target as sent, query included.
	KeyTarget
	// KeyPath is the normalised path; see [NormalizePath].
	KeyPath
	// KeyQuery is the query without its question mark.
	KeyQuery
	// KeyParameter is the value of a query parameter, still encoded.
	KeyParameter
	// KeyHeader is the value of a request header.
	KeyHeader
	// KeyCookie is the value of a cookie.
	KeyCookie
	// KeyPort is the port that the request came in by.
	KeyPort
	// KeyRequestID is different for every request.
	KeyRequestID
)

func (s KeySource) String() string {
	return [...]string{
		"text", "client", "host", "method", "scheme", "target", "path", "query", "parameter", "header", "cookie", "port", "request ID",
	}[s]
}

// ClientAffinity keeps all requests from one client address on one endpoint.
type ClientAffinity struct {
	// Timeout is for how many seconds after its last request a client is remembered.
	Timeout int
}
