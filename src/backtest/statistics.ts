/**
 * Means, ratios and their 95 % intervals over seeds. Seeds are independent; strategies on one seed are not, because they
 * meet the same market, so comparisons go by differences per seed.
 *
 * source  Student's t; the jackknife of Quenouille and Tukey for ratios of means
 */
import { mean, sampleStandardDeviation } from 'simple-statistics'
import { assert } from '../core/assert.ts'

export interface Interval {
  readonly mean: number
  /** Half width of the 95 % interval; null with fewer than two seeds. */
  readonly halfWidth: number | null
}

/** Two-sided 95 % points of Student's t for 1…12 degrees of freedom. */
const T_TABLE = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788,
]
const Z = 1.959964

/** @param freedom degrees of freedom, ≥ 1. Beyond the table: Fisher's expansion, right to the fourth decimal there. */
export function studentT95(freedom: number): number {
  assert(Number.isInteger(freedom) && freedom >= 1, 't needs at least one degree of freedom')
  const tabulated = T_TABLE[freedom - 1]
  if (tabulated !== undefined) return tabulated
  const first = (Z ** 3 + Z) / 4
  const second = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96
  const third = (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384
  return Z + first / freedom + second / freedom ** 2 + third / freedom ** 3
}

export function meanInterval(values: readonly number[]): Interval {
  assert(values.length > 0, 'a mean needs at least one value')
  const count = values.length
  const halfWidth =
    count < 2 ? null : (studentT95(count - 1) * sampleStandardDeviation([...values])) / Math.sqrt(count)
  return { mean: mean([...values]), halfWidth }
}

/** Of `values[i] − base[i]`: what the common market did to both is gone. */
export function pairedDifference(values: readonly number[], base: readonly number[]): Interval {
  assert(values.length === base.length, 'paired values are of the same seeds')
  return meanInterval(values.map((value, index) => value - (base[index] ?? 0)))
}

/** Numerator and denominator of one seed. */
export interface RatioSample {
  readonly numerator: number
  /** ≥ 0. */
  readonly denominator: number
}

/** Mean over mean, or null when nothing stands below the line. */
export function ratioOf(samples: readonly RatioSample[]): number | null {
  const below = samples.reduce((sum, sample) => sum + sample.denominator, 0)
  if (below <= 0) return null
  return samples.reduce((sum, sample) => sum + sample.numerator, 0) / below
}

/** The ratio of means with its jackknife interval; null when it is undefined with any one seed left out. */
export function ratioInterval(samples: readonly RatioSample[]): Interval | null {
  return jackknife(samples.length, (keep) => ratioOf(samples.filter((_, index) => keep(index))))
}

/** Difference of two ratios of means over the same seeds. */
export function ratioDifference(
  samples: readonly RatioSample[],
  base: readonly RatioSample[],
): Interval | null {
  assert(samples.length === base.length, 'paired ratios are of the same seeds')
  return jackknife(samples.length, (keep) => {
    const own = ratioOf(samples.filter((_, index) => keep(index)))
    const other = ratioOf(base.filter((_, index) => keep(index)))
    return own === null || other === null ? null : own - other
  })
}

function jackknife(
  count: number,
  statistic: (keep: (index: number) => boolean) => number | null,
): Interval | null {
  const whole = statistic(() => true)
  if (whole === null) return null
  if (count < 2) return { mean: whole, halfWidth: null }
  const parts: number[] = []
  for (let left = 0; left < count; left += 1) {
    const part = statistic((index) => index !== left)
    if (part === null) return null
    parts.push(part)
  }
  const center = mean(parts)
  const variance = ((count - 1) / count) * parts.reduce((sum, part) => sum + (part - center) ** 2, 0)
  return { mean: whole, halfWidth: studentT95(count - 1) * Math.sqrt(variance) }
}
