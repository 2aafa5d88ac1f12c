/**
 * Ornstein–Uhlenbeck: how fast a spread returns to its mean, and where it is expected to be.
 *
 * in      values at equal time steps
 * out     κ, μ, σ with the exact discretisation; phi and intercept alone when the series does not revert
 * source  exact AR(1) of dX = κ(μ − X)dt + σdW; docs/math/hedging.md
 *
 * phi is biased down by about (1 + 3φ)/n, so κ is biased up: with n = 60 and φ = 0.92 it is nearly twice the truth.
 */
import { assert } from '../../src/core/assert.ts'

export interface OuFit {
  readonly phi: number
  readonly intercept: number
  /** Null when phi is outside (0, 1): not mean reverting, or not identifiable. */
  readonly reversion: {
    /** Per unit of `dt`. */
    readonly kappa: number
    readonly mu: number
    /** Residual variance over n − 2, and over n. */
    readonly sigmaOls: number
    readonly sigmaMle: number
    readonly halfLife: number
    readonly stationaryStd: number
  } | null
}

/** @returns null when the series does not vary */
export function fitOu(series: readonly number[], dt: number): OuFit | null {
  const n = series.length - 1
  assert(n >= 3 && dt > 0, 'a mean-reversion fit needs four values or more')
  const shift = series[0] ?? 0
  const sums = { x: 0, y: 0, xx: 0, xy: 0, yy: 0 }
  for (let index = 0; index < n; index += 1) {
    const x = (series[index] ?? 0) - shift
    const y = (series[index + 1] ?? 0) - shift
    sums.x += x
    sums.y += y
    sums.xx += x * x
    sums.xy += x * y
    sums.yy += y * y
  }
  const varX = sums.xx - (sums.x * sums.x) / n
  if (varX <= 0) return null
  const cov = sums.xy - (sums.x * sums.y) / n
  const varY = sums.yy - (sums.y * sums.y) / n
  const phi = cov / varX
  const intercept = sums.y / n + shift - phi * (sums.x / n + shift)
  if (!(phi > 0 && phi < 1)) return { phi, intercept, reversion: null }
  const residual = Math.max(0, varY - phi * cov)
  const kappa = -Math.log(phi) / dt
  const growth = (2 * kappa) / (1 - phi * phi)
  const sigmaMle = Math.sqrt((residual / n) * growth)
  return {
    phi,
    intercept,
    reversion: {
      kappa,
      mu: intercept / (1 - phi),
      sigmaOls: Math.sqrt((residual / (n - 2)) * growth),
      sigmaMle,
      halfLife: Math.LN2 / kappa,
      stationaryStd: sigmaMle / Math.sqrt(2 * kappa),
    },
  }
}

/** Where X is expected after `horizon`, how sure, and how far it is now from its mean in stationary deviations. */
export function predictOu(of: {
  readonly x: number
  readonly mu: number
  readonly sigma: number
  readonly kappa: number
  readonly horizon: number
}): {
  readonly mean: number
  readonly variance: number
  readonly zStationary: number
  readonly halfLife: number
} {
  const { x, mu, sigma, kappa, horizon } = of
  assert(kappa > 0 && sigma > 0 && horizon >= 0, 'mean reversion: kappa and sigma are positive')
  const decay = Math.exp(-kappa * horizon)
  return {
    mean: mu + (x - mu) * decay,
    variance: (-sigma * sigma * Math.expm1(-2 * kappa * horizon)) / (2 * kappa),
    zStationary: (x - mu) / (sigma / Math.sqrt(2 * kappa)),
    halfLife: Math.LN2 / kappa,
  }
}
