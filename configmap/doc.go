// Package configmap knows every key: the annotations, the keys of the global ConfigMap, and the entries of the TCP and UDP services
// ConfigMaps. One table of [Spec] drives parsing, validation, the reference documentation and the coverage tests; keys that Headgate
// does not support yet are in it too, so that none is ignored in silence.
//
// The package turns text into typed values and diagnostics. What the values mean for a route is the translate room's business.
package configmap
