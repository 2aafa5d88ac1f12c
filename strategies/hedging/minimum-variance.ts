/**
 * Minimum-variance hedge ratio: h = Cov(ΔS, ΔF)/Var(ΔF), over all data or a sliding window.
 *
 * in      changes of spot and of the hedge instrument over equal, matching intervals
 * out     units of F per unit of S; the trade that hedges exposure E is −h·E
 * state   a window of both series and their co-moments (sliding Welford), O(1) per change
 * source  Johnson (1960), Ederington (1979); docs/math/hedging.md
 */
import { assert } from '../../src/core/assert.ts'

export interface HedgeRatio {
  readonly ratio: number
  readonly correlation: number
  /** ρ², in sample. */
  readonly effectiveness: number
  readonly stdSpot: number
  readonly stdFutures: number
}

/** Variance below this share of the squared scale of the data is rounding. */
const VARIANCE_SHARE_MIN = 1e-24

/** @returns null when the hedge instrument did not move: there is no ratio. Two passes, so large offsets do not cancel. */
export function minimumVarianceRatio(
  spotChanges: readonly number[],
  futuresChanges: readonly number[],
): HedgeRatio | null {
  const n = spotChanges.length
  assert(n === futuresChanges.length && n >= 2, 'a hedge ratio needs two or more matching changes')
  const meanSpot = meanOf(spotChanges)
  const meanFutures = meanOf(futuresChanges)
  let spot = 0
  let futures = 0
  let cross = 0
  let scale = 0
  for (let index = 0; index < n; index += 1) {
    const x = (futuresChanges[index] ?? 0) - meanFutures
    const y = (spotChanges[index] ?? 0) - meanSpot
    futures += x * x
    spot += y * y
    cross += x * y
    scale = Math.max(scale, Math.abs(futuresChanges[index] ?? 0))
  }
  if (futures <= VARIANCE_SHARE_MIN * n * scale * scale) return null
  const correlation = spot === 0 ? 0 : cross / Math.sqrt(futures * spot)
  return {
    ratio: cross / futures,
    correlation,
    effectiveness: correlation * correlation,
    stdSpot: Math.sqrt(spot / (n - 1)),
    stdFutures: Math.sqrt(futures / (n - 1)),
  }
}

function meanOf(values: readonly number[]): number {
  const first = values[0] ?? 0
  return first + values.reduce((sum, value) => sum + (value - first), 0) / values.length
}

/** Contracts that hedge an exposure: h·E over the size of one. */
export function contractsFor(ratio: number, exposure: number, contractSize: number): number {
  assert(contractSize > 0, 'a contract has a size')
  return (ratio * exposure) / contractSize
}

/** A value ratio from returns as units of F per unit of S. */
export function returnToUnitRatio(returnBeta: number, spotPrice: number, futuresPrice: number): number {
  assert(futuresPrice > 0, 'the hedge instrument has a price')
  return (returnBeta * spotPrice) / futuresPrice
}

export interface RollingHedgeState {
  readonly window: number
  readonly spot: number[]
  readonly futures: number[]
  /** Place of the oldest pair once the window is full. */
  head: number
  meanSpot: number
  meanFutures: number
  futuresSquares: number
  cross: number
  /** The last ratio that could be computed; kept while the instrument stands still. */
  ratio: number | null
}

/** @param window pairs, ≥ 2 */
export function initRollingHedge(window: number): RollingHedgeState {
  assert(Number.isInteger(window) && window >= 2, 'a rolling hedge looks at two pairs or more')
  return {
    window,
    spot: [],
    futures: [],
    head: 0,
    meanSpot: 0,
    meanFutures: 0,
    futuresSquares: 0,
    cross: 0,
    ratio: null,
  }
}

/** Adds a pair of changes; the oldest leaves a full window. */
export function updateRollingHedge(
  state: RollingHedgeState,
  spotChange: number,
  futuresChange: number,
): void {
  assert(Number.isFinite(spotChange) && Number.isFinite(futuresChange), 'changes are finite')
  if (state.spot.length < state.window) growWindow(state, spotChange, futuresChange)
  else slideWindow(state, spotChange, futuresChange)
  if (state.spot.length === state.window && state.futuresSquares > 0)
    state.ratio = state.cross / state.futuresSquares
}

function growWindow(state: RollingHedgeState, y: number, x: number): void {
  state.spot.push(y)
  state.futures.push(x)
  const n = state.spot.length
  const dx = x - state.meanFutures
  state.meanFutures += dx / n
  state.meanSpot += (y - state.meanSpot) / n
  state.futuresSquares += dx * (x - state.meanFutures)
  state.cross += dx * (y - state.meanSpot)
}

function slideWindow(state: RollingHedgeState, y: number, x: number): void {
  const { window, head } = state
  const y0 = state.spot[head] ?? 0
  const x0 = state.futures[head] ?? 0
  state.spot[head] = y
  state.futures[head] = x
  state.head = (head + 1) % window
  const meanFuturesBefore = state.meanFutures
  state.meanFutures += (x - x0) / window
  state.meanSpot += (y - y0) / window
  state.futuresSquares += (x - x0) * (x - state.meanFutures + x0 - meanFuturesBefore)
  state.futuresSquares = Math.max(0, state.futuresSquares)
  state.cross += (x - x0) * (y - state.meanSpot) + (x0 - meanFuturesBefore) * (y - y0)
}
