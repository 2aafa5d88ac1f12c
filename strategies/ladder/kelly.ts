/**
 * Kelly: how much of the wealth to risk for the fastest growth. Always used as a fraction, and net of all costs.
 *
 * source  Kelly (1956); docs/math/kelly.md
 */
import { assert } from '../../src/core/assert.ts'

/** Win `winFraction` with `winProbability`, else lose `lossFraction`: best share of wealth, never negative. */
export function kellyBinary(of: {
  readonly winProbability: number
  readonly winFraction: number
  readonly lossFraction: number
}): { readonly fraction: number; readonly growthRate: number } {
  const { winProbability: p, winFraction: w, lossFraction: l } = of
  assert(p >= 0 && p <= 1, 'kelly: a probability is 0…1')
  assert(w > 0 && l > 0, 'kelly: win and loss are positive')
  const fraction = Math.max(0, p / l - (1 - p) / w)
  const loss = p === 1 ? 0 : (1 - p) * Math.log1p(-fraction * l)
  return { fraction, growthRate: p * Math.log1p(fraction * w) + loss }
}

/** Normal returns: full f* = μ/σ² (0 when μ ≤ 0), the part used, and its growth μf − σ²f²/2. */
export function kellyContinuous(of: {
  readonly mean: number
  readonly stdev: number
  /** ¼…½ in practice: the mean is never known well. */
  readonly fractionOfKelly: number
}): { readonly full: number; readonly used: number; readonly growthAtUsed: number } {
  assert(of.stdev > 0, 'kelly: the standard deviation is positive')
  const variance = of.stdev * of.stdev
  const full = Math.max(0, of.mean / variance)
  const used = full * of.fractionOfKelly
  return { full, used, growthAtUsed: used === 0 ? 0 : of.mean * used - (variance * used * used) / 2 }
}

/**
 * Weight of a ladder level: P·e over its variance P(σ²h + e²) − (P·e)². Levels without edge get none.
 * @param of fill probability 0…1, edge per unit after costs, variance of the price while the fill is held
 */
export function kellyWeight(of: {
  readonly fillProbability: number
  readonly edge: number
  readonly moveVariance: number
}): number {
  const { fillProbability: p, edge, moveVariance } = of
  if (edge <= 0 || p <= 0) return 0
  const variance = p * (moveVariance + edge * edge) - (p * edge) ** 2
  return variance > 0 ? (p * edge) / variance : 0
}
