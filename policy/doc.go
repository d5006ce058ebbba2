// Package policy holds what one Ingress asks for, typed and in families, whatever words it asks in. A dialect fills an [Ingress] from one
// object, without looking at any other; package translate decides between objects and knows no dialect.
//
// There is one file for each family, named alike in every package. What a value reaches is in its type: [PerRoute], [PerHost],
// [PerBackend], [PerIngress] or [PerStreams].
package policy
