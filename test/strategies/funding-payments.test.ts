import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expectedPayments, FUNDING_INTERVAL_SEC } from '../../strategies/funding-payments.ts'

test('a position held for ever less is charged for ever fewer payments, and none at zero', () => {
  expect(expectedPayments(900, 0)).toBe(0)
  // By hand, with H = 1800: e^{−1/2}·(1 + e^{−2} + e^{−4} + …).
  expect(expectedPayments(900, 1_800)).toBeCloseTo(0.60653 / (1 - 0.135335), 4)
  expect(expectedPayments(900, 20)).toBeLessThan(1e-15)
})

test('just before the payment it is one payment more than just after', () => {
  fc.assert(
    fc.property(fc.double({ min: 30, max: 900_000, noNaN: true }), (holdingSec) => {
      const [before, after] = [0, FUNDING_INTERVAL_SEC].map((sec) => expectedPayments(sec, holdingSec))
      expect((before ?? 0) - (after ?? 0)).toBeCloseTo(1, 9)
    }),
  )
})

test('over a whole interval it averages to the holding time over the interval', () => {
  for (const holdingSec of [700, 3_600, 40_000]) {
    let sum = 0
    for (let sec = 0.5; sec < FUNDING_INTERVAL_SEC; sec += 1) sum += expectedPayments(sec, holdingSec)
    expect(sum / FUNDING_INTERVAL_SEC).toBeCloseTo(holdingSec / FUNDING_INTERVAL_SEC, 4)
  }
})
