/**
 * Realised volatility: decayed sum of squared returns over decayed time. Counts jumps; does not mind zero returns.
 *
 * in      mid in ticks (> 0) on a grid of `sampleMs`; the return across a gap is left out
 * out     sigmaPerSqrtSec (≥ 0) or null before `warmupReturns`; the share of returns that were not zero
 * state   O(1) plain numbers
 * source  docs/math/volatility.md: num ← d·num + r², den ← d·den + Δt, σ² = num/den
 */
import { assert } from '../src/core/assert.ts'
import type { Estimator } from '../src/core/contracts.ts'
import type { MidSample } from './grid-sampler.ts'

export interface RealisedConfig {
  readonly sampleMs: number
  /** Variance of a sample's return over σ²·time: 1 for mids at instants, ⅔ for means over the interval. */
  readonly varianceShare: number
  readonly halfLifeSec: number
  readonly warmupReturns: number
}

export interface RealisedState {
  readonly config: RealisedConfig
  lastTsMs: number
  lastMidTicks: number
  squares: number
  seconds: number
  /** Decayed count of returns, and of those that were not zero. */
  weight: number
  nonZeroWeight: number
  returns: number
}

export const realisedVolatility: Estimator<RealisedConfig, RealisedState, MidSample, number | null> = {
  name: 'realisedVolatility',

  init(config) {
    assert(config.sampleMs > 0, 'realised: sampleMs is positive')
    assert(config.varianceShare > 0, 'realised: varianceShare is positive')
    assert(config.halfLifeSec > 0, 'realised: halfLifeSec is positive')
    assert(config.warmupReturns >= 1, 'realised: warmupReturns is at least one')
    return {
      config,
      lastTsMs: 0,
      lastMidTicks: 0,
      squares: 0,
      seconds: 0,
      weight: 0,
      nonZeroWeight: 0,
      returns: 0,
    }
  },

  update(state, sample) {
    assert(sample.midTicks > 0, 'realised: mid is positive')
    const { config, lastMidTicks } = state
    const gapMs = sample.tsMs - state.lastTsMs
    assert(lastMidTicks === 0 || gapMs > 0, 'realised: samples move forward in time')
    state.lastTsMs = sample.tsMs
    state.lastMidTicks = sample.midTicks
    if (lastMidTicks === 0 || gapMs !== config.sampleMs) return

    const gapSec = gapMs / 1000
    const decay = 0.5 ** (gapSec / config.halfLifeSec)
    const logReturn = Math.log(sample.midTicks / lastMidTicks)
    state.squares = state.squares * decay + logReturn * logReturn
    state.seconds = state.seconds * decay + gapSec
    state.weight = state.weight * decay + 1
    state.nonZeroWeight = state.nonZeroWeight * decay + (logReturn === 0 ? 0 : 1)
    state.returns += 1
  },

  read(state) {
    const { warmupReturns, varianceShare } = state.config
    return state.returns < warmupReturns ? null : Math.sqrt(state.squares / (state.seconds * varianceShare))
  },
}

/** 0…1; 1 before the first return, when nothing speaks against the data. */
export function nonZeroShare(state: RealisedState): number {
  return state.weight === 0 ? 1 : state.nonZeroWeight / state.weight
}
