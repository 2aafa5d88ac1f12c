/** Distances of the levels of a ladder: geometric δ_i = δ₀ (δ₁/δ₀)^{i/(n−1)} or linear. docs/math/ladder.md */
import { assert } from '../../src/core/assert.ts'

/**
 * The ratio of outer to inner depth is nearly always the configured span, give or take the last bit, and powers are most of what
 * depths cost: those of the last few ratios are kept.
 */
interface Powers {
  ratio: number
  levels: number
  values: Float64Array
}

const POWERS_MAX = 4
const kept: Powers[] = Array.from({ length: POWERS_MAX }, () => ({
  ratio: Number.NaN,
  levels: 0,
  values: new Float64Array(0),
}))

function powersOf(ratio: number, levels: number): Float64Array {
  for (let index = 0; index < POWERS_MAX; index += 1) {
    const powers = kept[index]
    if (powers?.ratio === ratio && powers.levels === levels) return powers.values
  }
  // The one that was made first is written over; the order of the others stays.
  const oldest = kept.shift()
  assert(oldest !== undefined, 'ladder: some powers are kept')
  kept.push(oldest)
  oldest.ratio = ratio
  oldest.levels = levels
  if (oldest.values.length !== levels) oldest.values = new Float64Array(levels)
  for (let index = 0; index < levels; index += 1) oldest.values[index] = ratio ** shareOf(index, levels)
  return oldest.values
}

function shareOf(index: number, levels: number): number {
  return levels === 1 ? 0 : index / (levels - 1)
}

/**
 * @param of inner > 0 for geometric; outer ≥ inner; any one unit
 * @param out filled with `levels` numbers, ascending
 */
export function writeDepths(
  of: {
    readonly spacing: 'geometric' | 'linear'
    readonly inner: number
    readonly outer: number
    readonly levels: number
  },
  out: Float64Array,
): void {
  const { spacing, inner, outer, levels } = of
  assert(levels >= 1 && levels <= out.length, 'ladder: the depths have room')
  assert(outer >= inner, 'ladder: the outer depth is not below the inner')
  assert(spacing === 'linear' || inner > 0, 'ladder: geometric spacing starts above zero')
  if (spacing === 'geometric') {
    const powers = powersOf(outer / inner, levels)
    for (let index = 0; index < levels; index += 1) out[index] = inner * (powers[index] ?? 1)
  } else {
    for (let index = 0; index < levels; index += 1)
      out[index] = inner + shareOf(index, levels) * (outer - inner)
  }
  // The power leaves the last bit open; the end is the end.
  if (levels > 1) out[levels - 1] = outer
}
