/**
 * Puts the mid on an even time grid (previous tick): what bipower and the jump test need.
 *
 * in      the mid as it changes, and the passing of time
 * out     at most staleMs ÷ sampleMs + 1 samples an event, each the last mid known before its grid time; a grid time
 *         at which the mid was older than `staleMs` gives no sample, so that an outage is a gap and not calm
 * state   three numbers
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
}

/** One point of the grid. */
export interface MidSample {
  tsMs: number
  midTicks: number
}

export function initSampler(config: SamplerConfig): SamplerState {
  assert(config.sampleMs > 0, 'sampler: sampleMs is positive')
  assert(config.staleMs >= config.sampleMs, 'sampler: staleMs is at least sampleMs')
  return { config, nextTsMs: 0, midTicks: 0, confirmedTsMs: 0 }
}

/**
 * Takes the next sample that is due at or before `tsMs`; call it until it says false, before the mid changes.
 * The caller's loop is bounded by the staleness: past it the grid jumps ahead.
 */
export function takeSample(state: SamplerState, tsMs: number, out: MidSample): boolean {
  if (state.midTicks === 0 || state.nextTsMs > tsMs) return false
  const { sampleMs, staleMs } = state.config
  if (state.nextTsMs - state.confirmedTsMs > staleMs) {
    state.nextTsMs = firstGridTimeAfter(tsMs, sampleMs)
    return false
  }
  out.tsMs = state.nextTsMs
  out.midTicks = state.midTicks
  state.nextTsMs += sampleMs
  return true
}

/** The venue showed this mid; it stands for every grid time from here to the next. */
export function confirmMid(state: SamplerState, tsMs: number, midTicks: number): void {
  assert(midTicks > 0, 'sampler: mid is positive')
  if (state.midTicks === 0) state.nextTsMs = firstGridTimeAfter(tsMs, state.config.sampleMs)
  state.midTicks = midTicks
  state.confirmedTsMs = tsMs
}

function firstGridTimeAfter(tsMs: number, sampleMs: number): number {
  return (Math.floor(tsMs / sampleMs) + 1) * sampleMs
}
