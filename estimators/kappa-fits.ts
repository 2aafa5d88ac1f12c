/**
 * Batch fits of the fill intensity λ(δ) = A e^{−κδ}: from the depths that orders reached, and from fill counts by
 * distance. For calibration and for checking the streaming estimator.
 *
 * in      depths ≥ 0 in any one price unit; counts with exposure
 * out     κ per that unit, A per second; null when the data cannot tell
 * source  docs/math/fill-intensity.md
 */
import { assert } from '../src/core/assert.ts'
import { gammaQuantile } from '../src/core/math/gamma.ts'

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function assertDepths(depths: readonly number[]): void {
  assert(depths.length > 0, 'a fit needs at least one depth')
  for (const depth of depths)
    assert(Number.isFinite(depth) && depth >= 0, 'every depth is finite and not negative')
}

/** Complete data: n/ΣD, the unbiased (n−1)/ΣD, and the standard error of the first. Null when all depths are zero. */
export function exponentialMle(
  depths: readonly number[],
): { readonly mle: number; readonly unbiased: number; readonly stdErr: number } | null {
  assertDepths(depths)
  const total = sumOf(depths)
  if (total === 0) return null
  const n = depths.length
  return { mle: n / total, unbiased: (n - 1) / total, stdErr: n / total / Math.sqrt(n) }
}

/** Nothing is seen below `minDepth` (the half spread): m/Σ(D − minDepth) over what is. */
export function leftTruncatedMle(depths: readonly number[], minDepth: number): number | null {
  assertDepths(depths)
  const seen = depths.filter((depth) => depth >= minDepth)
  const excess = sumOf(seen.map((depth) => depth - minDepth))
  return excess === 0 ? null : seen.length / excess
}

/** Depths are clipped at `bookDepth`: events over exposure. The naive figure counts clipped orders as events. */
export function rightCensoredMle(
  depths: readonly number[],
  bookDepth: number,
): { readonly mle: number; readonly naive: number; readonly uncensored: number } | null {
  assertDepths(depths)
  const clipped = depths.map((depth) => Math.min(depth, bookDepth))
  const uncensored = depths.filter((depth) => depth < bookDepth).length
  const exposure = sumOf(clipped)
  if (exposure === 0) return null
  return { mle: uncensored / exposure, naive: depths.length / exposure, uncensored }
}

