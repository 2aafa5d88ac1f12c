import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toLots, toMicroUsd } from '../../src/config/amounts.ts'
import { gridOf } from '../../src/core/units.ts'
import { failureOf } from '../support/config.ts'

/** Amounts are made from whole ten-millionths, so that the exact answer is known without floats. */
const UNITS_PER_ONE = 10n ** 7n

test('sizes become whole lots exactly, rounded down', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10 ** 11 }),
      fc.integer({ min: 0, max: 6 }),
      (units, szDecimals) => {
        const size = Number(`${units}e-7`)
        const lots = (BigInt(units) * 10n ** BigInt(szDecimals)) / UNITS_PER_ONE
        if (units > 0 && lots === 0n) expect(() => toLots(size, gridOf(szDecimals))).toThrow(/less than/)
        else expect(BigInt(toLots(size, gridOf(szDecimals)))).toBe(lots)
      },
    ),
  )
})

test.each([
  [0.29, 2, 29],
  [1.1, 5, 110_000],
  [0.000_019, 5, 1],
  [0, 0, 0],
])('%d with %i decimals are %i lots', (size, szDecimals, lots) => {
  expect(toLots(size, gridOf(szDecimals))).toBe(lots)
})

test('a size below one lot is refused with the size of a lot', () => {
  const { code, message } = failureOf(() => toLots(0.25, gridOf(0)))
  expect([code, message]).toEqual(['BAD_VALUE', 'size 0.25 is less than the smallest size of this market, 1'])
  expect(failureOf(() => toLots(0.009, gridOf(2))).message).toMatch(/, 0\.01$/)
})

test('dollars become whole micro-dollars, a loss towards zero', () => {
  expect(toMicroUsd(1_000)).toBe(1_000_000_000)
  expect(toMicroUsd(0.1 + 0.2)).toBe(300_000)
  expect(toMicroUsd(-0.000_001_9)).toBe(-1)
})

test('an amount that a float64 cannot count is refused', () => {
  expect(failureOf(() => toMicroUsd(9_100_000_000)).code).toBe('BAD_VALUE')
})
