/**
 * Jump-robust volatility: exponentially weighted bipower variation of the mid, staggered: each absolute return is multiplied
 * with the one before the last, because neighbouring returns share what bounces, and the part of a mean that both hold.
 *
 * in      mid in ticks (> 0) on a grid of `sampleMs`; a gap restarts the pairs, it is never interpolated
 * out     sigmaPerSqrtSec, std of the log return per √second (≥ 0), or null until `warmupPairs` pairs were seen
 * state   O(1) plain numbers
 * source  Barndorff-Nielsen & Shephard (2004), "Power and Bipower Variation …"; threshold after Corsi, Pirino & Renò
 *         (2010); docs/math/volatility.md
 */
import { assert } from '../src/core/assert.ts'
import type { Estimator } from '../src/core/contracts.ts'
import type { MidSample } from './grid-sampler.ts'

export interface BipowerConfig {
  readonly sampleMs: number
  /** Variance of a sample's return over σ²·time: 1 for mids at instants, ⅔ for means over the interval. */
  readonly varianceShare: number
  readonly halfLifeSec: number
  /** Pairs of returns before the estimate is spoken of, ≥ 1. */
  readonly warmupPairs: number
  /** Once warm, a return counts at most this many standard deviations: bipower alone still feels a jump's neighbours. */
  readonly clipSigmas: number
  /** Least sigma to clip by, per √second, so that a market that stood still can move again. */
  readonly clipFloorPerSqrtSec: number
}

export interface BipowerState {
  readonly config: BipowerConfig
  /** 0 ticks: no sample yet. */
  lastTsMs: number
  lastMidTicks: number
  /** Absolute returns of the last interval and the one before; null after a gap. */
  absReturnLast: number | null
  absReturnBefore: number | null
  variancePerSec: number
  pairs: number
}

/** E|Z| = √(2/π) for a standard normal, so |r₁|·|r₂| underestimates variance by 2/π. */
const BIPOWER_SCALE = Math.PI / 2

export const bipowerVolatility: Estimator<BipowerConfig, BipowerState, MidSample, number | null> = {
  name: 'bipowerVolatility',

  init(config) {
    assert(config.sampleMs > 0, 'bipower: sampleMs is positive')
    assert(config.varianceShare > 0, 'bipower: varianceShare is positive')
    assert(config.halfLifeSec > 0, 'bipower: halfLifeSec is positive')
    assert(config.warmupPairs >= 1, 'bipower: warmupPairs is at least one')
    assert(config.clipSigmas >= 4, 'bipower: clipSigmas is at least four, else ordinary returns are cut')
    assert(config.clipFloorPerSqrtSec > 0, 'bipower: clipFloorPerSqrtSec is positive')
    return {
      config,
      lastTsMs: 0,
      lastMidTicks: 0,
      absReturnLast: null,
      absReturnBefore: null,
      variancePerSec: 0,
      pairs: 0,
    }
  },

  update(state, sample) {
    assert(sample.midTicks > 0, 'bipower: mid is positive')
    const { config, lastMidTicks } = state
    const gapMs = sample.tsMs - state.lastTsMs
    assert(lastMidTicks === 0 || gapMs > 0, 'bipower: samples move forward in time')
    state.lastTsMs = sample.tsMs
    state.lastMidTicks = sample.midTicks
    if (lastMidTicks === 0) return
    if (gapMs !== config.sampleMs) {
      // A missed sample breaks the pairs: its return spans a longer time.
      state.absReturnLast = null
      state.absReturnBefore = null
      return
    }
    const gapSec = gapMs / 1000
    const absReturn = clip(state, Math.abs(Math.log(sample.midTicks / lastMidTicks)), gapSec)
    const absReturnBefore = state.absReturnBefore
    state.absReturnBefore = state.absReturnLast
    state.absReturnLast = absReturn
    if (absReturnBefore === null) return

    const pairVariancePerSec = (BIPOWER_SCALE * absReturn * absReturnBefore) / (gapSec * config.varianceShare)
    // The first pairs are averaged plainly, so that the zero start does not bias a young estimate.
    const decayWeight = 1 - 0.5 ** (gapSec / config.halfLifeSec)
    const weight = Math.max(decayWeight, 1 / (state.pairs + 1))
    state.variancePerSec += weight * (pairVariancePerSec - state.variancePerSec)
    state.pairs += 1
  },

  read(state) {
    return state.pairs < state.config.warmupPairs ? null : Math.sqrt(state.variancePerSec)
  },
}

/** The return, but no more than `clipSigmas` of what was estimated before it. */
function clip(state: BipowerState, absReturn: number, gapSec: number): number {
  const { warmupPairs, clipSigmas, clipFloorPerSqrtSec, varianceShare } = state.config
  if (state.pairs < warmupPairs) return absReturn
  const sigma = Math.max(Math.sqrt(state.variancePerSec), clipFloorPerSqrtSec)
  return Math.min(absReturn, clipSigmas * sigma * Math.sqrt(gapSec * varianceShare))
}
