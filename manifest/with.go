package manifest

// With returns a copy of the Snapshot to which more was added. The objects are shared.
func (s *Snapshot) With(opts ...Option) *Snapshot {
	with := *s
	for _, opt := range opts {
		opt(&with)
	}
	with.index = newIndex(&with)
	return &with
}
