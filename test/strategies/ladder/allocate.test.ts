/** The allocation is checked by its optimality conditions, not only by values. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allocateLinear, allocateQuadratic, bindingOf } from '../../../strategies/ladder/allocate.ts'

const arbitraryProblem = fc
  .array(
    fc.record({
      value: fc.double({ min: -2, max: 5, noNaN: true }),
      curvature: fc.double({ min: 0.01, max: 4, noNaN: true }),
      cap: fc.double({ min: 0.1, max: 6, noNaN: true }),
      perLot: fc.double({ min: 0.2, max: 3, noNaN: true }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .chain((rows) =>
    fc.record({
      rows: fc.constant(rows),
      budget: fc.double({ min: 0.05, max: 20, noNaN: true }),
      marginBudget: fc.double({ min: 0.05, max: 30, noNaN: true }),
    }),
  )

describe('quadratic allocation', () => {
  test('meets the optimality conditions for every problem', () => {
    fc.assert(
      fc.property(arbitraryProblem, ({ rows, budget, marginBudget }) => {
        const sizes = new Float64Array(rows.length)
        const prices = { budget: 0, margin: 0 }
        const perLot = rows.map((row) => row.perLot)
        const problem = {
          value: rows.map((row) => row.value),
          curvature: rows.map((row) => row.curvature),
          cap: rows.map((row) => row.cap),
          levels: rows.length,
          budget,
          margin: { perLot, budget: marginBudget },
        }
        allocateQuadratic(problem, sizes, prices)
        const total = sizes.reduce((sum, size) => sum + size, 0)
        const margin = sizes.reduce((sum, size, index) => sum + size * (perLot[index] ?? 0), 0)
        expect(total).toBeLessThanOrEqual(budget * (1 + 1e-9))
        expect(margin).toBeLessThanOrEqual(marginBudget * (1 + 1e-9))
        expect(Math.min(prices.budget, prices.margin)).toBeGreaterThanOrEqual(0)
        // A price is paid only for what is used up.
        if (prices.budget > 1e-9) expect(budget - total).toBeLessThan(1e-6)
        if (prices.margin > 1e-9) expect(marginBudget - margin).toBeLessThan(1e-6)
        rows.forEach((row, index) => {
          const size = sizes[index] ?? 0
          const slope = row.value - row.curvature * size - prices.budget - prices.margin * row.perLot
          if (size > 1e-9) expect(slope).toBeGreaterThan(-1e-6)
          if (size < row.cap - 1e-9) expect(slope).toBeLessThan(1e-6)
        })
      }),
    )
  })

  test('says what binds each level', () => {
    const sizes = new Float64Array(3)
    const prices = { budget: 0, margin: 0 }
    const problem = {
      value: [3, 2, 0.2],
      curvature: [0.5, 2, 2],
      cap: [0.4, 9, 9],
      least: [0, 0, 0.3],
      levels: 3,
      budget: 1.2,
    }
    allocateQuadratic(problem, sizes, prices)
    expect([0, 1, 2].map((index) => bindingOf(problem, prices, sizes, index))).toEqual([
      'cap',
      'budget',
      'least',
    ])
    expect(sizes[0]).toBe(0.4)
    expect(sizes[1]).toBeCloseTo(0.5, 9)
    expect(sizes[2]).toBe(0.3)
  })
})

test('without risk the best levels are filled first and worthless ones get nothing', () => {
  const sizes = new Float64Array(4)
  const unused = allocateLinear(
    { value: [0.5, -0.2, 1.4, 0.9], cap: [3, 3, 2, 2], levels: 4, budget: 9 },
    sizes,
  )
  expect([...sizes]).toEqual([3, 0, 2, 2])
  expect(unused).toBe(2)
})
