/**
 * The metrics page. Every series is set at the scrape from plain fields of the view, so a tick pays nothing for it.
 * A value that is not known is NaN, never 0. One row per metric in docs/metrics.md; a straight table, hence its length.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { MakerView } from '../core/view.ts'
import { meanKappa } from './status.ts'

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

interface PlainMetric {
  readonly name: string
  readonly help: string
  readonly read: (view: MakerView) => number | null
}

/** Several series of one name; labels in the order of `labels`. */
interface LabelledMetric {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly read: (view: MakerView) => readonly (readonly [labels: readonly string[], value: number])[]
}

const MICRO_USD = 1e6
const toUsd = (microUsd: number): number => microUsd / MICRO_USD
const toPrice = (view: MakerView, ticks: number | null): number | null =>
  ticks === null ? null : ticks / 10 ** view.priceDecimals

const GAUGES: readonly PlainMetric[] = [
  { name: 'mm_spread_bps', help: 'Between our best bid and ask, bps of the mid', read: (v) => v.spreadBps },
  {
    name: 'mm_position',
    help: 'Position in base units, short is negative',
    read: (v) => v.positionLots / 10 ** v.szDecimals,
  },
  { name: 'mm_daily_pnl', help: 'PnL since midnight UTC, USD', read: (v) => toUsd(v.dailyPnlMicroUsd) },
  {
    name: 'mm_adverse_selection_bps',
    help: 'Expected move against us after a fill, bps, cost positive',
    read: (v) => v.adverseSelectionBps,
  },
  {
    name: 'mm_sigma',
    help: 'Standard deviation of the log price per square root of a second, jumps left out',
    read: (v) => v.sigmaPerSqrtSec,
  },
  {
    name: 'mm_kappa',
    help: 'Decay of the fill intensity per unit fraction of distance, mean of both sides',
    read: meanKappa,
  },
  { name: 'mm_kappa_bid', help: 'Kappa of our bids, per unit fraction', read: (v) => v.kappaBid },
  { name: 'mm_kappa_ask', help: 'Kappa of our asks, per unit fraction', read: (v) => v.kappaAsk },
  { name: 'mm_mid_price', help: 'Middle of the touch, USD', read: (v) => toPrice(v, v.midTicks) },
  { name: 'mm_toxicity', help: 'Share of one-sided volume, 0 to 1', read: (v) => v.toxicity },
  {
    name: 'mm_reference_basis_bps',
    help: 'Usual distance of our mid above the mid of the reference market, bps',
    read: (v) => v.referenceBasisBps,
  },
  {
    name: 'mm_reference_lead',
    help: 'Share of a gap to the reference market that our mid makes up within the horizon, 0 to 1',
    read: (v) => v.referenceLead,
  },
  { name: 'mm_open_orders', help: 'Orders of ours that may still fill', read: (v) => v.openOrderCount },
  {
    name: 'mm_uncertain_orders',
    help: 'Orders of which the venue has not said whether they exist',
    read: (v) => v.uncertainOrderCount,
  },
  { name: 'mm_book_age_ms', help: 'Age of the last book message, ms', read: (v) => v.bookAgeMs },
  {
    name: 'mm_quoting',
    help: '1 while both sides are quoted, else 0',
    read: (v) => (v.state === 'quoting' ? 1 : 0),
  },
  {
    name: 'mm_kill_switch',
    help: '1 when the kill switch is set, else 0',
    read: (v) => (v.isKilled ? 1 : 0),
  },
  {
    name: 'mm_requests_left',
    help: 'Requests that the venue still allows this address',
    read: (v) => v.requestsLeft,
  },
  {
    name: 'mm_request_runway_hours',
    help: 'Hours until no request is left at the present spending',
    read: (v) => v.requestRunwayHours,
  },
  {
    name: 'mm_request_weight_left',
    help: 'Request weight of this address of origin left in the running minute, at the last comparison',
    read: (v) => v.requestWeightLeft,
  },
  {
    name: 'mm_isolated_margin_usd',
    help: 'Margin of the isolated position, USD',
    read: (v) => (v.isolatedMarginMicroUsd === null ? null : toUsd(v.isolatedMarginMicroUsd)),
  },
  {
    name: 'mm_liquidation_distance_pct',
    help: 'From the mark to the liquidation price, percent of the mark',
    read: (v) => (v.liquidationShare === null ? null : 100 * v.liquidationShare),
  },
  {
    name: 'mm_foreign_orders',
    help: 'Resting orders of the account that are not ours',
    read: (v) => v.foreignOrderCount,
  },
  {
    name: 'mm_clock_skew_ms',
    help: 'Our clock less the clock of the venue by the quickest books of the last minutes, ms',
    read: (v) => v.clockSkewMs,
  },
  {
    name: 'mm_loop_lag_ms',
    help: 'Longest stall of the event loop within the last sample, ms',
    read: (v) => v.loopLagMs,
  },
  {
    name: 'mm_order_mismatches',
    help: 'Orders that differed from the list of the venue at the last comparison',
    read: (v) => v.orderMismatchCount,
  },
]

