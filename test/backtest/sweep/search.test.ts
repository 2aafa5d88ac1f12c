/** Ways of searching a space: the laws of each, published points, and a hill that TPE climbs faster than chance does. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { proposeTrial, readyUntil } from '../../../src/backtest/sweep/propose.ts'
import type { KnownTrial, SweepMethod } from '../../../src/backtest/sweep/propose.ts'
import { SOBOL_DIMENSIONS_MAX, sobolPoint } from '../../../src/backtest/sweep/sobol.ts'
import { gridCount, gridPoint, gridValues, unitOf, valueAt } from '../../../src/backtest/sweep/space.ts'
import type { Dimension } from '../../../src/backtest/sweep/space.ts'

const range = (over: Partial<Extract<Dimension, { kind: 'range' }>> = {}): Dimension => ({
  ...{ kind: 'range', key: 'risk.gamma_base', min: 0.2, max: 3, isLog: false, isWhole: false, steps: 4 },
  ...over,
})
const names: Dimension = { kind: 'values', key: 'a.b', values: ['x', 'y', 'z'] }
const SPACE = [range({ isLog: true }), range({ isWhole: true, min: 3, max: 9 }), names]

describe('a dimension', () => {
  test.each(SPACE)('%j keeps a value where it stands: place, value and place again agree', (dimension) => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (unit) => {
        const value = valueAt(dimension, unit)
        expect(valueAt(dimension, unitOf(dimension, value))).toBe(value)
      }),
    )
  })

  test('on a logarithmic scale has its geometric mean in the middle', () => {
    expect(valueAt(range({ min: 0.5, max: 8, isLog: true }), 0.5)).toBe(2)
  })

  test('takes whole numbers equally often, the ends as well', () => {
    const whole = range({ min: 2, max: 5, isWhole: true })
    const values = Array.from({ length: 400 }, (_, index) => valueAt(whole, (index + 0.5) / 400))
    for (const value of [2, 3, 4, 5]) expect(values.filter((one) => one === value)).toHaveLength(100)
  })
})

test('a grid has every combination once, ends included', () => {
  const points = Array.from({ length: gridCount(SPACE) }, (_, index) => gridPoint(SPACE, index))
  expect(points).toHaveLength(4 * 4 * 3)
  expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(points.length)
  expect(gridValues(range())).toEqual([0.2, 1.13333, 2.06667, 3])
  expect(gridValues(range({ isWhole: true, min: 3, max: 5, steps: 9 }))).toEqual([3, 4, 5])
})

describe('Sobol points', () => {
  // Joe & Kuo's page prints these as the first points in three dimensions.
  test('are the published ones', () => {
    const points = Array.from({ length: 10 }, (_, index) =>
      sobolPoint(index, 3).map((word) => word / 2 ** 32),
    )
    expect(points).toEqual([
      [0, 0, 0],
      [0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25],
      [0.25, 0.75, 0.75],
      [0.375, 0.375, 0.625],
      [0.875, 0.875, 0.125],
      [0.625, 0.125, 0.875],
      [0.125, 0.625, 0.375],
      [0.1875, 0.3125, 0.9375],
      [0.6875, 0.8125, 0.4375],
    ])
  })

  test('fall once into every even interval, in each dimension', () => {
    const points = Array.from({ length: 1024 }, (_, index) => sobolPoint(index, SOBOL_DIMENSIONS_MAX))
    for (let dimension = 0; dimension < SOBOL_DIMENSIONS_MAX; dimension += 1) {
      expect(new Set(points.map((point) => (point[dimension] ?? 0) >>> 22)).size).toBe(1024)
    }
  })
})

/** One hill, its top inside of the cube. */
const hill = ([gamma = 0, levels = 0, name = '']: readonly unknown[]): number =>
  -((Math.log(Number(gamma)) - 0.3) ** 2) - 0.05 * (Number(levels) - 7) ** 2 - (name === 'y' ? 0 : 0.5)

function search(method: SweepMethod, seed: number, count: number): KnownTrial[] {
  const known: KnownTrial[] = []
  while (known.length < count) {
    const settings = proposeTrial(method, SPACE, seed, known.length, known)
    known.push({ settings, score: hill(settings) })
  }
  return known
}

describe('a proposal', () => {
  test.each(['random', 'sobol', 'tpe'] as const)('of %s comes from seed and number alone', (method) => {
    expect(search(method, 5, 30)).toEqual(search(method, 5, 30))
    expect(search(method, 5, 30)).not.toEqual(search(method, 6, 30))
  })

  test('of TPE does not look at its own generation: later results change nothing', () => {
    const known = search('tpe', 3, 32)
    const changed = known.map((one, index) => (index >= 24 ? { ...one, score: 1e9 } : one))
    for (const index of [24, 27, 31]) {
      expect(proposeTrial('tpe', SPACE, 3, index, changed)).toEqual(known[index]?.settings)
    }
    expect(readyUntil('tpe', 24, 100)).toBe(32)
    expect(readyUntil('tpe', 31, 100)).toBe(32)
  })

  test('of TPE finds the top of a hill better than chance, over twelve seeds', () => {
    const regret = (method: SweepMethod): number =>
      Array.from({ length: 12 }, (_, seed) =>
        Math.max(
          ...search(method, seed, 64)
            .slice(32)
            .map((one) => one.score ?? -Infinity),
        ),
      ).reduce((sum, best) => sum - best, 0)
    expect(regret('tpe')).toBeLessThan(0.7 * regret('random'))
  })
})
