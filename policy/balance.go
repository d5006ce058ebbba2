package policy

// Balance is how one of the endpoints of a backend is chosen.
type Balance struct {
	Choice PerBackend[Choice]
	// HashBy is a text with $variables; equal texts lead to the same endpoint. It comes before Choice.
	HashBy PerBackend[string]
	// Subset hashes onto groups of SubsetSize endpoints.
	Subset     PerBackend[bool]
	SubsetSize PerBackend[int]
	// ServiceAddress sends requests to the address of the Service instead of to its endpoints.
	ServiceAddress PerBackend[bool]
}

// Choice is an algorithm as an Ingress names it.
type Choice struct {
	// Word is the name.
	Word string
	// Incomplete says that the word chooses nothing without a hash or affinity beside it. Algorithm is what the operator says then.
	Incomplete bool
	Algorithm  Algorithm
}

// Algorithm chooses an endpoint.
type Algorithm uint8

// The algorithms.
const (
	// RoundRobin takes the endpoints in turn.
	RoundRobin Algorithm = iota
	// LeastConnections takes one with the fewest requests in progress.
	LeastConnections
	// TwoChoices draws two and takes the one with fewer requests in progress.
	TwoChoices
	// LeastLatency draws two and takes the one that answered faster of late.
	LeastLatency
	// HashClient hashes the address of the client, HashHost the host that was asked for.
	HashClient
	HashHost
)

// Says lists the fields that the Ingress has, which of them decides first.
func (b *Balance) Says() []Origin {
	return given(b.Choice.Origin, b.HashBy.Origin, b.ServiceAddress.Origin)
}

// all are the fields.
func (b *Balance) all() []Origin {
	return []Origin{b.Choice.Origin, b.HashBy.Origin, b.Subset.Origin, b.SubsetSize.Origin, b.ServiceAddress.Origin}
}

func given(fields ...Origin) []Origin {
	var list []Origin
	for _, o := range fields {
		if o.Given {
			list = append(list, o)
		}
	}
	return list
}
