// Package translate gives a [manifest.Snapshot] its meaning: it decides which Ingresses are taken, merges hosts and paths, resolves
// Services, Secrets and endpoints, and writes a [model.Config]. It is the one place with Kubernetes semantics, and it knows no proxy.
//
// What is wrong with the input comes back as diagnostics; there is no error. Nothing one object says costs another object anything.
package translate
