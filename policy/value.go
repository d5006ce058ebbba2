package policy

import (
	"iter"

	"github.com/headgate/headgate/diag"
)

// Origin is where a value stands.
type Origin struct {
	// Name is what the dialect calls the field, without a prefix and in today's spelling.
	Name string
	// Key is the field as the object writes it; for one that it does not have, as it would be written.
	Key string
	// Pos is the place of what was written, zero where nothing was.
	Pos diag.Pos
	// Given says that the object has the field with a value that counts. Refused says that it has it with one that cannot be used.
	Given, Refused bool
}

// Value is a field of a family with what holds for the object: what it says itself, else what the operator says, else the default.
type Value[T any] struct {
	Origin
	V T
}

// PerRoute holds for the paths of its own Ingress.
type PerRoute[T any] struct{ Value[T] }

// PerBackend holds for a Service port, on whichever path a request came there. Where Ingresses differ, the oldest that leads there decides.
type PerBackend[T any] struct{ Value[T] }

// PerIngress is about its Ingress as a whole.
type PerIngress[T any] struct{ Value[T] }

// PerStreams holds for all ports of layer 4.
type PerStreams[T any] struct{ Value[T] }

// PerHost holds for every path of the hosts of its Ingress, those of other Ingresses included. So it cannot be read from one Ingress alone:
// [OverHost] goes through all that have a say.
type PerHost[T any] struct{ value Value[T] }

// ForHost makes a PerHost.
func ForHost[T any](v Value[T]) PerHost[T] { return PerHost[T]{v} }

// Own is the value for the paths of its own Ingress, for one that has no say about the rest of the host.
func (p PerHost[T]) Own() Value[T] { return p.value }

// OverHost goes through those members of a host, oldest first, that say something.
func OverHost[M, T any](members []M, pick func(M) PerHost[T]) iter.Seq2[M, Value[T]] {
	return func(yield func(M, Value[T]) bool) {
		for _, m := range members {
			if v := pick(m).value; v.Given && !yield(m, v) {
				return
			}
		}
	}
}
