/**
 * The normal distribution in double precision, tails included: φ, Φ and erfc.
 *
 * `0.5 (1 + erf x)` loses the left tail and a polynomial of 1e-7 fails option prices, so Φ goes through erfc.
 * erfc is Kummer's series for small arguments and Lentz's continued fraction for large ones; relative error below
 * 1e-13 up to the underflow at x ≈ 27.
 * source  Abramowitz & Stegun (1964), 7.1.6 and 7.1.14
 */
import { assert } from '../assert.ts'

/** Where the series hands over to the fraction: both converge quickly on either side. */
const SERIES_LIMIT = 1.25
const SERIES_TERMS_MAX = 80
const FRACTION_STEPS_MAX = 400
const TINY = 1e-300

/** erfc(x) = 2/√π ∫ₓ^∞ e^{−t²} dt, for any finite x. */
export function erfc(x: number): number {
  assert(!Number.isNaN(x), 'erfc takes a number')
  if (x < 0) return 2 - erfc(-x)
  if (x < SERIES_LIMIT) return 1 - erfSeries(x)
  if (x > 27.3) return 0
  return erfcFraction(x)
}

/** erf(x) = 2/√π e^{−x²} Σ 2ⁿ x^{2n+1}/(1·3·…·(2n+1)): all terms positive, nothing cancels. */
function erfSeries(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; n < SERIES_TERMS_MAX; n += 1) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
    if (term < sum * 1e-17) break
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** √π e^{x²} erfc(x) = 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))), by the modified Lentz method. */
function erfcFraction(x: number): number {
  let value = x
  let c = x
  let d = 0
  for (let n = 1; n < FRACTION_STEPS_MAX; n += 1) {
    const numerator = n / 2
    d = 1 / (x + numerator * d)
    c = x + numerator / Math.max(c, TINY)
    const factor = c * d
    value *= factor
    if (Math.abs(factor - 1) < 1e-16) break
  }
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * value)
}

/** Φ(x), the probability of a standard normal below x. */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x / Math.SQRT2)
}

/** φ(x), the standard normal density. */
export function normalPdf(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)
}
