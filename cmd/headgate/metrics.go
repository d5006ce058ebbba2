package main

import (
	"cmp"
	"context"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/watch"
)

// metrics are what run tells Prometheus. docs/run.md lists them.
type metrics struct {
	registry    *prometheus.Registry
	generation  *prometheus.GaugeVec
	lastOK      prometheus.Gauge
	lastSuccess prometheus.Gauge
	reloads     *prometheus.CounterVec
	causes      *prometheus.CounterVec
	phases      *prometheus.HistogramVec
	objects     *prometheus.GaugeVec
	diagnostics *prometheus.GaugeVec

	// shown is the generation and told are the diagnostics that have series. A series is replaced by setting the new one first: a scrape
	// in between must not find nothing.
	shown string
	told  map[[2]string]float64
}

// phaseBuckets reach from an endpoint change in a small cluster to a first rendering in a huge one.
var phaseBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// newMetrics makes a registry of its own: nothing that a library registers by itself is shown.
func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.generation = m.gauges("config_generation_info", "Generation of the configuration that the proxy has confirmed; always 1.", "generation")
	m.lastOK = m.gauge("config_last_reload_successful", "Whether the newest configuration is the one that is served (1) or was rejected (0).")
	m.lastSuccess = m.gauge("config_last_reload_success_timestamp_seconds", "When the proxy last confirmed a configuration.")
	m.objects = m.gauges("objects", "Objects in the newest input.", "kind")
	m.diagnostics = m.gauges("diagnostics", "Diagnostics about the newest input.", "code", "severity")
	m.reloads = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "headgate", Name: "reloads_total", Help: "Attempts to bring a configuration to the proxy, by method (start, reload, runtime), result and reason.",
	}, []string{"method", "result", "reason"})
	m.causes = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "headgate", Name: "reload_causes_total",
		Help: "Full reloads where a runtime update was not possible, by cause (files, many, refused, different, drift, unknown).",
	}, []string{"cause"})
	m.phases = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: "headgate", Name: "phase_duration_seconds", Help: "How long the steps from objects to a served configuration took.", Buckets: phaseBuckets,
	}, []string{"phase"})
	build := m.gauges("build_info", "Version of Headgate; always 1.", "version", "goversion")
	build.WithLabelValues(version(), runtime.Version()).Set(1)
	m.registry.MustRegister(m.reloads, m.causes, m.phases, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "headgate", Name: name, Help: help})
	m.registry.MustRegister(g)
	return g
}

func (m *metrics) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "headgate", Name: name, Help: help}, labels)
	m.registry.MustRegister(g)
	return g
}

func (m *metrics) gaugeFunc(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "headgate", Name: name, Help: help}, value))
}

// handler serves the metrics.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// watchSource shows the state of the source, asked at each scrape.
func (m *metrics) watchSource(state func() watch.State) {
	m.gaugeFunc("source_synced", "Whether all objects have been read at least once.", func() float64 { return asNumber(state().Synced) })
	m.gaugeFunc("source_connected", "Whether changes would be noticed.", func() float64 { return asNumber(state().Connected) })
}

// watchLogs shows how much of the logs was dropped.
func (m *metrics) watchLogs(l *logs) {
	for name, s := range map[string]*sink{"stderr": l.own, "stdout": l.access} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Namespace: "headgate", Name: "log_lines_dropped_total",
			Help:        "Lines of the log (stderr) and of the proxy's access log (stdout) that were dropped because nobody read them.",
			ConstLabels: prometheus.Labels{"stream": name},
		}, func() float64 { return float64(s.dropped.Load()) }))
	}
}

// watchCompanion shows whether the nginx that forwards UDP beside HAProxy does what it was last told.
func (m *metrics) watchCompanion(status func() reload.Status) {
	m.gaugeFunc("udp_proxy_successful", "Whether the nginx that forwards UDP beside HAProxy serves the newest UDP ports (1), or was never needed (1).", func() float64 {
		s := status()
		return asNumber(s.Err == nil && s.Rejected == "")
	})
}

// scrapeTimeout bounds what a scrape asks the proxy.
const scrapeTimeout = time.Second

// watchWorkers shows the old workers, counted at each scrape; -1 if they cannot be counted.
func (m *metrics) watchWorkers(count func(context.Context) (int, error)) {
	m.gaugeFunc("proxy_old_workers", "Processes of the proxy that are finishing their last connections after a reload; -1 if unknown.", func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
		defer cancel()
		n, err := count(ctx)
		if err != nil {
			return -1
		}
		return float64(n)
	})
}

// watchOldWorkers shows what was done because there were too many old workers.
func (m *metrics) watchOldWorkers(status func() reload.Status) {
	m.gaugeFunc("proxy_waits_for_old_workers", "Whether a change waits because too many old workers are finishing their connections.", func() float64 {
		return asNumber(status().Waits)
	})
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Namespace: "headgate", Name: "proxy_old_workers_ended_total", Help: "Old workers that were ended because there were too many.",
	}, func() float64 { return float64(status().OldWorkersEnded) }))
}

// observer takes what the applier tells.
func (m *metrics) observer() reload.Observer {
	return reload.Observer{Status: m.status, Attempt: m.attempt}
}

func (m *metrics) status(s reload.Status) {
	if !s.ConfirmedAt.IsZero() {
		m.lastSuccess.Set(float64(s.ConfirmedAt.UnixMilli()) / 1000)
	}
	m.lastOK.Set(asNumber(s.Ready && s.Rejected == "" && s.Err == nil))
	generation := ""
	if s.Ready {
		generation = cmp.Or(s.LastGood, s.Generation) // what is in place may be awaited yet
		m.generation.WithLabelValues(generation).Set(1)
	}
	if m.shown != generation {
		m.generation.DeleteLabelValues(m.shown)
	}
	m.shown = generation
}

func (m *metrics) attempt(a reload.Attempt) {
	result := "ok"
	if a.Err != nil {
		result = "failed"
	}
	m.reloads.WithLabelValues(string(a.Applied.Method), result, a.Reason).Inc()
	if a.Applied.Cause != "" {
		m.causes.WithLabelValues(string(a.Applied.Cause)).Inc()
	}
	m.phases.WithLabelValues("reload").Observe(a.Duration.Seconds())
}

// input shows what a delivery held and what was said about it.
func (m *metrics) input(snap *manifest.Snapshot, remarks diag.List) {
	for kind, n := range map[string]int{
		"Ingress": len(snap.Ingresses), "IngressClass": len(snap.Classes), "Service": len(snap.Services), "EndpointSlice": len(snap.Slices),
		"Secret": len(snap.Secrets), "ConfigMap": len(snap.ConfigMaps),
	} {
		m.objects.WithLabelValues(kind).Set(float64(n))
	}
	told := map[[2]string]float64{}
	for _, d := range remarks {
		told[[2]string{d.Code.String(), d.Severity.String()}]++
	}
	for labels, n := range told {
		m.diagnostics.WithLabelValues(labels[:]...).Set(n)
	}
	for labels := range m.told {
		if _, still := told[labels]; !still {
			m.diagnostics.DeleteLabelValues(labels[:]...)
		}
	}
	m.told = told
}

// compiled shows how long translation and rendering took.
func (m *metrics) compiled(c compiled) {
	m.phases.WithLabelValues("translate").Observe(c.translation.Seconds())
	m.phases.WithLabelValues("render").Observe(c.rendering.Seconds())
}

// asNumber is how Prometheus writes yes and no.
func asNumber(yes bool) float64 { //nolint:revive // it converts the value, nothing is controlled by it
	if yes {
		return 1
	}
	return 0
}
