/**
 * The deflated Sharpe ratio: how probable it is that the best of many trials is better than nothing, when the best of so many
 * trials without any merit would look good as well.
 *
 * in      Sharpe ratios per interval of all trials, and the returns' shape of the best
 * out     a probability, 0 … 1
 * source  Bailey & López de Prado (2014), "The Deflated Sharpe Ratio", equations 1 and 2
 */
import { assert } from '../../core/assert.ts'
import { normalCdf } from '../../core/math/normal.ts'
import type { SharpeReport } from '../../core/math/performance.ts'

/** Euler and Mascheroni's constant. */
const EULER = 0.5772156649015329
const QUANTILE_BOUND = 12
const BISECTIONS = 80

/** Φ⁻¹ by bisection: called a few times a sweep. @param share strictly between 0 and 1 */
export function normalQuantile(share: number): number {
  assert(share > 0 && share < 1, 'a quantile asks for a share between 0 and 1')
  let low = -QUANTILE_BOUND
  let high = QUANTILE_BOUND
  for (let index = 0; index < BISECTIONS; index += 1) {
    const middle = (low + high) / 2
    if (normalCdf(middle) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Sharpe ratio that the best of the trials is expected to show when none has any merit. Null with fewer than two. */
export function expectedBestSharpe(ratios: readonly number[]): number | null {
  const count = ratios.length
  if (count < 2) return null
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / count
  const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / (count - 1)
  const first = normalQuantile(1 - 1 / count)
  const second = normalQuantile(1 - 1 / (count * Math.E))
  return Math.sqrt(variance) * ((1 - EULER) * first + EULER * second)
}

/** @param count returns that the ratio was made of. Null where the ratio's own spread is not defined. */
export function deflatedSharpe(best: SharpeReport, count: number, ratios: readonly number[]): number | null {
  const benchmark = expectedBestSharpe(ratios)
  const { sharpePerPeriod: ratio, skew, kurtosisRaw } = best
  if (benchmark === null || ratio === null || skew === null || kurtosisRaw === null) return null
  const spread = 1 - skew * ratio + ((kurtosisRaw - 1) / 4) * ratio * ratio
  return spread <= 0 ? null : normalCdf(((ratio - benchmark) * Math.sqrt(count - 1)) / Math.sqrt(spread))
}
