/**
 * How wide the spread of the market is among its spreads of the last while: the share of time in which it was narrower.
 *
 * in      the touch whenever it changes
 * out     0…1: ½ is an ordinary spread, near 1 one as wide as hardly ever
 * state   a histogram of `BIN_COUNT` logarithmic bins, in seconds; O(1)
 * source  docs/math/book.md
 *
 * Time counts, not messages: a spread that flickers often is not a spread that stands. Time in which nobody confirmed the
 * touch counts for nothing and makes nothing forgotten. Equal spreads count half, so that one that never changes is ordinary.
 */
import { assert } from '../src/core/assert.ts'
import type { Reading } from '../src/core/contracts.ts'

export interface SpreadPercentileConfig {
  readonly halfLifeSec: number
  /** A touch that nobody confirmed for longer stands for nothing, ms. */
  readonly staleMs: number
}

interface SpreadTouch {
  readonly bidTicks: number
  readonly askTicks: number
}

export interface SpreadPercentileState {
  readonly config: SpreadPercentileConfig
  /** Seconds by bin, faded. */
  readonly seconds: number[]
  totalSec: number
  /** In all bins below the present one. */
  belowSec: number
  /** Of the present spread; −1: there is none. */
  bin: number
  /** The present bin holds fractions from `lowest` up to but not including `beyond`. */
  lowest: number
  beyond: number
  /** Stood in the present bin and not yet counted. */
  pendingMs: number
  tsMs: number
}

/** From 0.01 bps on, four bins each time the spread doubles: neighbouring numbers of price steps fall apart up to five. */
const BIN_COUNT = 64
const BINS_PER_DOUBLING = 4
const LOWEST_FRACTION = 1e-6
/** Counted at least so often; the half life is long against it. */
const SETTLE_MS = 1_000
/** Watched seconds from which a share of them means something, and which count as half of what can be known. */
const WARMUP_SEC = 30

export function initSpreadPercentile(config: SpreadPercentileConfig): SpreadPercentileState {
  assert(config.halfLifeSec > 0, 'spread percentile: halfLifeSec is positive')
  assert(config.staleMs > 0, 'spread percentile: staleMs is positive')
  return {
    config,
    seconds: new Array<number>(BIN_COUNT).fill(0),
    totalSec: 0,
    belowSec: 0,
    bin: -1,
    lowest: 0,
    beyond: 0,
    pendingMs: 0,
    tsMs: 0,
  }
}

/** The touch, in ticks; not crossed. */
export function observeSpread(state: SpreadPercentileState, tsMs: number, touch: SpreadTouch): void {
  const spread = (2 * (touch.askTicks - touch.bidTicks)) / (touch.askTicks + touch.bidTicks)
  assert(spread > 0, 'spread percentile: the spread is positive')
  const elapsedMs = tsMs - state.tsMs
  if (state.bin >= 0 && elapsedMs > 0 && elapsedMs <= state.config.staleMs) state.pendingMs += elapsedMs
  state.tsMs = tsMs
  const isSameBin = state.bin >= 0 && spread >= state.lowest && spread < state.beyond
  if (isSameBin && state.pendingMs < SETTLE_MS) return
  settle(state)
  if (!isSameBin) enterBin(state, spread)
  let belowSec = 0
  for (let bin = 0; bin < state.bin; bin += 1) belowSec += state.seconds[bin] ?? 0
  state.belowSec = belowSec
}

/** The book lost a side: the time until it has both again belongs to no spread. */
export function breakSpread(state: SpreadPercentileState): void {
  settle(state)
  state.bin = -1
}

/** Fades what was, and counts what stood since. */
function settle(state: SpreadPercentileState): void {
  const { seconds, config } = state
  if (state.pendingMs === 0) return
  const elapsedSec = state.pendingMs / 1_000
  const fade = 0.5 ** (elapsedSec / config.halfLifeSec)
  let totalSec = 0
  for (let bin = 0; bin < BIN_COUNT; bin += 1) {
    const added = bin === state.bin ? elapsedSec : 0
    const kept = (seconds[bin] ?? 0) * fade + added
    seconds[bin] = kept
    totalSec += kept
  }
  state.totalSec = totalSec
  state.pendingMs = 0
}

function enterBin(state: SpreadPercentileState, spread: number): void {
  const exact = Math.floor(BINS_PER_DOUBLING * Math.log2(spread / LOWEST_FRACTION))
  state.bin = Math.min(Math.max(exact, 0), BIN_COUNT - 1)
  state.lowest = state.bin === 0 ? 0 : edgeOf(state.bin)
  state.beyond = state.bin === BIN_COUNT - 1 ? Number.MAX_VALUE : edgeOf(state.bin + 1)
}

function edgeOf(bin: number): number {
  return LOWEST_FRACTION * 2 ** (bin / BINS_PER_DOUBLING)
}

/** @param isFresh whether the touch is confirmed; of an old one nothing is said */
export function readSpreadPercentile(state: SpreadPercentileState, isFresh: boolean, out: Reading): void {
  const own = state.bin >= 0 ? (state.seconds[state.bin] ?? 0) : 0
  const isWarm = state.totalSec >= WARMUP_SEC
  out.value = state.totalSec > 0 ? (state.belowSec + own / 2) / state.totalSec : 0.5
  out.status = state.tsMs === 0 ? 'noData' : !isFresh ? 'stale' : isWarm ? 'measured' : 'warming'
  out.tsMs = state.tsMs
  out.confidence = state.totalSec / (state.totalSec + WARMUP_SEC)
}
