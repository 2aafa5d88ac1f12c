import { describe, expect, test } from 'vitest'
import { assessRisk } from '../../../src/core/risk/aggregator.ts'
import { RISK_ACTIONS } from '../../../src/core/risk/finding.ts'
import { initHolds } from '../../../src/core/risk/holds.ts'
import type { RiskFacts } from '../../../src/core/risk/monitors.ts'
import { readSource } from '../../support/sources.ts'
import { calmRisk, settings } from '../../support/core-facts.ts'

const USD = 1_000_000

function verdictOf(facts: Partial<RiskFacts>): ReturnType<typeof assessRisk> {
  return assessRisk({ ...calmRisk, ...facts }, settings, initHolds())
}

/** What is wrong, the facts of it, the action, whether it blinds. */
const CASES: readonly (readonly [string, Partial<RiskFacts>, string, boolean])[] = [
  ['all is well', {}, 'none', false],
  ['a lost connection blinds', { isConnected: false }, 'pull', true],
  ['no book blinds', { bookAgeMs: null }, 'pull', true],
  ['a book of exactly the limit is stale', { bookAgeMs: 3_000 }, 'pull', true],
  ['a one-sided book widens', { isTwoSided: false, isAlone: true }, 'widen', false],
  ['a book with nobody but us widens', { isAlone: true }, 'widen', false],
  [
    'a one-sided book without a mark blinds',
    { isTwoSided: false, isAlone: true, hasMark: false },
    'pull',
    true,
  ],
  ['mark and mid apart', { markGapBps: 200 }, 'pull', false],
  ['an oracle absurdly far away', { oracleGapBps: 1_000 }, 'pull', false],
  ['an oracle a little nearer', { oracleGapBps: 999 }, 'none', false],
  ['near the position limit only reducing is left', { positionLots: -47_500 }, 'reduceOnly', false],
  ['an unexplained position', { positionMismatchLots: 40 }, 'pull', false],
  ['the daily loss limit, met exactly', { dailyPnlMicroUsd: -200 * USD }, 'kill', false],
  ['just above the daily loss limit', { dailyPnlMicroUsd: -200 * USD + 1 }, 'none', false],
  ['5% of equity lost', { equityMicroUsd: 9_500 * USD }, 'kill', false],
  ['an order filled beyond its size', { overfillCount: 2 }, 'kill', false],
  ['an order after two cancels', { stuckCancel: { tries: 2, sinceMs: 60_000 } }, 'none', false],
  ['an order after three cancels', { stuckCancel: { tries: 3, sinceMs: 900 } }, 'pull', false],
  ['an order after five quick cancels', { stuckCancel: { tries: 5, sinceMs: 19_999 } }, 'pull', false],
  ['an order after five cancels', { stuckCancel: { tries: 5, sinceMs: 20_000 } }, 'kill', false],
  ['a price that moved exactly as far as it may', { velocityBps: 150 }, 'pull', false],
  ['a price that moved a little less', { velocityBps: 149.9 }, 'none', false],
  ['protection in force', { mmpBecause: 'too much traded' }, 'pull', false],
  ['a burst on the bids', { buyCooldownMs: 700 }, 'sideOff', false],
  ['a burst on the asks', { sellCooldownMs: 700 }, 'sideOff', false],
  ['a position that is large for exactly too long', { lopsidedMs: 900_000 }, 'reduceOnly', false],
  ['half of the orders refused', { answeredCount: 20, refusedCount: 10 }, 'pull', false],
  ['less than half refused', { answeredCount: 21, refusedCount: 10 }, 'none', false],
  ['too few answers to judge by', { answeredCount: 9, refusedCount: 9 }, 'none', false],
  ['a liquidation price nearby', { liquidationShare: 0.099 }, 'reduceOnly', false],
  ['a liquidation price at the limit', { liquidationShare: 0.1 }, 'none', false],
  ['a large position for half of the time it may stand', { lopsidedMs: 450_000 }, 'skew', false],
  ['…and a little less', { lopsidedMs: 449_999 }, 'none', false],
  ["orders that differ from the venue's list", { orderMismatchCount: 2 }, 'pull', false],
  ['a younger run beside ours', { rivalEpoch: 71 }, 'pull', false],
  ['an older run beside ours: we are the second', { rivalEpoch: 69 }, 'kill', false],
  ['a sweep of the bids', { buySweepMs: 40 }, 'sideOff', false],
  ['a sweep of the asks', { sellSweepMs: 40 }, 'sideOff', false],
  ['a clock ahead by exactly the limit', { clockSkewMs: 900 }, 'pull', false],
  ['a clock behind by exactly the limit', { clockSkewMs: -900 }, 'pull', false],
  ['a clock within the limit', { clockSkewMs: -899 }, 'none', false],
  ['no book to judge the clock by', { clockSkewMs: null }, 'none', false],
  ['a stall of the event loop', { loopLagMs: 400 }, 'widen', false],
  ['a stall four times as long', { loopLagMs: 1_600 }, 'pull', false],
  ['a shorter stall', { loopLagMs: 399 }, 'none', false],
  ['a market at its open interest cap', { isAtOpenInterestCap: true }, 'reduceOnly', false],
]

