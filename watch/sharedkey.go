package watch

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// SharedKeyField is the field of a Secret that holds a shared key.
const SharedKeyField = "session.key"

// sharedKeyTimeout bounds one request for a shared key.
const sharedKeyTimeout = 10 * time.Second

// SharedKeyOptions says where replicas keep a key that they share.
type SharedKeyOptions struct {
	// Config says where the API server is and who we are. The account needs to get the Secret and, unless somebody else makes it, to
	// create Secrets in its namespace.
	Config *rest.Config
	// Namespace and Name are those of the Secret.
	Namespace, Name string
	// Make returns a new key, for the replica that finds no Secret. Check, if not nil, says what is wrong with a key that was found.
	Make  func() []byte
	Check func(key []byte) error
	// Log receives why there is no key yet. Nil means slog.Default.
	Log *slog.Logger
}

// SharedKey returns a key that is the same for all replicas: that of the Secret, which the first replica creates. Replicas that start
// together agree, because the API server lets only one of them create it. It retries until it has the key; its only error is that of ctx.
func SharedKey(ctx context.Context, options SharedKeyOptions) ([]byte, error) {
	if options.Log == nil {
		options.Log = slog.Default()
	}
	pause, last := retry, ""
	for {
		key, err := options.fetch(ctx)
		if err == nil {
			return key, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err.Error() != last {
			last = err.Error()
			options.Log.Error("no shared key yet; trying again", "secret", options.Namespace+"/"+options.Name, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause.Step()):
		}
	}
}

// fetch reads the Secret, and creates it if it is not there.
func (o *SharedKeyOptions) fetch(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, sharedKeyTimeout)
	defer cancel()
	clients, err := newClients(o.Config, defaultLimits)
	if err != nil {
		return nil, fmt.Errorf("preparing to talk to the API server: %w", err)
	}
	core := clients[corev1.GroupName]
	secret := &corev1.Secret{}
	err = core.Get().Namespace(o.Namespace).Resource("secrets").Name(o.Name).Do(ctx).Into(secret)
	if apierrors.IsNotFound(err) {
		secret = &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{
				Name: o.Name, Namespace: o.Namespace, Labels: map[string]string{"app.kubernetes.io/managed-by": "headgate"},
			},
			Data: map[string][]byte{SharedKeyField: o.Make()},
		}
		// If another replica was faster the API server refuses, and the next look finds what that one has made.
		err = core.Post().Namespace(o.Namespace).Resource("secrets").Body(secret).Do(ctx).Into(secret)
	}
	if err != nil {
		return nil, err
	}
	key := secret.Data[SharedKeyField]
	if o.Check != nil {
		if err := o.Check(key); err != nil {
			return nil, fmt.Errorf("field %s: %w", SharedKeyField, err)
		}
	}
	return key, nil
}
