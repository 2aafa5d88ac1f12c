import { describe, expect, test } from 'vitest'
import { initLadder } from '../../src/core/contracts.ts'
import type { DesiredLadder, QuoteContext } from '../../src/core/contracts.ts'
import { createFixedSpread, fixedSpreadDefaults } from '../../strategies/fixed-spread.ts'
import type { FixedSpreadConfig } from '../../strategies/fixed-spread.ts'
import { calmEstimates, contextOf, market, measured } from '../support/quote-context.ts'

function ladderOf(
  change: Partial<FixedSpreadConfig> = {},
  context: Partial<QuoteContext> = {},
): DesiredLadder {
  const strategy = createFixedSpread({ ...fixedSpreadDefaults, targetLots: 25_000, ...change })
  const ladder = initLadder(strategy.levelCountMax)
  strategy.quote(strategy.init(market), contextOf(context), ladder)
  return ladder
}

describe('fixed spread', () => {
  test('stands half the spread from the fair price, whatever market and position', () => {
    const wild = { ...calmEstimates(), sigmaPerSqrtSec: measured(3e-3) }
    for (const ladder of [ladderOf(), ladderOf({}, { positionLots: 9_000, estimates: wild })]) {
      expect(ladder.bids[0]?.priceTicks).toBe(639_740) // 640 000 × (1 − 4 bps) = 639 744, down to the step of 10.
      expect(ladder.asks[0]?.priceTicks).toBe(640_260)
      expect([ladder.bidCount, ladder.askCount]).toEqual([5, 5])
      expect(ladder.bids[3]?.sizeLots).toBe(5_000)
    }
  })

  test('never leads past the limit, and says when a side is closed', () => {
    const near = ladderOf({}, { positionLots: 48_000 })
    expect(near.bids.slice(0, near.bidCount).reduce((sum, level) => sum + level.sizeLots, 0)).toBe(2_000)
    const full = ladderOf({}, { positionLots: -50_000 })
    expect(full.askCount).toBe(0)
    expect(full.askBecause).toBe('position limit reached')
    expect(full.bidCount).toBe(5)
  })

  test('the size skew shrinks the adding side only', () => {
    const ladder = ladderOf({ sizeSkewShare: 0.8 }, { positionLots: 25_000 })
    expect(ladder.bids[0]?.sizeLots).toBe(3_000)
    expect(ladder.asks[0]?.sizeLots).toBe(5_000)
  })

  test.each([
    ['spreadBps', { spreadBps: 12 }],
    ['levels', { levels: 2 }],
    ['levelStepBps', { levelStepBps: 9 }],
    ['targetLots', { targetLots: 10_000 }],
  ] as const)('%s moves a quote', (_, change) => {
    const shape = (ladder: DesiredLadder): unknown =>
      ladder.asks.slice(0, ladder.askCount).map((level) => [level.priceTicks, level.sizeLots])
    expect(shape(ladderOf(change))).not.toEqual(shape(ladderOf()))
  })

  test('without a fair price it is silent with a reason', () => {
    const fairTicks = { value: 0, status: 'noData' as const, tsMs: 0, confidence: 0 }
    const ladder = ladderOf({}, { estimates: { ...calmEstimates(), fairTicks } })
    expect([ladder.bidCount, ladder.askCount, ladder.bidBecause]).toEqual([0, 0, 'no fair price: noData'])
  })
})