describe('risk monitors', () => {
  test.each(CASES)('%s', (_, facts, action, isBlind) => {
    const verdict = verdictOf(facts)
    expect([verdict.action, verdict.isBlind]).toEqual([action, isBlind])
    expect(verdict.findings.length).toBe(action === 'none' ? 0 : 1)
  })

  test('equity $100, peak two cents up, five cents lost: no kill; 5% of $10,000: kill', () => {
    const small = { equityMicroUsd: 99.97 * USD, equityPeakMicroUsd: 100.02 * USD }
    expect(verdictOf(small).action).toBe('none')
    expect(verdictOf({ equityMicroUsd: 9_500 * USD, equityPeakMicroUsd: 10_000 * USD }).action).toBe('kill')
  })

  test.each([
    ['the mid a thousand times the mark', { markGapBps: 9_990, oracleGapBps: 9_990 }],
    ['the mid a thousandth of the mark', { markGapBps: 9_990_000, oracleGapBps: 9_990_000 }],
    ['the mark exactly a tenth away', { markGapBps: 1_000 }],
    ['the mark gone along with the mid, the oracle not', { oracleGapBps: 1_000 }],
  ])('%s: pulls as long as it lasts, the exit kept; a little less becomes a widening', (_, gaps) => {
    const holds = initHolds()
    const at = (tsMs: number, facts: Partial<RiskFacts>): ReturnType<typeof assessRisk> =>
      assessRisk({ ...calmRisk, ...facts, tsMs }, settings, holds)
    for (let tsMs = 0; tsMs <= 3_600_000; tsMs += 500) {
      const { action, isBlind } = at(tsMs, gaps)
      expect([tsMs, action, isBlind]).toEqual([tsMs, 'pull', false])
    }
    expect(at(3_700_000, {}).action).toBe('none')
    for (let tsMs = 4_000_000; tsMs < 4_100_000; tsMs += 500) at(tsMs, { markGapBps: 999, oracleGapBps: 999 })
    expect(at(4_100_000, { markGapBps: 999, oracleGapBps: 999 }).action).toBe('widen')
  })

  test('a loss limit that was not given is 2% of the equity at the start, and unknown equity trips nothing', () => {
    const derived = { ...settings, maxDailyLossMicroUsd: 0, minDrawdownMicroUsd: 0 }
    const lost = (microUsd: number, equityStartMicroUsd: number | null): string =>
      assessRisk({ ...calmRisk, dailyPnlMicroUsd: -microUsd, equityStartMicroUsd }, derived, initHolds())
        .action
    expect(lost(200 * USD, 10_000 * USD)).toBe('kill')
    expect(lost(200 * USD - 1, 10_000 * USD)).toBe('none')
    expect(lost(1e9 * USD, null)).toBe('none')
  })

  test('the actions rank widen, skew, one side off, reduce-only, pull, kill', () => {
    expect(RISK_ACTIONS).toEqual(['none', 'widen', 'skew', 'sideOff', 'reduceOnly', 'pull', 'kill'])
    // Each danger beside all milder ones: its action is the verdict, and every reason is kept.
    const dangers: readonly Partial<RiskFacts>[] = [
      { loopLagMs: 400 },
      { lopsidedMs: 450_000 },
      { buySweepMs: 40 },
      { positionLots: 48_000 },
      { positionMismatchLots: 40 },
      { overfillCount: 2 },
    ]
    dangers.forEach((_, index) => {
      const verdict = verdictOf(Object.assign({}, ...dangers.slice(0, index + 1)) as Partial<RiskFacts>)
      expect(verdict.action).toBe(RISK_ACTIONS[index + 1])
      expect(verdict.findings).toHaveLength(index + 1)
    })
  })

  test('widenings and skews add up apart, each to its bound', () => {
    const verdict = verdictOf({ loopLagMs: 400, lopsidedMs: 450_000 })
    expect([verdict.widenBps, verdict.skewBps]).toEqual([10, 5])
  })

  test('the severest action wins and every reason is kept', () => {
    const verdict = verdictOf({ positionLots: 48_000, bookAgeMs: 9_999, dailyPnlMicroUsd: -300 * USD })
    expect(verdict.action).toBe('kill')
    expect(verdict.findings.map((finding) => finding.monitor)).toEqual(['staleness', 'position', 'dailyLoss'])
  })

  test('are those of the table in docs/risk.md, each seen to fire here', () => {
    const page = readSource('docs/risk.md')
    const table = page.slice(page.indexOf('| monitor |'), page.indexOf('*Soft*'))
    const listed = [...table.matchAll(/^\| ([a-zA-Z]+) \|/gm)].map(([, name]) => name).slice(1)
    const fired = CASES.flatMap(([, facts]) => verdictOf(facts).findings.map(({ monitor }) => monitor))
    expect([...new Set(fired)].sort()).toEqual(listed.sort())
  })
})
