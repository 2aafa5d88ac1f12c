/**
 * The metrics page. Every series is set at the scrape from plain fields of the view, so a tick pays nothing for it.
 * The rows stand in metric-rows.ts and decision-metrics.ts; here is how a row becomes a series, and those that need more than the
 * view.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { MakerView } from '../core/view.ts'
import { DECISION_GAUGES } from './decision-metrics.ts'
import { COUNTERS, GAUGES, LABELLED_GAUGES, type LabelledMetric, type PlainMetric } from './metric-rows.ts'

/** What the page is made from. */
export interface MetricsSource {
  /** Null until the maker knows its market: all its gauges are NaN then. */
  readonly view: () => MakerView | null
  /** Requests sent so far, by kind. */
  readonly requestCounts: () => Readonly<Record<string, number>>
  /** Records in the journal of this run. */
  readonly eventsWritten?: () => number
  /** What the venue said about its dead man's switch last: off, armed, refused, unavailable, lost. */
  readonly deadMan?: () => string
  /** From the trigger of the kill switch to the last cancel sent, ms; null when it has not tripped. */
  readonly killTookMs?: () => number | null
  /** Stands on every series of a run that sends no orders. */
  readonly mode?: 'paper'
}

/** Default metrics of the process; `nodejs_active_*` are left out because promtool refuses their names. */
const REFUSED_DEFAULTS = /^nodejs_active_/

/** @returns a registry of its own: nothing is kept in the module */
export function createMetrics(source: MetricsSource): Registry {
  const registry = new Registry()
  if (source.mode !== undefined) registry.setDefaultLabels({ mode: source.mode })
  for (const metric of GAUGES) addGauge(registry, metric, source)
  for (const metric of [...LABELLED_GAUGES, ...DECISION_GAUGES]) addLabelledGauge(registry, metric, source)
  for (const metric of COUNTERS) addCounter(registry, metric, source)
  addRequestCounter(registry, source)
  addGateCounter(registry, source)
  addDeadManGauge(registry, source)
  addEventGauge(registry, source)
  addKillHistogram(registry, source)
  collectDefaultMetrics({ register: registry })
  for (const { name } of registry.getMetricsAsArray()) {
    if (REFUSED_DEFAULTS.test(name)) registry.removeSingleMetric(name)
  }
  return registry
}

function addGauge(registry: Registry, metric: PlainMetric, source: MetricsSource): void {
  new Gauge({
    name: metric.name,
    help: metric.help,
    registers: [registry],
    collect() {
      const view = source.view()
      this.set((view === null ? null : metric.read(view)) ?? Number.NaN)
    },
  })
}

function addLabelledGauge(registry: Registry, metric: LabelledMetric, source: MetricsSource): void {
  new Gauge({
    name: metric.name,
    help: metric.help,
    labelNames: [...metric.labels],
    registers: [registry],
    collect() {
      // Series of the last scrape go: a term or floor that no longer holds must not stay on the page.
      this.reset()
      const view = source.view()
      if (view === null) return
      for (const [labels, value] of metric.read(view)) this.labels(...labels).set(value)
    },
  })
}

function addCounter(registry: Registry, metric: PlainMetric, source: MetricsSource): void {
  new Counter({
    name: metric.name,
    help: metric.help,
    registers: [registry],
    collect() {
      const view = source.view()
      this.reset()
      this.inc((view === null ? null : metric.read(view)) ?? 0)
    },
  })
}

function addRequestCounter(registry: Registry, source: MetricsSource): void {
  new Counter({
    name: 'mm_requests_total',
    help: 'Requests sent to the venue',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [kind, count] of Object.entries(source.requestCounts())) this.labels(kind).inc(count)
    },
  })
}

function addEventGauge(registry: Registry, source: MetricsSource): void {
  // Its name was given; as a counter it would have to end in _total.
  new Gauge({
    name: 'oracle_events_written',
    help: 'Records kept in the journal of this run',
    registers: [registry],
    collect() {
      this.set(source.eventsWritten?.() ?? 0)
    },
  })
}

/** Orders that the send gate held back; one order may have several reasons. */
function addGateCounter(registry: Registry, { view }: MetricsSource): void {
  new Counter({
    name: 'mm_gate_refusals_total',
    help: 'Orders that the send gate held back, by reason; one order may have several',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(view()?.gateReasons ?? {})) this.inc({ reason }, count)
    },
  })
}

function addDeadManGauge(registry: Registry, source: MetricsSource): void {
  new Gauge({
    name: 'mm_dead_man_switch',
    help: "1 for the state of the venue's dead man's switch",
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.reset()
      this.labels(source.deadMan?.() ?? 'off').set(1)
    },
  })
}

/** Upper bounds of the kill histogram, ms; the goal is 20. */
const KILL_BUCKETS_MS = [1, 2, 5, 10, 20, 50, 100, 250, 1_000]

function addKillHistogram(registry: Registry, source: MetricsSource): void {
  new Histogram({
    name: 'mm_kill_to_last_cancel_ms',
    help: 'From the trigger of the kill switch to the last cancel sent, ms',
    buckets: KILL_BUCKETS_MS,
    registers: [registry],
    collect() {
      this.reset()
      const tookMs = source.killTookMs?.() ?? null
      if (tookMs !== null) this.observe(tookMs)
    },
  })
}
