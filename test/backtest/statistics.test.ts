/** Intervals against published values and against what they promise: coverage. */
import { describe, expect, test } from 'vitest'
import {
  meanInterval,
  pairedDifference,
  ratioDifference,
  ratioInterval,
  ratioOf,
  studentT95,
} from '../../src/backtest/statistics.ts'
import { initSfc32, nextUnit } from '../../src/core/math/sfc32.ts'

describe("Student's t, two-sided 95 %", () => {
  // NIST/SEMATECH handbook, table of critical values of t, upper 0.025.
  test.each([
    [1, 12.706],
    [2, 4.303],
    [5, 2.571],
    [12, 2.179],
    [13, 2.16],
    [20, 2.086],
    [29, 2.045],
    [60, 2.0],
    [100, 1.984],
  ])('with %i degrees of freedom is %f', (freedom, published) => {
    expect(studentT95(freedom)).toBeCloseTo(published, 3)
  })

  test('falls towards the normal point without a jump where the table ends', () => {
    for (let freedom = 2; freedom < 200; freedom += 1) {
      expect(studentT95(freedom)).toBeLessThan(studentT95(freedom - 1))
    }
    expect(studentT95(1e6)).toBeCloseTo(1.959964, 4)
  })
})

test('the interval of a mean holds the truth in 95 of 100 samples', () => {
  const rng = initSfc32(3)
  const samples = 2_000
  let held = 0
  for (let sample = 0; sample < samples; sample += 1) {
    // Three uniform numbers have mean 1.5 and are near enough to normal for ten of them.
    const values = Array.from({ length: 10 }, () => nextUnit(rng) + nextUnit(rng) + nextUnit(rng))
    const { mean, halfWidth } = meanInterval(values)
    if (Math.abs(mean - 1.5) <= (halfWidth ?? 0)) held += 1
  }
  // Four standard errors of a share of 0.95 in 2 000 samples are 0.0195.
  expect(Math.abs(held / samples - 0.95)).toBeLessThan(0.0195)
})

test('what a common market does to both strategies is not in the paired difference', () => {
  const market = [100, -300, 250, -80, 500]
  const base = market.map((value) => value + 1)
  const better = market.map((value, index) => value + 3 + (index % 2))
  expect(pairedDifference(better, base).mean).toBeCloseTo(2.4, 12)
  expect(pairedDifference(better, base).halfWidth ?? Infinity).toBeLessThan(1)
  expect(meanInterval(better).halfWidth ?? 0).toBeGreaterThan(300)
})

test('one seed has a mean and no interval', () => {
  expect(meanInterval([7])).toEqual({ mean: 7, halfWidth: null })
  expect(ratioInterval([{ numerator: 6, denominator: 2 }])).toEqual({ mean: 3, halfWidth: null })
})

describe('ratios of means', () => {
  const samples = [
    { numerator: 10, denominator: 2 },
    { numerator: 20, denominator: 5 },
    { numerator: 3, denominator: 4 },
  ]

  test('weigh by the denominator', () => {
    expect(ratioOf(samples)).toBeCloseTo(3, 12)
  })

  test('with equal denominators have the interval of a mean', () => {
    const values = [4, 9, 1, 6, 6, 2]
    const ratio = ratioInterval(values.map((numerator) => ({ numerator, denominator: 2 })))
    const mean = meanInterval(values.map((value) => value / 2))
    expect(ratio?.mean).toBeCloseTo(mean.mean, 12)
    expect(ratio?.halfWidth).toBeCloseTo(mean.halfWidth ?? 0, 12)
  })

  test('differ by nothing from themselves', () => {
    expect(ratioDifference(samples, samples)).toEqual({ mean: 0, halfWidth: 0 })
  })

  test('are undefined without risk, not infinite', () => {
    expect(ratioInterval([{ numerator: 1, denominator: 0 }])).toBeNull()
    expect(
      ratioInterval([
        { numerator: 1, denominator: 0 },
        { numerator: 1, denominator: 2 },
      ]),
    ).toBeNull()
  })
})
