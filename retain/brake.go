package retain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/translate"
)

// BrakeOptions say what is held back, and for how long.
type BrakeOptions struct {
	// Delay is how long it is held. Zero holds nothing.
	Delay time.Duration
	// Percent of all hosts, and MinHosts of them, have to be lost: more than the one, and as many as the other.
	Percent, MinHosts int
}

// Brake holds back the loss of many hosts at once that has another reason than that their Ingresses were deleted. The zero Brake has seen
// nothing. It never changes.
//
//	is in the new Snapshot   taken   then the Ingress
//	yes, unchanged           no      is lost: IngressClasses have changed
//	yes, changed             no      was changed on purpose
//	no, but among Lost               is lost: files have gone, are empty or cut off
//	no                               was deleted
type Brake struct {
	// last is what was delivered last, or, while something is held, what was there before.
	last *manifest.Snapshot
	hold *hold
}

// hold is what a Brake holds back.
type hold struct {
	since time.Time
	loss  loss
}

// loss is what a Snapshot lacks.
type loss struct {
	// hosts are those that nobody serves any more, of total.
	hosts, total int
	// lacking are the objects that are missing, classes says that IngressClasses have changed.
	lacking map[diag.Ref]bool
	classes bool
	// kinds counts the objects of each kind that are lacking, and that there were.
	kinds  map[string]share
	causes []string
}

// share is how many of a number of things are lost.
type share struct{ lost, total int }

// Held is the number of hosts that are held back now, 1 at least while anything is.
func (b Brake) Held() int {
	if b.hold == nil {
		return 0
	}
	return max(b.hold.loss.hosts, 1)
}

// Until is when what is held back now goes; zero if nothing is held back.
func (b Brake) Until(options BrakeOptions) time.Time {
	if b.hold == nil {
		return time.Time{}
	}
	return b.hold.since.Add(options.Delay)
}

// Next takes a new Snapshot and returns what is to be served in its place.
func (b Brake) Next(snap *manifest.Snapshot, settings translate.Settings, options BrakeOptions, now time.Time) (Brake, *manifest.Snapshot, diag.List) {
	released := Brake{last: snap}
	if options.Delay <= 0 || b.last == nil || b.last == snap {
		return released, snap, nil
	}
	lost := lossOf(b.last, snap, settings)
	next := Brake{last: b.last, hold: &hold{since: now, loss: lost}}
	switch {
	case b.hold == nil && !lost.exceeds(options), b.hold != nil && lost.nothing():
		return released, snap, nil
	case b.hold != nil:
		if next.hold.since = b.hold.since; !now.Before(b.Until(options)) {
			return released, snap, nil
		}
	}
	return next, lost.undo(b.last, snap, settings), diag.List{next.remark(options)}
}

// remark says what is held back, why, and until when.
func (b Brake) remark(options BrakeOptions) diag.Diagnostic {
	lost := &b.hold.loss
	until := b.Until(options).UTC().Format(time.RFC3339)
	what := fmt.Sprintf("%d of %d hosts would be gone at once", lost.hosts, lost.total)
	if n := len(lost.lacking); n > 0 {
		what += fmt.Sprintf(", and %d objects", n)
	}
	d := diag.WithdrawalHeld.At(diag.Pos{}, diag.Ref{}, "", "%s (%s); they stay as they were until %s", what, strings.Join(lost.causes, "; "), until)
	d.Hint = "undo what happened, or restart headgate if it was meant"
	return d
}

func (l *loss) nothing() bool { return l.hosts == 0 && len(l.lacking) == 0 && !l.classes }

// exceeds reports whether so much is lost that it is held back. Hosts without their Services or certificates are as good as lost.
func (l *loss) exceeds(options BrakeOptions) bool {
	for _, kind := range l.kinds {
		if kind.exceeds(options) {
			return true
		}
	}
	return share{l.hosts, l.total}.exceeds(options)
}

func (s share) exceeds(options BrakeOptions) bool {
	return s.lost >= max(options.MinHosts, 1) && s.lost*100 > options.Percent*s.total
}

// lossOf compares two Snapshots.
func lossOf(before, now *manifest.Snapshot, settings translate.Settings) loss {
	l := loss{}
	if slices.Equal(before.Ingresses, now.Ingresses) && sameClasses(before, now) && len(now.Lost) == 0 {
		return l
	}
	taken := map[diag.Ref]bool{}
	served := map[string]bool{}
	for _, ing := range translate.Taken(now, settings) {
		taken[ing.Ref()] = true
		addHosts(served, ing)
	}
	present := map[diag.Ref]*manifest.Ingress{}
	for _, ing := range now.Ingresses {
		present[ing.Ref()] = ing
	}
	causes := causesOf(now)
	all, lost := map[string]bool{}, map[string]bool{}
	for _, ing := range translate.Taken(before, settings) {
		addHosts(all, ing)
		written, there := present[ing.Ref()]
		switch _, missing := causes[ing.Ref()]; {
		case taken[ing.Ref()]:
		case there && manifest.SameContent(ing, written):
			l.classes = true
			l.because(classCause(ing, before, now))
			addHosts(lost, ing)
		case !there && missing:
			addHosts(lost, ing)
		}
	}
	for host := range lost {
		if !served[host] {
			l.hosts++
		}
	}
	l.total = len(all)
	l.findLacking(before, causes)
	return l
}

func sameClasses(a, b *manifest.Snapshot) bool {
	return slices.Equal(a.Classes, b.Classes) && a.ClassesUnreadable == b.ClassesUnreadable
}

// addHosts adds the hosts of an Ingress; a default backend is one for all hosts.
func addHosts(hosts map[string]bool, ing *manifest.Ingress) {
	if ing.DefaultBackend != nil && len(ing.Rules) == 0 {
		hosts[""] = true
	}
	for _, rule := range ing.Rules {
		hosts[strings.ToLower(rule.Host)] = true
	}
}

// because notes a cause, once.
func (l *loss) because(cause string) {
	if !slices.Contains(l.causes, cause) {
		l.causes = append(l.causes, cause)
		slices.Sort(l.causes)
	}
}

// classCause says which IngressClass made an Ingress somebody else's.
func classCause(ing *manifest.Ingress, before, now *manifest.Snapshot) string {
	if ing.ClassName == nil {
		return "the IngressClasses have changed"
	}
	_, was := before.Class(*ing.ClassName)
	_, is := now.Class(*ing.ClassName)
	switch {
	case was && !is:
		return "IngressClass " + *ing.ClassName + " has gone"
	case was && is:
		return "IngressClass " + *ing.ClassName + " names another controller"
	default:
		return "the input holds other IngressClasses than " + *ing.ClassName + " now"
	}
}
