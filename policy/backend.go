package policy

// Backend is how requests are spoken to endpoints.
type Backend struct {
	Protocol PerRoute[Protocol]
}

// Protocol is spoken to endpoints.
type Protocol uint8

// The protocols. ClientScheme is HTTP or HTTPS, as the client came.
const (
	HTTP Protocol = iota
	HTTPS
	GRPC
	GRPCS
	FastCGI
	ClientScheme
)
