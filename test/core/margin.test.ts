import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MarginFacts, MarginSettings } from '../../src/core/margin.ts'
import { liquidationDistance, planMargin } from '../../src/core/margin.ts'
import { settings as engineSettings } from '../support/core-facts.ts'

const DOLLAR = 1_000_000
const settings: MarginSettings = { ...engineSettings, isolatedMarginMicroUsd: 0 }

/** 0.8 BTC at 60 000 with leverage 5: 48 000 dollars, of which 9 600 are margin. */
const MARK = 600_000
const SIZE = 80_000

/** The venue's own rule, solved by bisection rather than by formula: where equity meets the maintenance margin. */
function liquidationTicks(sizeLots: number, marginMicroUsd: number, maxLeverage: number): number | null {
  const excess = (ticks: number): number =>
    marginMicroUsd + sizeLots * (ticks - MARK) - (Math.abs(sizeLots) * ticks) / (2 * maxLeverage)
  let [safe, dead] = sizeLots > 0 ? [MARK, 0] : [MARK, 100 * MARK]
  if (excess(dead) > 0) return null
  for (let round = 0; round < 100; round += 1) {
    const middle = (safe + dead) / 2
    if (excess(middle) > 0) safe = middle
    else dead = middle
  }
  return safe
}

function factsOf(of: { margin: number; size?: number; free?: number; isRemovable?: boolean }): MarginFacts {
  const { margin, size = SIZE, free = 1e6 * DOLLAR, isRemovable = true } = of
  return {
    sizeLots: size,
    markTicks: MARK,
    marginMicroUsd: margin,
    liquidationTicks: liquidationTicks(size, margin, 40),
    withdrawableMicroUsd: free,
    accountValueMicroUsd: free + margin,
    maxLeverage: 40,
    isRemovable,
  }
}

const sizes = fc.integer({ min: 1_000, max: 500_000 }).chain((size) => fc.constantFrom(size, -size))
const marginShares = fc.double({ min: 0.02, max: 1.5, noNaN: true })

describe('the margin of an isolated position', () => {
  test('after what is planned, the liquidation price is within the band, or at its target', () => {
    fc.assert(
      fc.property(sizes, marginShares, (size, share) => {
        const facts = factsOf({ size, margin: Math.round(share * Math.abs(size) * MARK) })
        const { changeMicroUsd, missingMicroUsd } = planMargin(facts, settings)
        expect(missingMicroUsd).toBe(0)
        const margin = facts.marginMicroUsd + changeMicroUsd
        const after = liquidationDistance({ ...facts, liquidationTicks: liquidationTicks(size, margin, 40) })
        const distance = liquidationDistance(facts)
        if (changeMicroUsd > 0) {
          expect(distance).toBeLessThan(settings.marginTopUpShare)
          expect(after).toBeCloseTo(settings.marginTargetShare, 6)
        } else if (changeMicroUsd < 0) {
          expect(distance ?? Infinity).toBeGreaterThan(settings.marginReleaseShare)
          expect(after).toBeGreaterThanOrEqual(settings.marginTargetShare - 1e-6)
        } else if (Math.abs(size) * MARK > 100 * DOLLAR) {
          expect(distance).toBeGreaterThanOrEqual(settings.marginTopUpShare)
        }
      }),
    )
  })

  test('a second look at once changes nothing more', () => {
    fc.assert(
      fc.property(sizes, marginShares, (size, share) => {
        const facts = factsOf({ size, margin: Math.round(share * Math.abs(size) * MARK) })
        const margin = facts.marginMicroUsd + planMargin(facts, settings).changeMicroUsd
        expect(planMargin(factsOf({ size, margin }), settings).changeMicroUsd).toBe(0)
      }),
    )
  })

  test.each([
    ['at the entry nothing is near', { margin: 9_600 * DOLLAR }, 0, 0],
    [
      'as much as is free, and the rest is missing',
      { margin: 4_800 * DOLLAR, free: 3_000 * DOLLAR },
      3_000,
      2_280,
    ],
    ['a sum that is not free is missing whole', { margin: 4_800 * DOLLAR, free: 0 }, 0, 5_280],
    ['strictly isolated margin stays', { margin: 40_000 * DOLLAR, isRemovable: false }, 0, 0],
  ])('%s', (_name, of, change, missing) => {
    const plan = planMargin(factsOf(of), settings)
    expect(plan.changeMicroUsd / DOLLAR).toBeCloseTo(change, 0)
    expect(plan.missingMicroUsd / DOLLAR).toBeCloseTo(missing, 0)
  })

  test('the initial margin is set at the entry, restored after a loss of a tenth of it, and never taken back', () => {
    const initial = { ...settings, isolatedMarginMicroUsd: 20_000 * DOLLAR }
    const change = (margin: number): number =>
      planMargin(factsOf({ margin: margin * DOLLAR }), initial).changeMicroUsd / DOLLAR
    expect(change(9_600)).toBe(10_400)
    expect(change(18_001)).toBe(0)
    expect(change(17_999)).toBe(2_001)
    expect(change(48_000)).toBe(-28_000)
  })

  test('the initial margin leaves a small account something for its orders, but a near liquidation does not', () => {
    const of = factsOf({ margin: 9_600 * DOLLAR, free: 2_400 * DOLLAR })
    const initial = { ...settings, isolatedMarginMicroUsd: 20_000 * DOLLAR, marginFreeShare: 0.1 }
    expect(planMargin(of, initial).changeMicroUsd / DOLLAR).toBe(1_200)
    const near = factsOf({ margin: 4_800 * DOLLAR, free: 2_400 * DOLLAR })
    expect(planMargin(near, initial).changeMicroUsd / DOLLAR).toBe(2_400)
  })

  test('what the venue wants to see in the position is not taken back', () => {
    const lax = { ...settings, marginTopUpShare: 0.01, marginTargetShare: 0.02, marginReleaseShare: 0.3 }
    const { changeMicroUsd } = planMargin(factsOf({ margin: 24_000 * DOLLAR }), lax)
    expect(changeMicroUsd / DOLLAR).toBe(-(24_000 - 9_600))
    const bold = { ...lax, isolatedLeverage: 40 }
    expect(planMargin(factsOf({ margin: 24_000 * DOLLAR }), bold).changeMicroUsd / DOLLAR).toBe(
      -(24_000 - 4_800),
    )
  })

  test('turned off, neither happens', () => {
    const off = { ...settings, marginTopUpShare: 0, marginReleaseShare: Infinity }
    for (const margin of [1_300, 9_600, 80_000])
      expect(planMargin(factsOf({ margin: margin * DOLLAR }), off)).toEqual({
        changeMicroUsd: 0,
        missingMicroUsd: 0,
      })
  })
})
