// Package retain keeps the last good version of an object that cannot be used as it is written now.
//
//	             ┌───────────── State: what is served, what is kept and why ─────────────┐
//	             ▼                                                                       │
//	Snapshot ─▶ Next ─▶ for each object that has changed: ask translate.Judge ─▶ Snapshot with good versions in the place of bad ones
//
// An honest mistake in an object that is being served shall not take it away, as it does not with ingress-nginx. What the new version
// narrows counts nevertheless: paths that it does not name any more go, and if it adds or changes an annotation that decides who gets in,
// nothing of the former version is kept.
//
// The State is in memory only. After a restart what is written counts.
//
// The package is pure: the time is an argument, and what an object is worth translate says.
package retain
