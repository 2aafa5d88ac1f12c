/** Distances of the levels of a ladder: geometric δ_i = δ₀ (δ₁/δ₀)^{i/(n−1)} or linear. docs/math/ladder.md */
import { assert } from '../../src/core/assert.ts'

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
  for (let index = 0; index < levels; index += 1) {
    const share = levels === 1 ? 0 : index / (levels - 1)
    out[index] = spacing === 'geometric' ? inner * (outer / inner) ** share : inner + share * (outer - inner)
  }
  // The power leaves the last bit open; the end is the end.
  if (levels > 1) out[levels - 1] = outer
}
