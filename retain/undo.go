package retain

import (
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/translate"
)

// causesOf finds the causes of what is lost.
func causesOf(snap *manifest.Snapshot) map[diag.Ref]string {
	causes := make(map[diag.Ref]string, len(snap.Lost))
	for _, lost := range snap.Lost {
		causes[lost.Ref] = lost.Cause
	}
	return causes
}

// findLacking lists and counts the objects of before that are lost.
func (l *loss) findLacking(before *manifest.Snapshot, causes map[diag.Ref]string) {
	l.lacking, l.kinds = map[diag.Ref]bool{}, map[string]share{}
	eachObject(before, func(o manifest.Object) {
		ref := manifest.RefOf(o)
		kind := l.kinds[ref.Kind]
		kind.total++
		if cause := causes[ref]; cause != "" {
			kind.lost++
			l.lacking[ref] = true
			l.because(cause)
		}
		l.kinds[ref.Kind] = kind
	})
}

// undo puts back what is lost: the objects, and if these decided, the IngressClasses. The ConfigMaps that flags name stay then, too: with
// an IngressClass goes the rest of the release that it belongs to.
func (l *loss) undo(before, now *manifest.Snapshot, settings translate.Settings) *manifest.Snapshot {
	var objects []manifest.Object
	eachObject(before, func(o manifest.Object) {
		if l.lacking[manifest.RefOf(o)] {
			objects = append(objects, o)
		}
	})
	if !l.classes {
		return now.Replacing(objects)
	}
	for _, class := range before.Classes {
		objects = append(objects, class)
	}
	for _, name := range []translate.Name{settings.ConfigMap, settings.TCPServices, settings.UDPServices} {
		if cm := before.ConfigMap(name.Namespace, name.Name); cm != nil && now.ConfigMap(name.Namespace, name.Name) == nil {
			objects = append(objects, cm)
		}
	}
	return now.Replacing(objects).With(func(s *manifest.Snapshot) {
		s.ClassesUnreadable = before.ClassesUnreadable
		if len(before.Classes) == 0 {
			s.Classes = nil
		}
	})
}

// eachObject goes through all objects of a Snapshot.
func eachObject(s *manifest.Snapshot, visit func(manifest.Object)) {
	visitAll(s.Ingresses, visit)
	visitAll(s.Classes, visit)
	visitAll(s.Services, visit)
	visitAll(s.Slices, visit)
	visitAll(s.Secrets, visit)
	visitAll(s.ConfigMaps, visit)
}

func visitAll[T manifest.Object](list []T, visit func(manifest.Object)) {
	for _, o := range list {
		visit(o)
	}
}
