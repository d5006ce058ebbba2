package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"

	"github.com/headgate/headgate/manifest"
)

// retry is how long a feed waits after failures: an API server that restarts is found again within seconds.
var retry = wait.Backoff{Duration: 500 * time.Millisecond, Factor: 2, Jitter: 0.5, Steps: 6, Cap: 10 * time.Second}

// resource is a kind of objects in the API server.
type resource struct {
	name    string
	group   string
	example runtime.Object
	convert func(any) manifest.Object
	// fields selects the objects that can matter; the server leaves out the others.
	fields string
	// global says that the kind has no namespaces, dispensable that Headgate can do without.
	global, dispensable bool
}

// resources are the kinds that are followed.
var resources = []resource{
	{name: "ingresses", group: networkingv1.GroupName, example: &networkingv1.Ingress{}, convert: converter(convertIngress)},
	{name: "ingressclasses", group: networkingv1.GroupName, example: &networkingv1.IngressClass{}, convert: converter(convertClass), global: true, dispensable: true},
	{name: "services", group: corev1.GroupName, example: &corev1.Service{}, convert: converter(convertService)},
	{name: "endpointslices", group: discoveryv1.GroupName, example: &discoveryv1.EndpointSlice{}, convert: converter(convertSlice)},
	{name: "secrets", group: corev1.GroupName, example: &corev1.Secret{}, convert: converter(convertSecret), fields: usableSecrets},
	{name: "configmaps", group: corev1.GroupName, example: &corev1.ConfigMap{}, convert: converter(convertConfigMap), fields: "metadata.name!=kube-root-ca.crt"},
}

// usableSecrets leaves out the types that no Ingress can use and that clusters are full of.
const usableSecrets = "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token,type!=bootstrap.kubernetes.io/token," +
	"type!=kubernetes.io/dockercfg,type!=kubernetes.io/dockerconfigjson,type!=kubernetes.io/ssh-auth"

func converter[T any](convert func(*T) manifest.Object) func(any) manifest.Object {
	return func(o any) manifest.Object { return convert(o.(*T)) }
}

// feed keeps one store equal to what the API server has of one resource.
type feed struct {
	scope
	cluster   *Cluster
	store     *store
	reflector *cache.Reflector

	mu        sync.Mutex
	forbidden bool
}

func newFeed(clients clients, scope scope, cluster *Cluster) *feed {
	f := &feed{scope: scope, cluster: cluster}
	f.store = newStore(scope.convert, cluster.notice)
	lw := cache.NewFilteredListWatchFromClient(clients[scope.group], scope.name, scope.namespace, func(o *metav1.ListOptions) {
		o.FieldSelector, o.LabelSelector = scope.fields, scope.labels
	})
	f.observe(lw, cluster.limits)
	f.reflector = cache.NewReflectorWithOptions(lw, scope.example, f.store, cache.ReflectorOptions{Name: scope.name, Backoff: &retry})
	return f
}

// observe reports how each request went, and bounds watches. What the transport knows better it reports itself.
func (f *feed) observe(lw *cache.ListWatch, limits limits) {
	list, watch := lw.ListWithContextFunc, lw.WatchFuncWithContext
	lw.ListWithContextFunc = func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		c := &call{feed: f, verb: verbList}
		c.listing.Store(true)
		o, err := list(c.in(ctx), options)
		switch {
		case err == nil:
			f.cluster.report(f, (*trouble).listed)
		case !isPassing(err, options):
			f.failed(verbList, err)
			f.forbid(err)
		}
		return o, err
	}
	lw.WatchFuncWithContext = func(ctx context.Context, options metav1.ListOptions) (apiwatch.Interface, error) {
		seconds := int64(limits.watch.Seconds())
		options.TimeoutSeconds = &seconds
		c := &call{feed: f, verb: verbWatch}
		c.listing.Store(options.SendInitialEvents != nil && *options.SendInitialEvents)
		f.store.onReplace(func() { c.listing.Store(false) })
		w, err := watch(c.in(ctx), options)
		if err != nil && !isPassing(err, options) {
			f.failed(verbWatch, err)
		}
		return w, err
	}
}

// isPassing reports whether a refusal is a part of getting along with the server: the version to go on from is too old, so that everything
// is listed anew, or the server cannot send a list as the beginning of a watch.
func isPassing(err error, options metav1.ListOptions) bool {
	from := options.ResourceVersion
	expired := apierrors.IsResourceExpired(err) || apierrors.IsGone(err)
	return expired && from != "" && from != "0" || options.SendInitialEvents != nil && (apierrors.IsInvalid(err) || apierrors.IsBadRequest(err))
}

// failed notes a request that failed.
func (f *feed) failed(what verb, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	f.cluster.report(f, func(t *trouble) bool { return t.fail(what, err, time.Now()) })
}

// follows notes a watch that works.
func (f *feed) follows() { f.cluster.report(f, (*trouble).follows) }

// forbid takes what came of a list. That the objects were forbidden once stays so until the store has them: a request that goes well is
// only the beginning of the first list.
func (f *feed) forbid(err error) {
	if !f.dispensable || !apierrors.IsForbidden(err) {
		return
	}
	f.mu.Lock()
	turned := !f.forbidden
	f.forbidden = true
	f.mu.Unlock()
	if turned {
		f.cluster.notice()
	}
}

func (f *feed) run(ctx context.Context) { f.reflector.RunWithContext(ctx) }

// isForbidden reports whether the objects were never readable. Those that were once, before the permission was taken away, stay in
// force: forgetting the classes would change whose Ingresses are taken.
func (f *feed) isForbidden() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.forbidden && !f.store.hasSynced()
}

// settled reports whether what the store holds is all that there is to know.
func (f *feed) settled() bool { return f.store.hasSynced() || f.isForbidden() }
