package retain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/translate"
)

// State is what was served last. The zero State has served nothing, and keeps nothing. It never changes.
type State struct {
	served *manifest.Snapshot
	kept   map[diag.Ref]record
}

// record is an object that is kept.
type record struct {
	// good is the version from before the mistake.
	good manifest.Object
	// since is when the mistake came.
	since time.Time
}

// Served is the Snapshot that is to be served, nil for the zero State.
func (s State) Served() *manifest.Snapshot { return s.served }

// Kept counts the objects of which a former version is served, by kind.
func (s State) Kept() map[string]int {
	counts := map[string]int{"Ingress": 0, "Secret": 0, "ConfigMap": 0, "Service": 0}
	for ref := range s.kept {
		counts[ref.Kind]++
	}
	return counts
}

// Next takes a new Snapshot and returns the State with what is to be served now, and the remarks about the objects that are not served
// as they are written. Objects that have not changed since the last Snapshot are not looked at, but for those that are kept.
func (s State) Next(snap *manifest.Snapshot, settings translate.Settings, now time.Time) (State, diag.List) {
	next := State{served: snap}
	if s.served == nil {
		return next, nil
	}
	step := &step{before: s, now: now, next: map[diag.Ref]record{}}
	step.judge = func() *translate.Judge { return translate.NewJudge(snap, settings) }
	pairs(s.served.ConfigMaps, snap.ConfigMaps, step.configMap)
	if len(step.served) > 0 {
		// Settings decide what annotations may say: those that are served count.
		with := snap.Replacing(step.served)
		step.judge = func() *translate.Judge { return translate.NewJudge(with, settings) }
	}
	pairs(s.served.Services, snap.Services, step.service)
	pairs(s.served.Secrets, snap.Secrets, step.secret)
	pairs(s.served.Ingresses, snap.Ingresses, step.ingress)
	next.served, next.kept = snap.Replacing(step.served), step.next
	step.remarks.Sort()
	return next, step.remarks
}

// step is one call of Next.
type step struct {
	before  State
	now     time.Time
	judge   func() *translate.Judge
	made    *translate.Judge
	next    map[diag.Ref]record
	served  []manifest.Object
	remarks diag.List
}

// object is a kind of objects that can be kept.
type object interface {
	manifest.Object
	comparable
	Ref() diag.Ref
}

// pairs goes through the objects that two lists, sorted by name, both have, and that are not the same in memory.
func pairs[T object](before, now []T, visit func(before, now T)) {
	for len(before) > 0 && len(now) > 0 {
		switch c := compareNames(before[0].Ref(), now[0].Ref()); {
		case c < 0:
			before = before[1:]
		case c > 0:
			now = now[1:]
		default:
			if before[0] != now[0] {
				visit(before[0], now[0])
			}
			before, now = before[1:], now[1:]
		}
	}
}

func compareNames(a, b diag.Ref) int {
	if c := strings.Compare(a.Namespace, b.Namespace); c != 0 {
		return c
	}
	return strings.Compare(a.Name, b.Name)
}

// judgement makes the judge when it is needed for the first time.
func (s *step) judgement() *translate.Judge {
	if s.made == nil {
		s.made = s.judge()
	}
	return s.made
}

// good returns the version from before the mistake, which may have been reduced to be served.
func good[T object](s *step, served T) T {
	if r, kept := s.before.kept[served.Ref()]; kept {
		return r.good.(T)
	}
	return served
}

// fault is what is wrong with an object as it is written.
type fault struct {
	pos     diag.Pos
	problem string
	// diags are the remarks about it, as they would be if it were served.
	diags diag.List
}

// keep has a former version served, good or what of it is served, and says so.
func (s *step) keep(good, served manifest.Object, f fault) {
	ref := manifest.RefOf(good)
	since := s.now
	if r, kept := s.before.kept[ref]; kept {
		since = r.since
	}
	s.next[ref] = record{good: good, since: since}
	s.served = append(s.served, served)
	d := diag.ObjectKept.At(f.pos, ref, "", "since %s the %s cannot be used as it is written (%s); its last good version is served instead",
		since.UTC().Format(time.RFC3339), ref.Kind, f.problem)
	d.Hint = "repair it before headgate is restarted: after a restart only what is written counts"
	s.remarks.Add(d)
	for _, remark := range f.diags {
		remark.Message += "; for now the last good version is served instead"
		s.remarks.Add(remark)
	}
}