const LABELLED_GAUGES: readonly LabelledMetric[] = [
  {
    name: 'mm_pnl_usd',
    help: 'PnL of the session, USD; spread, fees, funding and inventory add up to total',
    labels: ['part'],
    read: ({ pnl }) => [
      [['total'], toUsd(pnl.totalMicroUsd)],
      [['spread'], toUsd(pnl.spreadMicroUsd)],
      [['fees'], toUsd(pnl.feesMicroUsd)],
      [['funding'], toUsd(pnl.fundingMicroUsd)],
      [['inventory'], toUsd(pnl.inventoryMicroUsd)],
      [['realised'], toUsd(pnl.realisedMicroUsd)],
      [['unrealised'], toUsd(pnl.unrealisedMicroUsd)],
    ],
  },
  {
    name: 'mm_waterfall_bps',
    help: 'Terms of the innermost quote of a side, bps; positive moves it away from the market',
    labels: ['side', 'term'],
    read: (view) => [
      ...Object.entries(view.bidWaterfallBps).map(([term, bps]) => [['bid', term], bps] as const),
      ...Object.entries(view.askWaterfallBps).map(([term, bps]) => [['ask', term], bps] as const),
    ],
  },
  {
    name: 'mm_risk_finding',
    help: '1 for each risk monitor that limits the quoting now',
    labels: ['monitor', 'action'],
    read: ({ findings }) => findings.map(({ monitor, action }) => [[monitor, action], 1] as const),
  },
  {
    name: 'mm_floor_binding',
    help: '1 for the floor that decided the innermost quote of a side',
    labels: ['side', 'floor'],
    read: (view) => [
      [['bid', view.bidFloor], 1],
      [['ask', view.askFloor], 1],
    ],
  },
]

