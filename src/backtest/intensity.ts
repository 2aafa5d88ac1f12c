/**
 * Fill intensity of our own orders against their distance from the mid, and the exponential A·exp(−kappa·δ) through it.
 *
 * in      order-time and fills per bin of distance
 * out     maximum-likelihood A and kappa for Poisson counts, with standard errors; null when the data cannot tell
 * source  the likelihood's stationary point: A follows from kappa, and kappa solves one monotone equation (docs/backtest.md)
 */
import { BPS } from '../core/units.ts'
import { DEPTH_BIN_BPS } from './recording.ts'
import type { Recording } from './recording.ts'

export interface DepthPoint {
  /** Middle of the bin. */
  readonly distanceBps: number
  readonly restedSec: number
  readonly fills: number
}

export interface IntensityFit {
  /** Fills per second of one order at the mid. */
  readonly fillsPerSec: number
  /** Per unit fraction of the price. */
  readonly kappa: number
  readonly kappaStdErr: number
  readonly fills: number
}

/** Fewer fills, or all in one bin, say nothing about a slope. */
const FILLS_MIN = 20
/** Slopes beyond ±this do not occur: e-fold per 0.1 bp. */
const KAPPA_MAX = 100_000
const BISECTIONS = 80

/** Bins in which an order of ours rested. */
export function depthPointsOf(recording: Recording): DepthPoint[] {
  return recording.depthBins
    .map(({ restedMs, fills }, index) => ({
      distanceBps: (index + 0.5) * DEPTH_BIN_BPS,
      restedSec: restedMs / 1000,
      fills,
    }))
    .filter((point) => point.restedSec > 0)
}

/** @param points bins with time in them */
export function fitIntensity(points: readonly DepthPoint[]): IntensityFit | null {
  const fills = points.reduce((sum, point) => sum + point.fills, 0)
  if (fills < FILLS_MIN || points.filter((point) => point.fills > 0).length < 2) return null
  const target = points.reduce((sum, point) => sum + point.fills * point.distanceBps * BPS, 0) / fills
  let low = -KAPPA_MAX
  let high = KAPPA_MAX
  if (momentsAt(points, low).mean < target || momentsAt(points, high).mean > target) return null
  for (let index = 0; index < BISECTIONS; index += 1) {
    const middle = (low + high) / 2
    // The mean distance falls as kappa grows.
    if (momentsAt(points, middle).mean > target) low = middle
    else high = middle
  }
  const kappa = (low + high) / 2
  const { weight, variance, logScale } = momentsAt(points, kappa)
  return {
    fillsPerSec: (fills / weight) * Math.exp(-logScale),
    kappa,
    kappaStdErr: 1 / Math.sqrt(fills * variance),
    fills,
  }
}

interface Moments {
  /** Σ time × exp(−kappa·δ − logScale). */
  readonly weight: number
  readonly logScale: number
  /** Of δ under these weights. */
  readonly mean: number
  readonly variance: number
}

function momentsAt(points: readonly DepthPoint[], kappa: number): Moments {
  const logScale = Math.max(...points.map((point) => -kappa * point.distanceBps * BPS))
  let weight = 0
  let first = 0
  let second = 0
  for (const { distanceBps, restedSec } of points) {
    const distance = distanceBps * BPS
    const share = restedSec * Math.exp(-kappa * distance - logScale)
    weight += share
    first += share * distance
    second += share * distance * distance
  }
  const mean = first / weight
  return { weight, logScale, mean, variance: second / weight - mean * mean }
}
