import { expect, test } from 'vitest'
import { initLadder } from '../../../src/core/contracts.ts'
import type { DesiredLadder, QuoteContext } from '../../../src/core/contracts.ts'
import { BPS } from '../../../src/core/units.ts'
import { becauseOfEqual, equalLots, placeEqualLevels } from '../../../strategies/ladder/equal-levels.ts'
import { initTerms, TERM } from '../../../strategies/ladder/waterfall.ts'
import { contextOf } from '../../support/quote-context.ts'

const config = { levels: 4, levelStepBps: 5, targetLots: 20_000 }

function placed(levelStepBps: number, context: QuoteContext): { ladder: DesiredLadder; count: number } {
  const ladder = initLadder(config.levels)
  ladder.fairMicroTicks = 640_000_000_000
  const terms = initTerms()
  terms[TERM.liquidity] = 6 * BPS
  const lots = equalLots('ask', config, context, 1)
  const count = placeEqualLevels('ask', { ...config, levelStepBps }, context, lots, terms, ladder)
  return { ladder, count }
}

test('levels stand one step behind another, and those that share a price are one', () => {
  const { ladder, count } = placed(5, contextOf())
  // 640 000 × (1 + 6, 11, 16, 21 bps), up to the next step of ten ticks.
  expect(ladder.asks.slice(0, count).map(({ priceTicks }) => priceTicks)).toEqual([
    640_390, 640_710, 641_030, 641_350,
  ])
  const together = placed(0, contextOf())
  expect([together.count, together.ladder.asks[0]?.sizeLots]).toEqual([1, 20_000])
  expect(becauseOfEqual('ask', config, contextOf(), together.count)).toMatch(/same price/)
})

test('a side shows no more than the limit leaves, and says when that is too little', () => {
  const nearly = contextOf({ positionLots: -49_960 })
  expect(equalLots('ask', config, nearly, 1)).toBe(10)
  expect(placed(5, nearly).count).toBe(0) // Sixteen lots are the least.
  expect(becauseOfEqual('ask', config, nearly, 0)).toBe('too small to quote')
  const full = contextOf({ positionLots: -50_000 })
  expect(becauseOfEqual('ask', config, full, placed(5, full).count)).toBe('position limit reached')
  expect(equalLots('bid', config, full, 0.5)).toBe(2_500)
})
