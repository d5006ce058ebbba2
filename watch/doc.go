// Package watch produces Snapshots: from folders of manifests (fsnotify, content hashes, polling where there are no events) and from
// a cluster (client-go informers), and says when a new one is worth looking at (debounce with a quiet period and a ceiling).
package watch
