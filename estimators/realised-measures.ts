/**
 * Variance measures of one window of log returns, with finite-sample factors: realised, bipower, tripower and
 * quadpower, MinRV, MedRV, and the jump statistics made of them.
 *
 * in      log returns of an even time grid
 * out     variances of the window (not per second); the z statistics are null when they are not defined
 * source  Barndorff-Nielsen & Shephard (2004, 2006); Huang & Tauchen (2005); Andersen, Dobrev & Schaumburg (2012);
 *         docs/math/volatility.md
 */
import { assert } from '../src/core/assert.ts'
import { logGamma } from '../src/core/math/gamma.ts'

export interface RealisedMeasures {
  readonly realisedVariance: number
  /** Without the factor n/(n−1). */
  readonly bipowerRaw: number
  readonly bipower: number
  readonly tripower: number
  readonly quadpower: number
  readonly jumpVariation: number
  /** (RV − BV)/RV; 0 when nothing moved. */
  readonly relativeJump: number
  readonly zLinear: number | null
  readonly zRatio: number | null
  /** The ratio form with max(1, TP/BV²), the one to test with. */
  readonly zRatioMax: number | null
  readonly minRv: number
  readonly medRv: number
}

/** E|Z| and E|Z|^{4/3} of a standard normal. */
export const MU_1: number = Math.sqrt(2 / Math.PI)
export const MU_4_3 = 0.8308609250295591
/** ϑ = π²/4 + π − 5, the variance of the jump statistic. */
export const THETA: number = (Math.PI * Math.PI) / 4 + Math.PI - 5

/** E|Z|^p = 2^{p/2} Γ((p+1)/2)/Γ(½), for the powers used here and any p in 0…4. */
export function absoluteMoment(p: number): number {
  assert(p >= 0 && p <= 4, 'absolute moments are needed for powers 0…4')
  return (2 ** (p / 2) * Math.exp(logGamma((p + 1) / 2))) / Math.sqrt(Math.PI)
}

/** @param logReturns at least 4 of them: fewer carry no quarticity */
export function computeRealisedMeasures(logReturns: readonly number[]): RealisedMeasures {
  const n = logReturns.length
  assert(n >= 4, 'realised measures need at least four returns')
  const abs = logReturns.map(Math.abs)
  let squares = 0
  let pairs = 0
  let triples = 0
  let quads = 0
  let minimums = 0
  let medians = 0
  for (let index = 0; index < n; index += 1) {
    const a = abs[index] ?? 0
    squares += a * a
    if (index < 1) continue
    const b = abs[index - 1] ?? 0
    pairs += a * b
    minimums += Math.min(a, b) ** 2
    if (index < 2) continue
    const c = abs[index - 2] ?? 0
    triples += (a * b * c) ** (4 / 3)
    medians += medianOf(a, b, c) ** 2
    if (index >= 3) quads += a * b * c * (abs[index - 3] ?? 0)
  }
  const bipowerRaw = pairs / (MU_1 * MU_1)
  const bipower = (bipowerRaw * n) / (n - 1)
  const tripower = (n * n * triples) / (MU_4_3 ** 3 * (n - 2))
  return {
    realisedVariance: squares,
    bipowerRaw,
    bipower,
    tripower,
    quadpower: (n * n * quads) / (MU_1 ** 4 * (n - 3)),
    jumpVariation: Math.max(0, squares - bipower),
    relativeJump: squares === 0 ? 0 : (squares - bipower) / squares,
    ...jumpStatistics({ n, realised: squares, bipower, tripower }),
    minRv: (Math.PI / (Math.PI - 2)) * (n / (n - 1)) * minimums,
    medRv: (Math.PI / (6 - 4 * Math.sqrt(3) + Math.PI)) * (n / (n - 2)) * medians,
  }
}

/** What the window says about a jump; null where zero returns leave the statistic undefined: no data, not a jump. */
export function jumpStatistics(window: {
  readonly n: number
  readonly realised: number
  readonly bipower: number
  readonly tripower: number
}): Pick<RealisedMeasures, 'zLinear' | 'zRatio' | 'zRatioMax'> {
  const { n, realised, bipower, tripower } = window
  if (realised <= 0 || bipower <= 0 || tripower <= 0) return { zLinear: null, zRatio: null, zRatioMax: null }
  const relativeJump = (realised - bipower) / realised
  const quarticityRatio = tripower / (bipower * bipower)
  return {
    zLinear: (realised - bipower) / Math.sqrt((THETA * tripower) / n),
    zRatio: relativeJump / Math.sqrt((THETA * quarticityRatio) / n),
    zRatioMax: relativeJump / Math.sqrt((THETA * Math.max(1, quarticityRatio)) / n),
  }
}

function medianOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
