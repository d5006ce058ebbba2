package reload

import (
	"context"
	"errors"
	"fmt"
)

// foresight is what is known of a change before it is made: the plan, or why there is none.
type foresight struct {
	from, to string
	plan     haproxyPlan
	cause    Cause
	why      string
}

const unknownText = "what the process runs is not known for certain"

// foresee works out how the process that runs could come to a tree.
func (d *haproxyDriver) foresee(ctx context.Context, to Tree) {
	d.foreseen = foresight{from: d.running.Generation, to: to.Generation}
	f := &d.foreseen
	switch {
	case d.drift != "":
		f.cause, f.why = CauseDrift, d.drift
	case d.running.Generation == "" || d.pending != nil:
		f.cause, f.why = CauseUnknown, unknownText
	default:
		s, err := d.session(ctx)
		if err != nil {
			f.cause, f.why = CauseUnknown, err.Error()
			return
		}
		defer s.close()
		r := haproxyRuntime{s, d.retiring}
		known, err := r.inventory(d.opts)
		if err != nil {
			f.cause, f.why = CauseRefused, err.Error()
			return
		}
		if f.plan, f.why = planChange(d.running.Files, to.Files, known); f.why != "" {
			f.cause = CauseFiles
		} else if cost, bound := f.plan.cost(), reloadCost(to.Files); cost > bound {
			f.cause, f.why = CauseMany, fmt.Sprintf("the change costs as much as %d commands, and a reload as much as %d", cost, bound)
		}
	}
}

// change brings a change into the running process. If that does not come to a good end, it says why the files have to be loaded.
func (d *haproxyDriver) change(ctx context.Context, change Change) (cause Cause, why string) {
	from, to := change.From.Generation, change.To.Generation
	switch {
	case d.drift != "":
		return CauseDrift, d.drift
	case from == "" || from != d.running.Generation:
		return CauseUnknown, unknownText
	}
	if d.foreseen.from != from || d.foreseen.to != to {
		d.foresee(ctx, change.To)
	}
	if d.foreseen.cause != "" {
		return d.foreseen.cause, d.foreseen.why
	}
	s, err := d.session(ctx)
	if err != nil {
		return CauseUnknown, err.Error()
	}
	defer s.close()
	r := &haproxyRuntime{s, d.retiring}
	if err := r.do(&d.foreseen.plan); err != nil {
		return CauseRefused, err.Error()
	}
	c := comparison{haproxyRuntime: r, options: d.opts}
	if err := c.plan(&d.foreseen.plan); err != nil {
		return CauseRefused, err.Error()
	}
	if len(c.found) > 0 {
		return CauseDifferent, c.found[0].String()
	}
	if err := r.setGeneration(to); err != nil {
		return CauseRefused, err.Error()
	}
	d.worker = s.pid
	return "", ""
}

// setGeneration tells the process what it runs now.
func (r *haproxyRuntime) setGeneration(id string) error {
	if _, err := r.ask("experimental-mode on"); err != nil {
		return err
	}
	return r.demand("", "set var "+haproxyVariable+" str("+id+")")
}

// session opens a conversation with the process that runs the running tree.
func (d *haproxyDriver) session(ctx context.Context) (*haproxySession, error) {
	s, err := d.current(ctx)
	if err != nil {
		return nil, err
	}
	id, err := s.generation()
	if err == nil && id != d.running.Generation {
		err = fmt.Errorf("the process runs generation %q instead of %s", id, d.running.Generation)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}
