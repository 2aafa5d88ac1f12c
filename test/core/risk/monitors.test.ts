import { describe, expect, test } from 'vitest'
import { assessRisk } from '../../../src/core/risk/aggregator.ts'
import type { RiskFacts } from '../../../src/core/risk/monitors.ts'
import { calmRisk, settings } from '../../support/core-facts.ts'

const USD = 1_000_000

function verdictOf(facts: Partial<RiskFacts>): ReturnType<typeof assessRisk> {
  return assessRisk({ ...calmRisk, ...facts }, settings)
}

describe('risk monitors', () => {
  test.each<[string, Partial<RiskFacts>, string, boolean]>([
    ['all is well', {}, 'none', false],
    ['a lost connection blinds', { isConnected: false }, 'pull', true],
    ['no book blinds', { bookAgeMs: null }, 'pull', true],
    ['a book of exactly the limit is stale', { bookAgeMs: 3_000 }, 'pull', true],
    ['a one-sided book blinds', { isTwoSided: false }, 'pull', true],
    ['mark and mid apart', { markGapBps: 200 }, 'pull', false],
    ['near the position limit only reducing is left', { positionLots: -47_500 }, 'reduceOnly', false],
    ['an unexplained position', { positionMismatchLots: 40 }, 'pull', false],
    ['the daily loss limit, met exactly', { dailyPnlMicroUsd: -200 * USD }, 'kill', false],
    ['just above the daily loss limit', { dailyPnlMicroUsd: -200 * USD + 1 }, 'none', false],
    ['5% of equity lost', { equityMicroUsd: 9_500 * USD }, 'kill', false],
    ['an order filled beyond its size', { overfillCount: 2 }, 'kill', false],
  ])('%s', (_, facts, action, isBlind) => {
    const verdict = verdictOf(facts)
    expect([verdict.action, verdict.isBlind]).toEqual([action, isBlind])
    expect(verdict.findings.length).toBe(action === 'none' ? 0 : 1)
  })

  test('equity $100, peak two cents up, five cents lost: no kill; 5% of $10,000: kill', () => {
    const small = { equityMicroUsd: 99.97 * USD, equityPeakMicroUsd: 100.02 * USD }
    expect(verdictOf(small).action).toBe('none')
    expect(verdictOf({ equityMicroUsd: 9_500 * USD, equityPeakMicroUsd: 10_000 * USD }).action).toBe('kill')
  })

  test('the severest action wins and every reason is kept', () => {
    const verdict = verdictOf({ positionLots: 48_000, bookAgeMs: 9_999, dailyPnlMicroUsd: -300 * USD })
    expect(verdict.action).toBe('kill')
    expect(verdict.findings.map((finding) => finding.monitor)).toEqual(['staleness', 'position', 'dailyLoss'])
  })
})
