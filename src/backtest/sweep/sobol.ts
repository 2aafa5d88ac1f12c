/**
 * Sobol points: spread more evenly over the cube than random ones, so that few trials see every corner.
 *
 * in      index of the point ≥ 0, dimensions ≤ 16
 * out     32-bit words; over 2^32 they lie in [0, 1)
 * source  Joe & Kuo (2008), direction numbers of `new-joe-kuo-6`, first 16 dimensions
 */
import { assert } from '../../core/assert.ts'

/** Degree and inner coefficients of the primitive polynomial, and the first direction numbers, from the second dimension on. */
const DIRECTIONS: readonly (readonly [coefficients: number, first: readonly number[]])[] = [
  [0, [1]],
  [1, [1, 3]],
  [1, [1, 3, 1]],
  [2, [1, 1, 1]],
  [1, [1, 1, 3, 3]],
  [4, [1, 3, 5, 13]],
  [2, [1, 1, 5, 5, 17]],
  [4, [1, 1, 5, 5, 5]],
  [7, [1, 1, 7, 11, 19]],
  [11, [1, 1, 5, 1, 1]],
  [13, [1, 1, 1, 3, 11]],
  [14, [1, 3, 5, 5, 31]],
  [1, [1, 3, 3, 9, 7, 49]],
  [13, [1, 1, 1, 15, 21, 21]],
  [16, [1, 3, 1, 13, 27, 49]],
]
const BITS = 32

export const SOBOL_DIMENSIONS_MAX: number = DIRECTIONS.length + 1

/** One 32-bit word per dimension: XOR of the direction numbers that the Gray code of the index names. */
export function sobolPoint(index: number, dimensionCount: number): number[] {
  assert(index >= 0 && index < 2 ** BITS, 'a Sobol index is a whole number of 32 bits')
  assert(dimensionCount >= 1 && dimensionCount <= SOBOL_DIMENSIONS_MAX, 'Sobol knows so many dimensions')
  const gray = (index ^ (index >>> 1)) >>> 0
  return Array.from({ length: dimensionCount }, (_, dimension) => {
    const directions = directionsOf(dimension)
    let word = 0
    for (let bit = 0; bit < BITS; bit += 1) if ((gray >>> bit) & 1) word ^= directions[bit] ?? 0
    return word >>> 0
  })
}

function directionsOf(dimension: number): readonly number[] {
  const words: number[] = []
  const known = dimension === 0 ? null : DIRECTIONS[dimension - 1]
  for (let bit = 0; bit < BITS; bit += 1) {
    if (known === null || known === undefined) {
      words.push((1 << (31 - bit)) >>> 0)
      continue
    }
    const [coefficients, first] = known
    const degree = first.length
    if (bit < degree) {
      words.push(((first[bit] ?? 0) << (31 - bit)) >>> 0)
      continue
    }
    const back = words[bit - degree] ?? 0
    let word = back ^ (back >>> degree)
    for (let inner = 1; inner < degree; inner += 1) {
      if ((coefficients >>> (degree - 1 - inner)) & 1) word ^= words[bit - inner] ?? 0
    }
    words.push(word >>> 0)
  }
  return words
}
