// Package watch produces Snapshots: from folders of manifests (events, content hashes, polling where there are no events) and from a
// cluster (list and watch), and says when a new one is worth looking at (debounce with a quiet period and a ceiling).
//
// A [Source] is one place that objects come from; [Files], [Cluster] and, around either, [Names] are the sources. [Run] drives one and
// delivers the newest Snapshot after each change. [ReadPaths] reads the same files once, for the verbs that do not watch.
//
// The package reads files, talks to the API server and asks DNS. What the objects mean is the business of the rooms below.
package watch
