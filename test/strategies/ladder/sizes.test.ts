import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initReading } from '../../../src/core/contracts.ts'
import type { QuoteContext } from '../../../src/core/contracts.ts'
import type { Allocation, GlftLadderConfig } from '../../../strategies/glft-ladder-config.ts'
import { glftLadderDefaults } from '../../../strategies/glft-ladder-config.ts'
import { minLotsOf, sideBudget } from '../../../strategies/ladder/side-budget.ts'
import type { SideBudget } from '../../../strategies/ladder/side-budget.ts'
import { initSizing, sizeSide } from '../../../strategies/ladder/sizes.ts'
import type { Sizing } from '../../../strategies/ladder/sizes.ts'
import { calmEstimates, contextOf, measured } from '../../support/quote-context.ts'

const ALLOCATIONS = ['constrained', 'proportional', 'entropy', 'kelly'] as const

function sizingOf(allocation: Allocation, budgetLots: number, minLots: number, levelMaxShare = 0.5): Sizing {
  const sizing = initSizing(allocation, 5)
  const { input } = sizing
  input.depths.set([6e-4, 9e-4, 1.35e-3, 2e-3, 3e-3])
  input.kappa = 2_200
  input.cost = 3.5e-4
  input.riskPerClip = 5e-4
  input.holdMove = 9e-4
  input.reducibleClips = 0
  input.clipLots = 5_000
  input.budgetLots = budgetLots
  input.minLots = minLots
  input.levelMaxShare = levelMaxShare
  return sizing
}

describe('sizes', () => {
  test('are whole lots within budget and cap, and none below the least order', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ALLOCATIONS),
        fc.integer({ min: 0, max: 40_000 }),
        fc.integer({ min: 2, max: 3_000 }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (allocation, budgetLots, minLots, levelMaxShare) => {
          const sizing = sizingOf(allocation, budgetLots, minLots, levelMaxShare)
          const total = sizeSide(sizing)
          expect(total).toBe(sizing.lots.reduce((sum, lots) => sum + lots, 0))
          expect(total).toBeLessThanOrEqual(budgetLots)
          for (const lots of sizing.lots) {
            expect(Number.isInteger(lots)).toBe(true)
            expect(lots === 0 || lots >= minLots).toBe(true)
            if (sizing.levels > 1)
              expect(lots).toBeLessThanOrEqual(Math.max(minLots, budgetLots * levelMaxShare))
          }
        },
      ),
    )
  })

  test('a small budget shows the inner levels, never the outer ones alone', () => {
    const sizing = sizingOf('constrained', 2_100, 700)
    sizeSide(sizing)
    expect([...sizing.lots].map((lots) => lots > 0)).toEqual([true, true, true, false, false])
  })

  test('no more levels than the requests allow, and the inner ones', () => {
    const sizing = sizingOf('constrained', 20_000, 20)
    sizing.input.levelCountMax = 2
    expect(sizeSide(sizing)).toBeGreaterThan(0)
    expect([...sizing.lots].map((lots) => lots > 0)).toEqual([true, true, false, false, false])
  })

  test('below one least order nothing is shown', () => {
    expect(sizeSide(sizingOf('constrained', 699, 700))).toBe(0)
  })

  test.each(ALLOCATIONS)('%s gives more to the levels that are worth more', (allocation) => {
    const sizing = sizingOf(allocation, 20_000, 20)
    sizeSide(sizing)
    expect(sizing.lots[1]).toBeGreaterThan(sizing.lots[4] ?? 0)
  })
})

describe('the budget of a side', () => {
  const config = { ...glftLadderDefaults, targetLots: 25_000 }

  function budgetOf(
    quote: 'bid' | 'ask',
    of: GlftLadderConfig,
    context: QuoteContext,
    warmth: number,
    reducibleLots: number,
  ): SideBudget {
    const out: SideBudget = { lots: 0, by: 'target' }
    sideBudget(quote, of, context, warmth, reducibleLots, out)
    return out
  }

  test('is the target while nothing else binds, and its warm-up share while nothing is measured', () => {
    expect(budgetOf('bid', config, contextOf(), 1, 0)).toEqual({ lots: 25_000, by: 'target' })
    expect(budgetOf('bid', config, contextOf(), 0, 0)).toEqual({ lots: 12_500, by: 'target' })
  })

  test('leaves no more than the room to the limit, and keeps a sweep within its share', () => {
    expect(budgetOf('bid', config, contextOf({ positionLots: 47_000 }), 1, 0)).toEqual({
      lots: 3_000,
      by: 'room',
    })
    expect(budgetOf('ask', { ...config, sweepMaxShare: 0.2 }, contextOf(), 1, 0)).toEqual({
      lots: 10_000,
      by: 'sweep',
    })
    expect(budgetOf('bid', config, contextOf({ positionLots: 61_000 }), 1, 0)).toEqual({
      lots: 0,
      by: 'room',
    })
  })

  test('on the reducing side ends at flat once the position is a clip', () => {
    expect(budgetOf('ask', config, contextOf({ positionLots: 6_000 }), 1, 6_000)).toEqual({
      lots: 6_000,
      by: 'exit',
    })
    expect(budgetOf('ask', config, contextOf({ positionLots: 4_000 }), 1, 4_000)).toEqual({
      lots: 25_000,
      by: 'target',
    })
  })

  test('shows no more than the account can margin, but for what takes the position off', () => {
    expect(budgetOf('bid', config, contextOf({ marginRoomLots: 900 }), 1, 0)).toEqual({
      lots: 900,
      by: 'margin',
    })
    const short = contextOf({ marginRoomLots: 900, positionLots: -4_000 })
    expect(budgetOf('bid', config, short, 1, 4_000)).toEqual({ lots: 4_900, by: 'margin' })
    expect(budgetOf('ask', config, short, 1, 0)).toEqual({ lots: 900, by: 'margin' })
  })

  test('shows no more than a multiple of what rests near the mid, where that is asked for and known', () => {
    // 2 000 dollars at 64 000 are 3 125 lots.
    const thin = contextOf({ estimates: { ...calmEstimates(), depthUsd: measured(2_000) } })
    expect(budgetOf('ask', config, thin, 1, 0)).toEqual({ lots: 25_000, by: 'target' })
    const bound = { ...config, depthMultipleMax: 3 }
    expect(budgetOf('ask', bound, thin, 1, 0)).toEqual({ lots: 9_375, by: 'liquidity' })
    const unknown = contextOf({ estimates: { ...calmEstimates(), depthUsd: initReading() } })
    expect(budgetOf('ask', bound, unknown, 1, 0)).toEqual({ lots: 25_000, by: 'target' })
  })

  test('counts the venue minimum by value at the fair price, with a little to spare', () => {
    // 10 dollars at 64 000 are 15.6 lots of 1e-5; 3 % to spare.
    expect(minLotsOf(contextOf({ minSizeLots: 2 }))).toBe(17)
    expect(minLotsOf(contextOf({ minSizeLots: 200 }))).toBe(206)
  })
})
