package main

import (
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"

	"github.com/headgate/headgate/retain"
	"github.com/headgate/headgate/translate"
)

// withdrawalFlags say when the loss of many hosts is held back.
type withdrawalFlags struct {
	delay             time.Duration
	percent, minHosts int
}

func (f *withdrawalFlags) register(flags *pflag.FlagSet) {
	flags.DurationVar(&f.delay, "withdrawal-delay", 10*time.Minute,
		"how long hosts stay that disappear in large numbers without having been deleted; 0 withdraws them at once")
	flags.IntVar(&f.percent, "withdrawal-percent", 50, "withdrawing more than this `percentage` of all hosts counts as a large withdrawal")
	flags.IntVar(&f.minHosts, "withdrawal-min-hosts", 10, "fewer `hosts` than this never count as a large withdrawal")
}

// validate refuses values that make no sense.
func (f *withdrawalFlags) validate() error {
	switch {
	case f.delay < 0:
		return usageError("--withdrawal-delay must not be negative")
	case f.percent < 0 || f.percent > 100:
		return usageError("--withdrawal-percent must be from 0 to 100")
	case f.minHosts < 1:
		return usageError("--withdrawal-min-hosts must be 1 or more")
	}
	return nil
}

// keeper has what was good served in place of what is not: former versions of objects that cannot be used any more, and hosts that were
// lost by mistake.
type keeper struct {
	settings translate.Settings
	brake    retain.BrakeOptions
	now      func() time.Time
	log      *slog.Logger

	state retain.State
	held  retain.Brake
	timer *time.Timer

	kept  *prometheus.GaugeVec
	hosts prometheus.Gauge
}

func newKeeper(settings translate.Settings, flags *withdrawalFlags, m *metrics, log *slog.Logger) *keeper {
	k := &keeper{
		settings: settings, now: time.Now, log: log,
		brake: retain.BrakeOptions{Delay: flags.delay, Percent: flags.percent, MinHosts: flags.minHosts},
		kept:  m.gauges("objects_kept", "Objects that cannot be used as they are written, so that their last good version is served.", "kind"),
		hosts: m.gauge("withdrawal_held_hosts", "Hosts that were lost without having been deleted and are still served."),
	}
	k.timer = time.NewTimer(time.Hour)
	k.timer.Stop()
	return k
}

// due says when what is held back has to go.
func (k *keeper) due() <-chan time.Time {
	if k == nil {
		return nil
	}
	return k.timer.C
}

// keep replaces what cannot be served, and adds the remarks about that.
func (k *keeper) keep(d delivery) delivery {
	if k == nil {
		return d
	}
	now := k.now()
	before, end := k.held.Held(), k.held.Until(k.brake)
	held, snapshot, remarks := k.held.Next(d.snapshot, k.settings, k.brake, now)
	k.held = held
	k.timer.Stop()
	if until := held.Until(k.brake); !until.IsZero() {
		k.timer.Reset(until.Sub(now))
	} else if before > 0 {
		k.logRelease(before, end.Sub(now))
	}
	state, more := k.state.Next(snapshot, k.settings, now)
	k.state = state
	k.hosts.Set(float64(held.Held()))
	for kind, n := range state.Kept() {
		k.kept.WithLabelValues(kind).Set(float64(n))
	}
	return delivery{state.Served(), slices.Concat(d.remarks, remarks, more)}
}

// logRelease says what has become of hosts that were held back, given what was left of the delay.
func (k *keeper) logRelease(hosts int, left time.Duration) {
	if left > 0 {
		k.log.Info("held-back hosts have returned", "hosts", hosts)
		return
	}
	k.log.Warn("withdrawing held-back hosts: the withdrawal delay has passed", "hosts", hosts)
}
