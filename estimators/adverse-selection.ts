/**
 * What the market does to us after a fill: markouts of own fills, by side and horizon.
 *
 * in      own fills with the mid at that moment and at placement; mids; time
 * out     expected move against us, bps of the mid, cost positive, at the configured horizon; shrunk to a prior
 * state   the last `PENDING_MAX` fills whose horizons are not all due, and decayed sums per horizon and side
 * source  Huang & Stoll (1996): effective = realised + adverse; docs/math/adverse-selection.md
 *
 * The markout uses the first mid at or after its due time; one that comes later than the tolerance is dropped and
 * counted. Memory decays by fills, not by the clock, so that a quiet night forgets nothing.
 */
import { assert } from '../src/core/assert.ts'
import type { MarkoutFigure, Reading } from '../src/core/contracts.ts'
import type { Side } from '../src/core/units.ts'

export interface AdverseSelectionConfig {
  readonly priorBps: number
  /** How many fills the prior is worth, > 0. */
  readonly priorFills: number
  /** Which entry of `MARKOUT_HORIZONS_MS` is the expected cost. Chosen beforehand, not by its result. */
  readonly horizonIndex: number
  readonly halfLifeFills: number
  /** Single markouts count at most this, bps. */
  readonly clampBps: number
}

export const MARKOUT_HORIZONS_MS = [500, 2_000, 10_000, 60_000] as const

/** A fill that waits for its markouts. */
interface PendingFill {
  readonly side: Side
  readonly tsMs: number
  readonly midTicks: number
  /** Mid at placement; 0: unknown. */
  readonly placementMidTicks: number
  /** Next horizon due. */
  horizonIndex: number
}

/** Decayed sums of one side at one horizon, bps. */
export interface MarkoutSums {
  weight: number
  sum: number
  squares: number
  /** The same against the mid at placement: includes what the market did before the fill. */
  placementWeight: number
  placementSum: number
  /** Of the last markout; 0: none yet. */
  tsMs: number
}

export interface AdverseSelectionState {
  readonly config: AdverseSelectionConfig
  readonly pending: PendingFill[]
  readonly bid: readonly MarkoutSums[]
  readonly ask: readonly MarkoutSums[]
  tsMs: number
  /** Markouts without a mid in time, and fills that found the queue full. */
  late: number
  dropped: number
}

/** Fewer fills, parts of one order perhaps, say nothing of how much they differ. */
const ERROR_FILLS_MIN = 5
/** Fills of a minute that can wait at once; more than this is a flood whose oldest are dropped. */
const PENDING_MAX = 256
/** A mid may come this share of the horizon late, and at least the least tolerance. */
const TOLERANCE_SHARE = 0.5
const TOLERANCE_MS_MIN = 1_000

export function initAdverseSelection(config: AdverseSelectionConfig): AdverseSelectionState {
  assert(config.priorFills > 0, 'adverse selection: priorFills is positive')
  assert(config.halfLifeFills > 0, 'adverse selection: halfLifeFills is positive')
  assert(
    MARKOUT_HORIZONS_MS[config.horizonIndex] !== undefined,
    'adverse selection: horizonIndex names a horizon',
  )
  const sums = (): MarkoutSums[] =>
    MARKOUT_HORIZONS_MS.map(() => ({
      weight: 0,
      sum: 0,
      squares: 0,
      placementWeight: 0,
      placementSum: 0,
      tsMs: 0,
    }))
  return { config, pending: [], bid: sums(), ask: sums(), tsMs: 0, late: 0, dropped: 0 }
}

/** @param midTicks mid at the fill, > 0 */
export function observeFill(
  state: AdverseSelectionState,
  fill: {
    readonly tsMs: number
    readonly side: Side
    readonly midTicks: number
    readonly midAtPlacementTicks: number | null
  },
): void {
  assert(fill.midTicks > 0, 'adverse selection: mid is positive')
  if (state.pending.length >= PENDING_MAX) {
    state.pending.shift()
    state.dropped += 1
  }
  state.pending.push({
    side: fill.side,
    tsMs: fill.tsMs,
    midTicks: fill.midTicks,
    placementMidTicks: fill.midAtPlacementTicks ?? 0,
    horizonIndex: 0,
  })
}

/** Completes every markout that is due at this mid. */
export function observeMarkoutMid(state: AdverseSelectionState, tsMs: number, midTicks: number): void {
  state.tsMs = tsMs
  if (state.pending.length === 0) return
  for (const fill of state.pending) completeDue(state, fill, tsMs, midTicks)
  // Fills are in time order, so the finished ones stand in front.
  while (state.pending.length > 0 && (state.pending[0]?.horizonIndex ?? 0) >= MARKOUT_HORIZONS_MS.length) {
    state.pending.shift()
  }
}