// ingress decides about an Ingress that was written anew.
func (s *step) ingress(served, written *manifest.Ingress) {
	former := good(s, served)
	if manifest.SameContent(former, written) || isAnother(&former.Meta, &written.Meta) {
		return
	}
	judge := s.judgement()
	before, verdict := judge.Ingress(former), judge.Ingress(written)
	fields := newSlips(before, verdict)
	slips := slices.Concat(fields, configmap.Misspelt(&former.Meta, &written.Meta, judge.Prefix()))
	problem := ""
	if verdict.Taken {
		problem = problemOf(before, verdict)
	}
	if problem == "" && len(slips) > 0 && len(before.Open) > 0 && (verdict.Taken || len(fields) > 0) {
		problem = "nothing is known by the name " + strings.Join(slips, ", ")
	}
	if problem == "" {
		return
	}
	// What a misspelt field was to say, the new version does not name.
	verdict.Unclear = verdict.Unclear || len(fields) > 0 && len(written.Misspelt) > 0
	if guard, changed := configmap.ChangedGuard(&former.Meta, &written.Meta, judge.Prefix()); changed {
		s.remarks.Add(diag.ObjectNotKept.At(written.Pos(""), written.Ref(), guard,
			"the Ingress cannot be used as it is written (%s); its last good version is not served instead, because %s is new or has another value and decides who gets in",
			problem, guard))
		return
	}
	s.keep(former, reduce(former, verdict), fault{written.Pos(""), problem, verdict.Diags})
}

// newSlips are the fields and classes with a slip that the former version did not have.
func newSlips(before, written translate.IngressVerdict) []string {
	return slices.DeleteFunc(slices.Clone(written.Slips), func(slip string) bool { return slices.Contains(before.Slips, slip) })
}

// isAnother reports whether an object was deleted and made again.
func isAnother(a, b *manifest.Meta) bool { return a.UID != b.UID && a.UID != "" && b.UID != "" }

// problemOf says what is lost if the written version is served in place of the former one; empty if nothing is that the written version
// still asks for.
func problemOf(before, written translate.IngressVerdict) string {
	for place := range before.Open {
		if !written.Open[place] && (written.Written[place] || written.Unclear) {
			return reasonOf(written.Diags)
		}
	}
	if spoilt := written.Policy.Spoilt(&before.Policy); len(spoilt) > 0 && len(before.Open) > 0 {
		return fmt.Sprintf("the value of %s cannot be used", strings.Join(spoilt, ", "))
	}
	return ""
}

// reasonOf is the message of the first error.
func reasonOf(diags diag.List) string {
	i := slices.IndexFunc(diags, func(d diag.Diagnostic) bool { return d.Severity == diag.Error })
	if i < 0 {
		return "its paths are closed"
	}
	problem := diags[i].Message
	if end := strings.LastIndex(problem, "; "); end > 0 {
		// What would be done about it is not done.
		problem = problem[:end]
	}
	if key := diags[i].Key; key != "" {
		return key + ": " + problem
	}
	return problem
}

// reduce leaves out of a former version what the written one does not name any more. Where a host or path cannot be read, it may be the new
// spelling of any other, and nothing is left out.
func reduce(former *manifest.Ingress, written translate.IngressVerdict) *manifest.Ingress {
	if written.Unclear {
		return former
	}
	return former.Keeping(func(host string, path *manifest.IngressPath) bool {
		return written.Written[translate.PlaceOf(host, path)]
	})
}

// secret decides about a Secret that was written anew.
func (s *step) secret(served, written *manifest.Secret) {
	former := good(s, served)
	if manifest.SameContent(former, written) || isAnother(&former.Meta, &written.Meta) {
		return
	}
	judge := s.judgement()
	problem := judge.Certificate(written, former)
	if problem == "" || judge.Certificate(former, former) != "" {
		return
	}
	s.keep(former, former, fault{pos: written.Pos(""), problem: "it " + problem})
}

// configMap decides about the entries of a ConfigMap that was written anew.
func (s *step) configMap(served, written *manifest.ConfigMap) {
	former := good(s, served)
	if manifest.SameContent(former, written) || isAnother(&former.Meta, &written.Meta) {
		return
	}
	merged, keys, about := s.judgement().ConfigMap(written, former)
	if len(keys) == 0 {
		return
	}
	s.keep(merged, merged, fault{written.Pos(""), "these keys have values that cannot be used: " + strings.Join(keys, ", "), about})
}

// service decides about the ports that a Service that was written anew opens by annotation.
func (s *step) service(served, written *manifest.Service) {
	former := good(s, served)
	merged, ports := configmap.RetainServiceStreams(former, written)
	if len(ports) == 0 || isAnother(&former.Meta, &written.Meta) {
		return
	}
	var about diag.List
	for _, protocol := range []model.Transport{model.TCP, model.UDP} {
		_, diags := configmap.ParseServiceStreams(written, protocol)
		about = append(about, diags...)
	}
	s.keep(merged, merged, fault{written.Pos(""), "the entries of these ports: " + strings.Join(ports, ", "), about})
}