/** What the maker believes, and how it came to its last decision. */
const DECISION_GAUGES: readonly LabelledMetric[] = [
  {
    name: 'mm_estimate',
    help: 'Estimate of the last decision by its name in explain, in the unit named there; NaN when it cannot be used',
    labels: ['name'],
    read: ({ estimates }) =>
      Object.entries(estimates).map(([name, { value }]) => [[name], value ?? Number.NaN] as const),
  },
  {
    name: 'mm_estimate_confidence',
    help: 'Confidence of each estimate, 0 to 1',
    labels: ['name', 'status'],
    read: ({ estimates }) =>
      Object.entries(estimates).map(
        ([name, { status, confidence }]) => [[name, status], confidence] as const,
      ),
  },
  {
    name: 'mm_estimate_age_ms',
    help: 'Age of the data behind each estimate at the last decision, ms',
    labels: ['name'],
    read: ({ estimates }) =>
      Object.entries(estimates).map(([name, { ageMs }]) => [[name], ageMs ?? Number.NaN] as const),
  },
  {
    name: 'mm_kappa_95',
    help: 'Kappa lies between lower and upper with 95 percent, per unit fraction',
    labels: ['side', 'bound'],
    read: ({ kappaBid95, kappaAsk95 }) => [
      [['bid', 'lower'], kappaBid95?.[0] ?? Number.NaN],
      [['bid', 'upper'], kappaBid95?.[1] ?? Number.NaN],
      [['ask', 'lower'], kappaAsk95?.[0] ?? Number.NaN],
      [['ask', 'upper'], kappaAsk95?.[1] ?? Number.NaN],
    ],
  },
  {
    name: 'mm_markout_bps',
    help: 'Mean move against us after our fills, bps, cost positive, from the mid at the fill or at placement',
    labels: ['side', 'horizon_ms', 'since'],
    read: ({ pipelineFigures }) =>
      (pipelineFigures?.markouts ?? []).flatMap(({ quote, horizonMs, sinceFillBps, sincePlacementBps }) => [
        [[quote, String(horizonMs), 'fill'], sinceFillBps ?? Number.NaN] as const,
        [[quote, String(horizonMs), 'placement'], sincePlacementBps ?? Number.NaN] as const,
      ]),
  },
  {
    name: 'mm_markout_error_bps',
    help: 'Standard error of the markout since the fill, bps',
    labels: ['side', 'horizon_ms'],
    read: ({ pipelineFigures }) =>
      (pipelineFigures?.markouts ?? []).map(
        ({ quote, horizonMs, errorBps }) => [[quote, String(horizonMs)], errorBps ?? Number.NaN] as const,
      ),
  },
  {
    name: 'mm_edge_bps',
    help: 'What a fill earned on average, bps: spread less impact less fee is net',
    labels: ['side', 'part'],
    read: ({ pipelineFigures }) =>
      (pipelineFigures?.edges ?? []).flatMap(({ quote, spreadBps, impactBps, feeBps, netBps }) => [
        [[quote, 'spread'], spreadBps] as const,
        [[quote, 'impact'], impactBps ?? Number.NaN] as const,
        [[quote, 'fee'], feeBps] as const,
        [[quote, 'net'], netBps ?? Number.NaN] as const,
      ]),
  },
  {
    name: 'mm_risk_aversion_factor',
    help: 'Factors on the risk aversion at the last decision, 1 is neutral',
    labels: ['factor'],
    read: ({ strategyFigures }) =>
      Object.entries(strategyFigures?.riskFactors ?? {}).map(([name, factor]) => [[name], factor] as const),
  },
  {
    name: 'mm_tight_quoting',
    help: '1 while quoting below the minimum spread is on',
    labels: [],
    read: ({ strategyFigures }) => (strategyFigures === null ? [] : [[[], strategyFigures.isTight ? 1 : 0]]),
  },
  {
    name: 'mm_knife',
    help: '1 while a falling or rising price keeps the side away that it would run over',
    labels: ['direction'],
    read: ({ strategyFigures }) =>
      Object.entries(strategyFigures?.knife ?? {}).map(([name, isOn]) => [[name], isOn ? 1 : 0] as const),
  },
  {
    name: 'mm_tight_condition',
    help: '1 for each condition of tight quoting that holds, 0 for one that fails',
    labels: ['condition'],
    read: ({ strategyFigures }) =>
      Object.entries(strategyFigures?.tightConditions ?? {}).map(
        ([name, holds]) => [[name], holds ? 1 : 0] as const,
      ),
  },
  {
    name: 'mm_floor_share',
    help: 'Share of the time in which each floor, or the model above all, decided the innermost quote of a side',
    labels: ['side', 'floor'],
    read: ({ strategyFigures }) => [
      ...Object.entries(strategyFigures?.bidFloorShares ?? {}).map(
        ([floor, share]) => [['bid', floor], share] as const,
      ),
      ...Object.entries(strategyFigures?.askFloorShares ?? {}).map(
        ([floor, share]) => [['ask', floor], share] as const,
      ),
    ],
  },
]

const COUNTERS: readonly PlainMetric[] = [
  { name: 'mm_fills_total', help: 'Fills of ours', read: (v) => v.fillCount },
  { name: 'mm_volume_usd_total', help: 'Notional of our fills, USD', read: (v) => toUsd(v.volumeMicroUsd) },
  { name: 'mm_quotes_total', help: 'Order messages sent: places and modifies', read: (v) => v.quoteCount },
  { name: 'mm_cancels_total', help: 'Cancels sent', read: (v) => v.cancelCount },
  { name: 'mm_refusals_total', help: 'Orders that the venue refused', read: (v) => v.refusalCount },
  {
    name: 'mm_duplicate_fills_total',
    help: 'Fills that arrived again and were not counted again',
    read: (v) => v.duplicateFillCount,
  },
  {
    name: 'mm_protection_trips_total',
    help: 'Times that market maker protection stepped in',
    read: (v) => v.protectionTripCount,
  },
  {
    name: 'mm_fill_bursts_total',
    help: 'Fills that were part of a burst on one side',
    read: (v) => v.burstCount,
  },
  {
    name: 'mm_market_sweeps_total',
    help: 'Prints that were part of a sweep of the market',
    read: (v) => v.sweepCount,
  },
]

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