function completeDue(state: AdverseSelectionState, fill: PendingFill, tsMs: number, midTicks: number): void {
  for (let index = fill.horizonIndex; index < MARKOUT_HORIZONS_MS.length; index += 1) {
    const horizonMs = MARKOUT_HORIZONS_MS[index] ?? 0
    const lateMs = tsMs - fill.tsMs - horizonMs
    if (lateMs < 0) return
    fill.horizonIndex = index + 1
    if (lateMs > Math.max(TOLERANCE_MS_MIN, TOLERANCE_SHARE * horizonMs)) state.late += 1
    else addMarkout(state, fill, index, midTicks)
  }
}

function addMarkout(state: AdverseSelectionState, fill: PendingFill, index: number, midTicks: number): void {
  const sums = (fill.side === 'buy' ? state.bid : state.ask)[index]
  assert(sums !== undefined, 'adverse selection: sums exist for every horizon')
  const { clampBps, halfLifeFills } = state.config
  const decay = 0.5 ** (1 / halfLifeFills)
  const cost = clamp(adverseBps(fill.side, fill.midTicks, midTicks), clampBps)
  sums.weight = sums.weight * decay + 1
  sums.tsMs = state.tsMs
  sums.sum = sums.sum * decay + cost
  sums.squares = sums.squares * decay + cost * cost
  if (fill.placementMidTicks === 0) return
  const sincePlacement = clamp(adverseBps(fill.side, fill.placementMidTicks, midTicks), clampBps)
  sums.placementWeight = sums.placementWeight * decay + 1
  sums.placementSum = sums.placementSum * decay + sincePlacement
}

/** side × (mid before − mid after), bps of the mid before: what the move cost a maker who dealt on that side. */
function adverseBps(side: Side, midBeforeTicks: number, midAfterTicks: number): number {
  const sign = side === 'buy' ? 1 : -1
  return (sign * (midBeforeTicks - midAfterTicks) * 1e4) / midBeforeTicks
}

function clamp(value: number, bound: number): number {
  return Math.min(Math.max(value, -bound), bound)
}

/** Expected cost of the next fill on a side, shrunk to the prior by the number of fills. */
export function readAdverseSelection(state: AdverseSelectionState, quote: 'bid' | 'ask', out: Reading): void {
  const { config } = state
  const sums = (quote === 'bid' ? state.bid : state.ask)[config.horizonIndex]
  assert(sums !== undefined, 'adverse selection: sums exist for every horizon')
  out.value = (config.priorFills * config.priorBps + sums.sum) / (config.priorFills + sums.weight)
  out.status = sums.weight >= config.priorFills ? 'measured' : 'prior'
  out.tsMs = sums.tsMs
  out.confidence = sums.weight / (config.priorFills + sums.weight)
}

/** Mean markout of a side at a horizon, bps, cost positive; null before the first. */
export function meanMarkoutBps(
  state: AdverseSelectionState,
  quote: 'bid' | 'ask',
  horizonIndex: number,
): number | null {
  const sums = state[quote][horizonIndex]
  return sums === undefined || sums.weight === 0 ? null : sums.sum / sums.weight
}

/** Every horizon of both sides, for people. */
export function markoutFigures(state: AdverseSelectionState): MarkoutFigure[] {
  return (['bid', 'ask'] as const).flatMap((quote) =>
    MARKOUT_HORIZONS_MS.map((horizonMs, index) => {
      const sums = state[quote][index]
      assert(sums !== undefined, 'adverse selection: sums exist for every horizon')
      const { weight, sum, squares, placementWeight, placementSum } = sums
      const variance = weight > 0 ? Math.max(0, squares / weight - (sum / weight) ** 2) : 0
      return {
        quote,
        horizonMs,
        sinceFillBps: meanMarkoutBps(state, quote, index),
        sincePlacementBps: placementWeight > 0 ? placementSum / placementWeight : null,
        errorBps: weight >= ERROR_FILLS_MIN ? Math.sqrt(variance / (weight - 1)) : null,
        fills: weight,
      }
    }),
  )
}

/** Maker's accounting of one fill: effective half spread = realised + adverse selection, per unit; money after fee. */
export function markoutOf(fill: {
  /** +1 bought, −1 sold. */
  readonly side: 1 | -1
  readonly fillPrice: number
  readonly midAtFill: number
  readonly midAfter: number
  readonly quantity: number
  readonly makerFeeRate: number
}): {
  readonly effectiveHalfSpread: number
  readonly adverseSelection: number
  readonly realisedHalfSpread: number
  readonly realisedBps: number
  readonly feeCash: number
  readonly netEdgeCash: number
} {
  const { side, fillPrice, midAtFill, midAfter, quantity, makerFeeRate } = fill
  const realisedHalfSpread = side * (midAfter - fillPrice)
  const feeCash = makerFeeRate * fillPrice * quantity
  return {
    effectiveHalfSpread: side * (midAtFill - fillPrice),
    adverseSelection: side * (midAtFill - midAfter),
    realisedHalfSpread,
    realisedBps: (realisedHalfSpread / midAtFill) * 1e4,
    feeCash,
    netEdgeCash: realisedHalfSpread * quantity - feeCash,
  }
}
