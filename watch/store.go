package watch

import (
	"fmt"
	"reflect"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// item is an object as it is kept: what it means to Headgate, not what the API server sent.
type item struct {
	namespace, name string
	version         string
	object          manifest.Object
}

// GetObjectMeta lets the machinery of client-go find the name of an item.
func (i *item) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Namespace: i.namespace, Name: i.name, ResourceVersion: i.version}
}

// store holds the objects of one kind for a reflector, and tells changes that matter from those that do not: an object whose status,
// labels or bookkeeping changed is still the same here, and stays the same in memory.
type store struct {
	convert func(any) manifest.Object
	changed func()

	mu     sync.Mutex
	items  map[string]*item
	synced bool
	// replaced is called once, when the next whole list has come.
	replaced func()
	// unlisted are objects that a list no longer had, with no event that said they were deleted. A server that lost its data, or another
	// one at its address, answers like this.
	unlisted map[string]diag.Ref
}

var _ cache.TransformingStore = (*store)(nil)

func newStore(convert func(any) manifest.Object, changed func()) *store {
	return &store{convert: convert, changed: changed, items: map[string]*item{}, unlisted: map[string]diag.Ref{}}
}

// Transformer makes the reflector convert what it receives one by one, so that a long first list is never in memory as a whole.
func (s *store) Transformer() cache.TransformFunc {
	return func(o any) (any, error) { return s.itemOf(o) }
}

func (s *store) itemOf(o any) (*item, error) {
	if i, ok := o.(*item); ok {
		return i, nil
	}
	m, err := meta.Accessor(o)
	if err != nil {
		return nil, fmt.Errorf("receiving a %T: %w", o, err)
	}
	return &item{m.GetNamespace(), m.GetName(), m.GetResourceVersion(), s.convert(o)}, nil
}

func (i *item) key() string { return i.namespace + "/" + i.name }

// sameAs prefers the item that is there already to an equal one.
func (i *item) sameAs(held *item) bool {
	return held != nil && (i.version == held.version || reflect.DeepEqual(i.object, held.object))
}

// Add takes a new object.
func (s *store) Add(o any) error { return s.Update(o) }

// Update takes an object that may have changed.
func (s *store) Update(o any) error {
	i, err := s.itemOf(o)
	if err != nil {
		return err
	}
	s.mu.Lock()
	same := i.sameAs(s.items[i.key()])
	if !same {
		s.items[i.key()] = i
		delete(s.unlisted, i.key())
	}
	s.mu.Unlock()
	if !same {
		s.changed()
	}
	return nil
}

// Delete forgets an object.
func (s *store) Delete(o any) error {
	i, err := s.itemOf(o)
	if err != nil {
		return err
	}
	s.mu.Lock()
	_, held := s.items[i.key()]
	delete(s.items, i.key())
	delete(s.unlisted, i.key())
	s.mu.Unlock()
	if held {
		s.changed()
	}
	return nil
}

// Replace takes a whole list, the first one or one after a time without connection.
func (s *store) Replace(list []any, _ string) error {
	next := make(map[string]*item, len(list))
	for n, o := range list {
		i, err := s.itemOf(o)
		if err != nil {
			return err
		}
		next[i.key()] = i
		list[n] = nil
	}
	s.mu.Lock()
	different := !s.synced || len(next) != len(s.items)
	for key, i := range next {
		if held := s.items[key]; i.sameAs(held) {
			next[key] = held
		} else {
			different = true
		}
	}
	for key, i := range s.items {
		if next[key] == nil {
			s.unlisted[key] = manifest.RefOf(i.object)
		}
	}
	for key := range next {
		delete(s.unlisted, key)
	}
	s.items, s.synced = next, true
	replaced := s.replaced
	s.replaced = nil
	s.mu.Unlock()
	if replaced != nil {
		replaced()
	}
	if different {
		s.changed()
	}
	return nil
}

// onReplace has a function called once, when the next whole list has come.
func (s *store) onReplace(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replaced = do
}

// Resync is never asked for: nothing is processed twice.
func (s *store) Resync() error { return nil }

// hasSynced reports whether the first list came.
func (s *store) hasSynced() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.synced
}

// appendTo adds the objects to a list.
func (s *store) appendTo(objects []manifest.Object) []manifest.Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.items {
		objects = append(objects, i.object)
	}
	return objects
}

// appendUnlisted adds the objects that a list no longer had.
func (s *store) appendUnlisted(lost []manifest.LostObject, kind string) []manifest.LostObject {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ref := range s.unlisted {
		cause := "the API server's list of " + kind + " no longer has them, and no event said that they were deleted"
		lost = append(lost, manifest.LostObject{Ref: ref, Cause: cause})
	}
	return lost
}
