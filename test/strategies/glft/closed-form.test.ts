/** Units, limits and comparative statics of the GLFT formulas; the exact solution as a second opinion. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asymmetricDepths, exactDepths, solveExact } from '../../../strategies/glft/asymmetric.ts'
import {
  asymptoticDepths,
  extendedDepths,
  inventoryFreeHalfSpread,
  riskScale,
} from '../../../strategies/glft/closed-form.ts'
import type { GlftModel } from '../../../strategies/glft/closed-form.ts'
import { boundedDepths, solveFiniteHorizon, solveSpectral } from '../../../strategies/glft/spectral.ts'

const arbitraryModel = fc.record({
  sigma: fc.double({ min: 0.05, max: 3, noNaN: true }),
  fillRate: fc.double({ min: 0.1, max: 20, noNaN: true }),
  kappa: fc.double({ min: 0.05, max: 5, noNaN: true }),
  gamma: fc.double({ min: 1e-4, max: 0.5, noNaN: true }),
  q: fc.integer({ min: -6, max: 6 }),
  scale: fc.double({ min: 0.01, max: 1000, noNaN: true }),
})

function modelOf(of: { sigma: number; fillRate: number; kappa: number; gamma: number }): GlftModel {
  return { ...of, executionGamma: of.gamma, clip: 1 }
}

function expectClose(actual: number, wanted: number): void {
  expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(wanted)))
}

describe('units', () => {
  test('a change of the price unit scales every depth with it', () => {
    fc.assert(
      fc.property(arbitraryModel, ({ q, scale: c, ...of }) => {
        const extra = { drift: 0.01, impactPerFill: 0.1, feePerUnit: 0.05 }
        const plain = extendedDepths(modelOf(of), q, extra)
        const scaled = extendedDepths(
          modelOf({ ...of, sigma: of.sigma * c, kappa: of.kappa / c, gamma: of.gamma / c }),
          q,
          { drift: 0.01 * c, impactPerFill: 0.1 * c, feePerUnit: 0.05 * c },
        )
        expectClose(scaled.bidDepth / c, plain.bidDepth)
        expectClose(scaled.askDepth / c, plain.askDepth)
      }),
    )
  })

  test('a change of the lot leaves the depths as they are', () => {
    fc.assert(
      fc.property(arbitraryModel, ({ q, scale: m, ...of }) => {
        const plain = asymptoticDepths(modelOf(of), q)
        const gamma = of.gamma * m
        const relotted = asymptoticDepths({ ...of, gamma, executionGamma: gamma, clip: 1 / m }, q / m)
        expectClose(relotted.bidDepth, plain.bidDepth)
        expectClose(relotted.askDepth, plain.askDepth)
      }),
    )
  })
})

describe('comparative statics', () => {
  test('bid and ask mirror in inventory, and the bid deepens as it grows', () => {
    fc.assert(
      fc.property(arbitraryModel, ({ q, scale: _, ...of }) => {
        const model = modelOf(of)
        expect(asymptoticDepths(model, q).bidDepth).toBe(asymptoticDepths(model, -q).askDepth)
        expect(asymptoticDepths(model, q + 1).bidDepth).toBeGreaterThan(asymptoticDepths(model, q).bidDepth)
      }),
    )
  })

  test('the spread rises with sigma and falls with A; h0 falls as gamma rises', () => {
    fc.assert(
      fc.property(arbitraryModel, ({ q: _, scale: __, ...of }) => {
        const spread = (model: GlftModel): number => {
          const depths = asymptoticDepths(model, 0)
          return depths.bidDepth + depths.askDepth
        }
        const model = modelOf(of)
        expect(spread({ ...model, sigma: 2 * of.sigma })).toBeGreaterThan(spread(model))
        expect(spread({ ...model, fillRate: 2 * of.fillRate })).toBeLessThan(spread(model))
        const { kappa, gamma } = of
        expect(inventoryFreeHalfSpread({ gamma: 2 * gamma, kappa, clip: 1 })).toBeLessThan(
          inventoryFreeHalfSpread({ gamma, kappa, clip: 1 }),
        )
      }),
    )
  })

  test('no risk and no aversion give 1/kappa and no skew', () => {
    const model = { sigma: 0, fillRate: 3, kappa: 2.5, gamma: 0, executionGamma: 0, clip: 4 }
    expect(asymptoticDepths(model, 9)).toEqual({ bidDepth: 0.4, askDepth: 0.4 })
  })

  test('bad numbers are refused by name', () => {
    const model = { sigma: 2, fillRate: 3, kappa: 2.5, gamma: 0.1, executionGamma: 0.1, clip: 4 }
    expect(() => riskScale({ ...model, fillRate: 0 })).toThrow(/fillRate is positive and finite; got 0/)
    expect(() => riskScale({ ...model, sigma: NaN })).toThrow(/sigma is not negative and finite; got NaN/)
  })
})

describe('closed form against exact', () => {
  test('near the middle of the inventory range the two agree to a few percent', () => {
    for (const [bidRate, askRate] of [
      [0.9, 0.9],
      [0.9, 0.6],
    ] as const) {
      const model = {
        sigma: 0.3,
        gamma: 0.01,
        executionGamma: 0.01,
        bid: { fillRate: bidRate, kappa: 0.3 },
        ask: { fillRate: askRate, kappa: 0.35 },
        drift: 0,
      }
      const solution = solveExact(model, 14)
      for (const q of [-3, 0, 2]) {
        const exact = exactDepths(model, solution, q)
        const closed = asymmetricDepths(model, q)
        expect(closed.bidDepth / (exact.bidDepth ?? NaN)).toBeGreaterThan(0.94)
        expect(closed.bidDepth / (exact.bidDepth ?? NaN)).toBeLessThan(1.06)
        expect(closed.askDepth / (exact.askDepth ?? NaN)).toBeGreaterThan(0.94)
        expect(closed.askDepth / (exact.askDepth ?? NaN)).toBeLessThan(1.06)
      }
    }
  })

  test('Newton on the symmetric problem and the eigenvector are two ways to one answer', () => {
    const side = { fillRate: 0.7, kappa: 0.4 }
    const model = { sigma: 0.5, gamma: 0.02, executionGamma: 0.02, bid: side, ask: side, drift: 0 }
    const newton = solveExact(model, 9)
    const spectral = solveSpectral({ sigma: 0.5, fillRate: 0.7, kappa: 0.4, gamma: 0.02, inventoryMax: 9 })
    for (const q of [-9, -4, 0, 5]) {
      const a = exactDepths(model, newton, q)
      const b = boundedDepths(spectral, q)
      if (a.askDepth === null) expect(b.askDepth).toBeNull()
      else expectClose(a.askDepth, b.askDepth ?? NaN)
      expectClose(a.bidDepth ?? NaN, b.bidDepth ?? NaN)
    }
  })

  test('a long horizon is the stationary solution, and no horizon is h0', () => {
    const model = { sigma: 0.5, fillRate: 0.7, kappa: 0.4, gamma: 0.02, inventoryMax: 7 }
    const long = boundedDepths(solveFiniteHorizon(model, 900), 2)
    const stationary = boundedDepths(solveSpectral(model), 2)
    expectClose(long.bidDepth ?? NaN, stationary.bidDepth ?? NaN)
    const none = boundedDepths(solveFiniteHorizon(model, 0), 2)
    expect(none.bidDepth).toBe(inventoryFreeHalfSpread({ gamma: 0.02, kappa: 0.4, clip: 1 }))
    expect(boundedDepths(solveSpectral(model), 7).bidDepth).toBeNull()
  })
})
