/**
 * Puts the mid on an even time grid: the last one known before each grid time, which the jump test needs, and its mean over
 * the interval before it, which the volatilities need.
 *
 * in      the mid as it changes, and the passing of time
 * out     at most staleMs ÷ sampleMs + 1 samples an event; a grid time at which the mid was older than `staleMs` gives no
 *         sample, so that an outage is a gap and not calm
 * state   six numbers
 * source  pre-averaging: Jacod, Li, Mykland, Podolskij & Vetter (2009); docs/math/volatility.md
 */
import { assert } from '../src/core/assert.ts'

export interface SamplerConfig {
  /** Distance of the grid times, ms > 0. */
  readonly sampleMs: number
  /** A mid that nobody confirmed for this long is unknown, ms ≥ sampleMs. */
  readonly staleMs: number
}

export interface SamplerState {
  readonly config: SamplerConfig
  /** Next grid time, ms; 0 before the first mid. */
  nextTsMs: number
  /** Last mid and when the venue last confirmed it; 0 ticks: none yet. */
  midTicks: number
  confirmedTsMs: number
  /** Sum of mid × time of the running interval, how much of it is summed, and up to when. */
  summedTickMs: number
  summedMs: number
  summedToMs: number
}

/** A mid at an instant. */
export interface MidSample {
  tsMs: number
  midTicks: number
}

/** One point of the grid. */
export interface GridSample extends MidSample {
  /** Time-weighted mean of the mid over the interval that ends here: bounces between two ticks cancel in it. */
  meanTicks: number
}

export function initSampler(config: SamplerConfig): SamplerState {
  assert(config.sampleMs > 0, 'sampler: sampleMs is positive')
  assert(config.staleMs >= config.sampleMs, 'sampler: staleMs is at least sampleMs')
  return { config, nextTsMs: 0, midTicks: 0, confirmedTsMs: 0, summedTickMs: 0, summedMs: 0, summedToMs: 0 }
}

/**
 * Takes the next sample that is due at or before `tsMs`; call it until it says false, before the mid changes.
 * The caller's loop is bounded by the staleness: past it the grid jumps ahead.
 */
export function takeSample(state: SamplerState, tsMs: number, out: GridSample): boolean {
  if (state.midTicks === 0 || state.nextTsMs > tsMs) return false
  const { sampleMs, staleMs } = state.config
  if (state.nextTsMs - state.confirmedTsMs > staleMs) {
    state.nextTsMs = firstGridTimeAfter(tsMs, sampleMs)
    clearSum(state, tsMs)
    return false
  }
  sumUntil(state, state.nextTsMs)
  out.tsMs = state.nextTsMs
  out.midTicks = state.midTicks
  out.meanTicks = state.summedMs > 0 ? state.summedTickMs / state.summedMs : state.midTicks
  clearSum(state, state.nextTsMs)
  state.nextTsMs += sampleMs
  return true
}

/** The venue showed this mid; it stands for every grid time from here to the next. */
export function confirmMid(state: SamplerState, tsMs: number, midTicks: number): void {
  assert(midTicks > 0, 'sampler: mid is positive')
  if (state.midTicks === 0) state.nextTsMs = firstGridTimeAfter(tsMs, state.config.sampleMs)
  // What an outage hid belongs to no mean.
  if (state.midTicks === 0 || tsMs - state.confirmedTsMs > state.config.staleMs) clearSum(state, tsMs)
  else sumUntil(state, tsMs)
  state.midTicks = midTicks
  state.confirmedTsMs = tsMs
}

/** The present mid stood from where the sum ends until `tsMs`. */
function sumUntil(state: SamplerState, tsMs: number): void {
  const elapsedMs = tsMs - state.summedToMs
  if (elapsedMs <= 0) return
  state.summedTickMs += state.midTicks * elapsedMs
  state.summedMs += elapsedMs
  state.summedToMs = tsMs
}

function clearSum(state: SamplerState, tsMs: number): void {
  state.summedTickMs = 0
  state.summedMs = 0
  state.summedToMs = tsMs
}

function firstGridTimeAfter(tsMs: number, sampleMs: number): number {
  return (Math.floor(tsMs / sampleMs) + 1) * sampleMs
}
