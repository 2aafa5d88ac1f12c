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
  readonly tsMs: number
}

export interface SpreadPercentileState {
  readonly config: SpreadPercentileConfig
  /** Seconds by bin, faded. */
  readonly seconds: number[]
  totalSec: number
  /** Counted since the last fading. */
  unfadedMs: number
  /** Of the present spread; −1: there is none. */
  bin: number
  /** Stood in the present bin and not yet counted. */
  pendingMs: number
  tsMs: number
}

/** From 0.01 bps on, four bins each time the spread doubles: neighbouring numbers of price steps fall apart up to five. */
const BIN_COUNT = 64
/** Bin n holds fractions from edge n up to but not including edge n + 1; the outermost ones hold all beyond as well. */
const EDGES: Float64Array = Float64Array.from({ length: BIN_COUNT + 1 }, (_, bin) => 1e-6 * 2 ** (bin / 4))
/** Faded at least so often; the half life is long against it. */
const FADE_MS = 1_000
/** Watched seconds from which a share of them means something, and which count as half of what can be known. */
const WARMUP_SEC = 30

export function initSpreadPercentile(config: SpreadPercentileConfig): SpreadPercentileState {
  assert(config.halfLifeSec > 0, 'spread percentile: halfLifeSec is positive')
  assert(config.staleMs > 0, 'spread percentile: staleMs is positive')
  const seconds = new Array<number>(BIN_COUNT).fill(0)
  return { config, seconds, totalSec: 0, unfadedMs: 0, bin: -1, pendingMs: 0, tsMs: 0 }
}

/** The touch, in ticks and not crossed, and its time. */
export function observeSpread(state: SpreadPercentileState, touch: SpreadTouch): void {
  const spread = (2 * (touch.askTicks - touch.bidTicks)) / (touch.askTicks + touch.bidTicks)
  assert(spread > 0, 'spread percentile: the spread is positive')
  const elapsedMs = touch.tsMs - state.tsMs
  if (state.bin >= 0 && elapsedMs > 0 && elapsedMs <= state.config.staleMs) state.pendingMs += elapsedMs
  state.tsMs = touch.tsMs
  // The bins are walked and not computed: a spread is nearly always near the one before.
  let bin = Math.max(state.bin, 0)
  while (bin < BIN_COUNT - 1 && spread >= (EDGES[bin + 1] ?? 0)) bin += 1
  while (bin > 0 && spread < (EDGES[bin] ?? 0)) bin -= 1
  if (bin === state.bin && state.pendingMs < FADE_MS) return
  count(state)
  state.bin = bin
}

/** The book lost a side: the time until it has both again belongs to no spread. */
export function breakSpread(state: SpreadPercentileState): void {
  count(state)
  state.bin = -1
}

/** Counts what stood since, and fades all once in a while: within it, order does not matter. */
function count(state: SpreadPercentileState): void {
  const { seconds, config, bin } = state
  if (state.pendingMs === 0) return
  state.unfadedMs += state.pendingMs
  const standingSec = state.pendingMs / 1_000
  state.pendingMs = 0
  seconds[bin] = (seconds[bin] ?? 0) + standingSec
  state.totalSec += standingSec
  if (state.unfadedMs < FADE_MS) return
  const fade = 0.5 ** (state.unfadedMs / 1_000 / config.halfLifeSec)
  state.unfadedMs = 0
  let totalSec = 0
  for (let index = 0; index < BIN_COUNT; index += 1) {
    const kept = (seconds[index] ?? 0) * fade
    seconds[index] = kept
    totalSec += kept
  }
  state.totalSec = totalSec
}

/** @param isFresh whether the touch is confirmed; of an old one nothing is said */
export function readSpreadPercentile(state: SpreadPercentileState, isFresh: boolean, out: Reading): void {
  const own = state.bin >= 0 ? (state.seconds[state.bin] ?? 0) : 0
  let belowSec = 0
  for (let bin = 0; bin < state.bin; bin += 1) belowSec += state.seconds[bin] ?? 0
  const isWarm = state.totalSec >= WARMUP_SEC
  out.value = state.totalSec > 0 ? (belowSec + own / 2) / state.totalSec : 0.5
  out.status = state.tsMs === 0 ? 'noData' : !isFresh ? 'stale' : isWarm ? 'measured' : 'warming'
  out.tsMs = state.tsMs
  out.confidence = state.totalSec / (state.totalSec + WARMUP_SEC)
}
