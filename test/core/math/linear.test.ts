import fc from 'fast-check'
import { expect, test } from 'vitest'
import { multiplyVector, solveLinear } from '../../../src/core/math/linear.ts'

const entry = fc.double({ min: -3, max: 3, noNaN: true })

/** Rows whose diagonal outweighs the rest, in any order: such systems are well conditioned, and pivots have to be looked for. */
const systems = fc.integer({ min: 1, max: 8 }).chain((n) =>
  fc
    .record({
      rows: fc.array(fc.array(entry, { minLength: n, maxLength: n }), { minLength: n, maxLength: n }),
      order: fc.shuffledSubarray(
        Array.from({ length: n }, (_, index) => index),
        { minLength: n, maxLength: n },
      ),
      solution: fc.array(entry, { minLength: n, maxLength: n }),
    })
    .map(({ rows, order, solution }) => {
      const heavy = rows.map((row, index) =>
        row.map((value, at) => (at === index ? 3 * n + 1 + value : value)),
      )
      return { matrix: order.map((index) => heavy[index] ?? []), solution }
    }),
)

test('a system whose solution is known gives it back, however its rows are ordered, and stays as it was', () => {
  fc.assert(
    fc.property(systems, ({ matrix, solution }) => {
      const before = structuredClone(matrix)
      const found = solveLinear(matrix, multiplyVector(matrix, solution))
      expect(found).not.toBeNull()
      // The condition number of such a matrix is below 10, so a few hundred roundings of 2e-16 remain far below this.
      found?.forEach((value, index) => expect(value).toBeCloseTo(solution[index] ?? NaN, 11))
      expect(matrix).toEqual(before)
    }),
  )
})

test('a zero on the diagonal is no obstacle', () => {
  expect(
    solveLinear(
      [
        [0, 2],
        [4, 0],
      ],
      [6, 20],
    ),
  ).toEqual([5, 3])
})

test.each([
  ['zero', [[0]], [1]],
  [
    'with equal rows',
    [
      [2, 3],
      [2, 3],
    ],
    [5, 5],
  ],
  [
    'with a row that is the sum of two others, but for rounding',
    [
      [0.1, 0.7, 3],
      [0.2, 0.4, 5],
      [0.3, 1.1, 8],
    ],
    [1, 2, 4],
  ],
] as const)('a matrix %s has no solution', (_, matrix, rhs) => {
  expect(solveLinear(matrix, rhs)).toBeNull()
})

test('what is not square is a bug', () => {
  expect(() => solveLinear([[1, 2]], [1, 2])).toThrow(/as many rows/)
  expect(() => solveLinear([[1, 2]], [1])).toThrow(/square/)
})
