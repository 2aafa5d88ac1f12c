/** Limits of money against the money at hand: what is derived, and what is refused. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  dailyLossLimit,
  drawdownFloor,
  judgeLossLimits,
  judgePositionLimit,
} from '../../../src/core/risk/limits.ts'

const USD = 1_000_000
const limits = (loss: number, pct: number, floor: number): Parameters<typeof judgeLossLimits>[0] => ({
  maxDailyLossMicroUsd: loss * USD,
  maxDrawdownShare: pct / 100,
  minDrawdownMicroUsd: floor * USD,
})

test.each([
  ['nothing at 20 % sharp', limits(200, 20, 200), []],
  ['a loss above 20 %', limits(200.01, 5, 10), ['risk.max_daily_loss_usd']],
  ['a drawdown above 20 %', limits(10, 20.01, 10), ['risk.max_drawdown_pct']],
  ['a floor that hides every drawdown below 20 %', limits(10, 5, 201), ['risk.min_drawdown_usd']],
  [
    'all three',
    limits(900, 90, 900),
    ['risk.max_daily_loss_usd', 'risk.max_drawdown_pct', 'risk.min_drawdown_usd'],
  ],
  ['nothing when all are derived', limits(0, 5, 0), []],
])('with 1000 USD of equity: %s', (_, given, keys) => {
  const problems = judgeLossLimits(given, 1_000 * USD)
  expect(problems.map(({ key }) => key)).toEqual(keys)
  for (const problem of problems) expect(problem.severity).toBe('error')
})

test('a given limit is taken as it is; a derived one is a share of equity and never refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9e15 }), fc.integer({ min: 1, max: 9e15 }), (equity, given) => {
      const own = { maxDailyLossMicroUsd: given, maxDrawdownShare: 0.05, minDrawdownMicroUsd: given }
      expect([dailyLossLimit(own, equity), drawdownFloor(own, equity)]).toEqual([given, given])
      const derived = { maxDailyLossMicroUsd: 0, maxDrawdownShare: 0.05, minDrawdownMicroUsd: 0 }
      expect(dailyLossLimit(derived, equity)).toBeLessThanOrEqual(Math.max(1, 0.02 * equity))
      expect(dailyLossLimit(derived, equity)).toBeGreaterThan(0)
      if (equity >= 5) expect(judgeLossLimits(derived, equity)).toEqual([])
    }),
  )
  expect(
    dailyLossLimit(
      { maxDailyLossMicroUsd: 0, maxDrawdownShare: 0.05, minDrawdownMicroUsd: 0 },
      100_000 * USD,
    ),
  ).toBe(2_000 * USD)
})

test.each([
  ['half of what the margin carries', 50, []],
  ['more than half', 51, ['warning']],
  ['more than all of it', 101, ['error']],
])('a position limit of %s', (_, lots, severities) => {
  // 100 USD a lot, ten times leverage, 1000 USD: a hundred lots.
  const found = judgePositionLimit(
    { maxPositionLots: lots, priceTicks: 100 * USD, maxLeverage: 10 },
    1_000 * USD,
  )
  expect(found.map(({ severity }) => severity)).toEqual(severities)
})
