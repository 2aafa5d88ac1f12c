/** The running form of the exact solution against the whole one, which solves the same matrix in another way. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { riskScale } from '../../../strategies/glft/closed-form.ts'
import {
  initGroundState,
  INVENTORY_CLIPS_MAX,
  inventoryDepth,
  solveGroundState,
} from '../../../strategies/glft/ground-state.ts'
import { closedCost, exactCost, initGroundStates } from '../../../strategies/glft/inventory-cost.ts'
import { boundedDepths, solveSpectral } from '../../../strategies/glft/spectral.ts'

const arbitraryModel = fc.record({
  sigma: fc.double({ min: 2e-5, max: 2e-3, noNaN: true }),
  fillRate: fc.double({ min: 0.05, max: 5, noNaN: true }),
  kappa: fc.double({ min: 200, max: 6_000, noNaN: true }),
  aversion: fc.double({ min: 0.02, max: 2, noNaN: true }),
  inventoryMax: fc.integer({ min: 1, max: 12 }),
})

test('gives the depths of the whole solution at every inventory', () => {
  fc.assert(
    fc.property(arbitraryModel, ({ aversion, inventoryMax, ...of }) => {
      const gamma = aversion * of.kappa
      const whole = solveSpectral({ ...of, gamma, inventoryMax })
      const slope = riskScale({ ...of, gamma, executionGamma: gamma, clip: 1 }) / 2
      const state = initGroundState()
      solveGroundState(state, (2 * of.kappa * slope) ** 2, inventoryMax)
      for (let q = -inventoryMax; q < inventoryMax; q += 1) {
        const { bidDepth } = boundedDepths(whole, q)
        const { askDepth } = boundedDepths(whole, -q)
        const wanted = ((bidDepth ?? NaN) - whole.halfSpread) * of.kappa
        expect(Math.abs(inventoryDepth(state, q) - wanted)).toBeLessThan(1e-9 * (1 + Math.abs(wanted)))
        expect(Math.abs((askDepth ?? NaN) - (bidDepth ?? NaN)) * of.kappa).toBeLessThan(1e-9)
      }
    }),
    { numRuns: 60 },
  )
})

describe('what inventory adds', () => {
  const arbitraryBeta = fc.double({ min: 1e-6, max: 50, noNaN: true })

  test('grows with inventory, between whole inventories and beyond the bound too, and with risk as far as the bound allows the side', () => {
    const [calm, risky] = [initGroundState(), initGroundState()]
    fc.assert(
      fc.property(
        arbitraryBeta,
        fc.integer({ min: 1, max: INVENTORY_CLIPS_MAX }),
        fc.double({ min: -1.2, max: 1.2, noNaN: true }),
        (beta, inventoryMax, share) => {
          solveGroundState(calm, beta, inventoryMax)
          solveGroundState(risky, 4 * beta, inventoryMax)
          const q = share * inventoryMax
          expect(inventoryDepth(calm, q + 0.1)).toBeGreaterThanOrEqual(inventoryDepth(calm, q) - 1e-9)
          const accumulating = Math.min(Math.max(q, 0), inventoryMax - 1)
          const before = inventoryDepth(calm, accumulating)
          expect(inventoryDepth(risky, accumulating)).toBeGreaterThanOrEqual(before - 1e-9)
          // Nothing of the solution for other parameters is left over.
          const fresh = initGroundState()
          solveGroundState(fresh, beta, inventoryMax)
          expect(inventoryDepth(calm, q)).toBe(inventoryDepth(fresh, q))
        },
      ),
    )
  })

  test('is the straight line of the closed form while the bound is far away and risk is small', () => {
    const slopes = { quiet: 4e-6, toxicity: 2e-6, hour: 1e-6 }
    const exact = exactCost(initGroundStates(), slopes, 3.5, { kappa: 2_000, clipsMax: INVENTORY_CLIPS_MAX })
    const closed = closedCost(slopes, 3.5)
    const parts = (of: typeof closed): number[] => [
      of.bid,
      of.ask,
      of.flat.quiet,
      of.flat.toxicity,
      of.flat.hour,
    ]
    const wanted = parts(closed)
    parts(exact).forEach((part, index) => {
      expect(Math.abs(part - (wanted[index] ?? 0))).toBeLessThan(0.02 * Math.abs(wanted[index] ?? 0))
    })
  })

  test('with one clip until the limit, or less, still has a price', () => {
    for (const clipsMax of [0, 0.4, 1]) {
      const slopes = { quiet: 2e-4, toxicity: 0, hour: 0 }
      const cost = exactCost(initGroundStates(), slopes, 0.4, { kappa: 2_500, clipsMax })
      expect(cost.bid).toBeGreaterThan(0)
      expect(cost.ask).toBeLessThan(0)
      expect(Number.isFinite(cost.flat.quiet)).toBe(true)
    }
  })
})
