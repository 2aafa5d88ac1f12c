/**
 * How much of the variance of the averaged mid is movement: the rest is bounce, which comes back with the next interval.
 *
 * in      mean mids on a grid, and the sigma beyond which a return is a jump
 * out     share of movement in 0.25…1.5 by which a variance of mean mids is multiplied; 1 until there are data
 * state   decayed sums of squares and of products of returns one and two intervals apart, O(1)
 * source  Zhou (1996) for the first autocovariance as a correction; here for means: with σ² per interval and noise η of each mean,
 *         E r² = ⅔σ² + 2η² and E rᵢrᵢ₋₁ = ⅙σ² − η², so that E r² + 2E rᵢrᵢ₋₁ = σ² whatever η is; a bounce that lasts into the
 *         next interval adds 2ν to it and −ν to E rᵢrᵢ₋₂, so that one is added twice too. docs/math/volatility.md
 */
import { assert } from '../src/core/assert.ts'
import type { MidSample } from './grid-sampler.ts'

export interface BounceConfig {
  readonly sampleMs: number
  readonly halfLifeSec: number
  /** How many products the answer "no bounce" weighs. */
  readonly priorProducts: number
}

export interface BounceState {
  readonly config: BounceConfig
  lastTsMs: number
  lastMidTicks: number
  /** Returns of the last interval and the one before; null after a gap. */
  returnLast: number | null
  returnBefore: number | null
  squares: number
  products: number
  productsOfSecond: number
  weight: number
}

/** Variance of the return of means without bounce, share of σ² per interval: ⅔, and ⅙ for neighbours. */
export const MEAN_VARIANCE_SHARE: number = 2 / 3
const SHARE_MIN = 0.25
const SHARE_MAX = 1.5

export function initBounce(config: BounceConfig): BounceState {
  assert(config.sampleMs > 0 && config.halfLifeSec > 0, 'bounce: sampleMs and halfLifeSec are positive')
  assert(config.priorProducts > 0, 'bounce: priorProducts is positive')
  return {
    config,
    lastTsMs: 0,
    lastMidTicks: 0,
    returnLast: null,
    returnBefore: null,
    squares: 0,
    products: 0,
    productsOfSecond: 0,
    weight: 0,
  }
}

/** @param sample the mean mid of an interval  @param returnMax a return counts at most this, > 0: a jump is no bounce */
export function updateBounce(state: BounceState, sample: Readonly<MidSample>, returnMax: number): void {
  const { config, lastMidTicks, returnLast, returnBefore } = state
  const gapMs = sample.tsMs - state.lastTsMs
  state.lastTsMs = sample.tsMs
  state.lastMidTicks = sample.midTicks
  if (lastMidTicks === 0) return
  if (gapMs !== config.sampleMs) {
    state.returnLast = null
    state.returnBefore = null
    return
  }
  const move = Math.log(sample.midTicks / lastMidTicks)
  const counted = Math.min(Math.max(move, -returnMax), returnMax)
  state.returnLast = counted
  state.returnBefore = returnLast
  if (returnLast === null || returnBefore === null) return
  const decay = 0.5 ** (gapMs / 1000 / config.halfLifeSec)
  state.squares =
    state.squares * decay + (counted * counted + returnLast * returnLast + returnBefore * returnBefore) / 3
  state.products = state.products * decay + (counted * returnLast + returnLast * returnBefore) / 2
  state.productsOfSecond = state.productsOfSecond * decay + counted * returnBefore
  state.weight = state.weight * decay + 1
}

/** Factor on a variance of mean mids that takes the bounce out of it. */
export function movementShare(state: BounceState): number {
  if (state.squares <= 0) return 1
  const movement = state.squares + 2 * (state.products + state.productsOfSecond)
  const measured = (movement / state.squares) * MEAN_VARIANCE_SHARE
  const bounded = Math.min(Math.max(measured, SHARE_MIN), SHARE_MAX)
  const { priorProducts } = state.config
  return (priorProducts + state.weight * bounded) / (priorProducts + state.weight)
}
