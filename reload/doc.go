// Package reload puts rendered files in place and makes a running proxy use them: stage, check with the proxy's own checker, swap in
// one step, signal, confirm that the new generation serves, and otherwise roll back to the last one that did.
//
// Processes and sockets of the proxy are handled here and nowhere else. The package knows files, not their meaning.
package reload
