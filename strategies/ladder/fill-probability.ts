/**
 * How likely a quote is reached, and which distance earns most per time.
 *
 * source  reflection principle for Brownian motion with drift; docs/math/fill-probability.md
 */
import { assert } from '../../src/core/assert.ts'
import { normalCdf } from '../../src/core/math/normal.ts'

/**
 * P(the price falls by `depth` within `horizonSec`). Reached is necessary for a fill, not sufficient.
 * @param of depth below the price (≤ 0: reached already), sigma per √s and drift per s in the same unit
 */
export function firstPassageProbability(of: {
  readonly depth: number
  readonly sigmaPerSqrtSec: number
  readonly horizonSec: number
  readonly driftPerSec: number
}): number {
  const { depth, sigmaPerSqrtSec, horizonSec, driftPerSec } = of
  assert(sigmaPerSqrtSec >= 0 && horizonSec >= 0, 'first passage: sigma and horizon are not negative')
  if (depth <= 0) return 1
  const scale = sigmaPerSqrtSec * Math.sqrt(horizonSec)
  if (scale === 0) return horizonSec > 0 && -driftPerSec * horizonSec >= depth ? 1 : 0
  const ended = normalCdf((-depth - driftPerSec * horizonSec) / scale)
  const tail = normalCdf((-depth + driftPerSec * horizonSec) / scale)
  // The exponential may overflow where the tail vanishes: their product is taken in logarithms.
  const exponent = (-2 * driftPerSec * depth) / (sigmaPerSqrtSec * sigmaPerSqrtSec)
  const reflected = tail === 0 ? 0 : Math.exp(exponent + Math.log(tail))
  return Math.min(1, ended + reflected)
}

/** Edge per time of a quote at `depth`: A e^{−κδ}(δ − cost). */
export function edgeRate(of: {
  readonly fillRate: number
  readonly kappa: number
  readonly cost: number
  readonly depth: number
}): number {
  return of.fillRate * Math.exp(-of.kappa * of.depth) * (of.depth - of.cost)
}

/** The distance that earns most per time: cost + 1/κ. */
export function bestDepth(of: { readonly kappa: number; readonly cost: number }): number {
  assert(of.kappa > 0, 'best depth: kappa is positive')
  return of.cost + 1 / of.kappa
}