/** Orders beyond `bookDepth` are not in the data at all: 1/κ − L/(e^{κL} − 1) = mean. Null when mean ≥ L/2. */
export function rightTruncatedMle(depths: readonly number[], bookDepth: number): number | null {
  assertDepths(depths)
  const mean = sumOf(depths) / depths.length
  if (mean >= bookDepth / 2 || mean === 0) return null
  const excess = (kappa: number): number => 1 / kappa - bookDepth / Math.expm1(kappa * bookDepth) - mean
  let low = 1e-9 / bookDepth
  let high = 1 / mean
  for (let step = 0; step < 200; step += 1) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (excess(middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Mean of min(D, L) for exponential depths, and the κ that the naive 1/mean makes of it. */
export function expectedClippedMean(
  kappa: number,
  bookDepth: number,
): { readonly mean: number; readonly impliedKappa: number } {
  assert(kappa > 0 && bookDepth > 0, 'kappa and the depth of the book are positive')
  const mean = -Math.expm1(-kappa * bookDepth) / kappa
  return { mean, impliedKappa: 1 / mean }
}

/** Gamma(a, b) prior: posterior with mean, variance, 95 % interval, and the mean of 1/κ (the best half spread). */
export function gammaPosterior(of: {
  readonly priorShape: number
  readonly priorRate: number
  readonly depths: readonly number[]
  /** Factor on the whole memory, prior included, before each observation; 1: nothing is forgotten. */
  readonly forgetting?: number
}): {
  readonly shape: number
  readonly rate: number
  readonly mean: number
  readonly variance: number
  readonly q025: number
  readonly q975: number
  readonly meanOfInverse: number | null
} {
  const { priorShape, priorRate, depths, forgetting = 1 } = of
  assert(priorShape > 0 && priorRate > 0, 'a Gamma prior has positive shape and rate')
  let shape = priorShape
  let rate = priorRate
  for (const depth of depths) {
    assert(Number.isFinite(depth) && depth >= 0, 'every depth is finite and not negative')
    shape = forgetting * shape + 1
    rate = forgetting * rate + depth
  }
  return {
    shape,
    rate,
    mean: shape / rate,
    variance: shape / (rate * rate),
    q025: gammaQuantile(0.025, shape, rate),
    q975: gammaQuantile(0.975, shape, rate),
    meanOfInverse: shape > 1 ? rate / (shape - 1) : null,
  }
}

export interface IntensityFit {
  readonly kappa: number
  readonly fillRate: number
}

/**
 * Three fits to counts N at distances δ watched for `secondsPerDepth`: least squares of ln N/T (drops empty distances,
 * biased low), the same weighted by N, and Poisson maximum likelihood, the one to use.
 */
export function fitIntensity(of: {
  readonly depths: readonly number[]
  readonly hits: readonly number[]
  readonly secondsPerDepth: number
}): { readonly ols: IntensityFit; readonly weighted: IntensityFit; readonly poisson: IntensityFit } {
  const { depths, hits, secondsPerDepth } = of
  assert(depths.length === hits.length && depths.length >= 2, 'a fit needs counts at two distances or more')
  assert(secondsPerDepth > 0, 'distances were watched for some time')
  const rows = depths
    .map((depth, index) => ({ depth, count: hits[index] ?? 0 }))
    .filter((row) => row.count > 0)
    .map((row) => ({ ...row, logRate: Math.log(row.count / secondsPerDepth) }))
  assert(rows.length >= 2, 'a fit needs fills at two distances or more')
  return {
    ols: lineFit(rows.map((row) => ({ ...row, weight: 1 }))),
    weighted: lineFit(rows.map((row) => ({ ...row, weight: row.count }))),
    poisson: poissonFit(depths, hits, secondsPerDepth),
  }
}

function lineFit(
  rows: readonly { readonly depth: number; readonly logRate: number; readonly weight: number }[],
): IntensityFit {
  const weight = sumOf(rows.map((row) => row.weight))
  const meanDepth = sumOf(rows.map((row) => row.weight * row.depth)) / weight
  const meanLog = sumOf(rows.map((row) => row.weight * row.logRate)) / weight
  const cross = sumOf(rows.map((row) => row.weight * (row.depth - meanDepth) * (row.logRate - meanLog)))
  const spread = sumOf(rows.map((row) => row.weight * (row.depth - meanDepth) ** 2))
  assert(spread > 0, 'a fit needs different distances')
  const slope = cross / spread
  return { kappa: -slope, fillRate: Math.exp(meanLog - slope * meanDepth) }
}

/** ΣδN/ΣN = Σδe^{−κδ}/Σe^{−κδ}: the right side falls with κ, so bisection finds it. */
function poissonFit(depths: readonly number[], hits: readonly number[], seconds: number): IntensityFit {
  const fills = sumOf(hits)
  const target = sumOf(depths.map((depth, index) => depth * (hits[index] ?? 0))) / fills
  const weightsAt = (kappa: number): number[] => depths.map((depth) => Math.exp(-kappa * depth))
  const meanAt = (kappa: number): number => {
    const weights = weightsAt(kappa)
    return sumOf(depths.map((depth, index) => depth * (weights[index] ?? 0))) / sumOf(weights)
  }
  const width = Math.max(...depths) - Math.min(...depths)
  let low = -50 / width
  let high = 50 / width
  for (let step = 0; step < 200; step += 1) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (meanAt(middle) > target) low = middle
    else high = middle
  }
  const kappa = (low + high) / 2
  return { kappa, fillRate: fills / (seconds * sumOf(weightsAt(kappa))) }
}

/** κ per price, per unit fraction and per bps, of κ per tick. */
export function kappaUnits(of: {
  readonly kappaPerTick: number
  readonly mid: number
  readonly tick: number
}): {
  readonly perPrice: number
  readonly perFraction: number
  readonly perBps: number
} {
  const perPrice = of.kappaPerTick / of.tick
  const perFraction = perPrice * of.mid
  return { perPrice, perFraction, perBps: perFraction / 1e4 }
}
