/**
 * The metrics of what the maker does: one row for each, with its name, its help and where its value stands in the view.
 * A value that is not known is NaN, never 0. Each row has its line in docs/metrics.md. Long because it is a table.
 */
import type { MakerView } from '../core/view.ts'
import { meanKappa } from './status.ts'

export interface PlainMetric {
  readonly name: string
  readonly help: string
  readonly read: (view: MakerView) => number | null
}

/** Several series of one name; labels in the order of `labels`. */
export interface LabelledMetric {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly read: (view: MakerView) => readonly (readonly [labels: readonly string[], value: number])[]
}

const MICRO_USD = 1e6
const toUsd = (microUsd: number): number => microUsd / MICRO_USD
const toPrice = (view: MakerView, ticks: number | null): number | null =>
  ticks === null ? null : ticks / 10 ** view.priceDecimals

/** A series for each name of a record, behind the labels that all of them share. */
export function byName(
  record: Readonly<Record<string, number | boolean>> | undefined,
  ...shared: readonly string[]
): (readonly [labels: readonly string[], value: number])[] {
  return Object.entries(record ?? {}).map(([name, value]) => [[...shared, name], Number(value)] as const)
}

export const GAUGES: readonly PlainMetric[] = [
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

export const LABELLED_GAUGES: readonly LabelledMetric[] = [
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
    read: (view) => [...byName(view.bidWaterfallBps, 'bid'), ...byName(view.askWaterfallBps, 'ask')],
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

export const COUNTERS: readonly PlainMetric[] = [
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
