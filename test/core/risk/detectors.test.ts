import { describe, expect, test } from 'vitest'
import {
  CANCEL_RESERVE_SHARE,
  initBudget,
  leftOf,
  mayOrder,
  noteBudget,
  noteRequest,
  paceFactor,
  runwayHours,
} from '../../../src/core/risk/budget.ts'
import type { BudgetState } from '../../../src/core/risk/budget.ts'
import { BURST_FILLS_MAX, cooldownMs, initBurst, noteFill } from '../../../src/core/risk/burst.ts'
import { holdFindings, initHolds } from '../../../src/core/risk/holds.ts'
import type { RiskFinding } from '../../../src/core/risk/finding.ts'
import { initVelocity, noteMid } from '../../../src/core/risk/velocity.ts'
import { settings } from '../../support/core-facts.ts'

describe('bursts of fills', () => {
  test('the fourth fill of one side within two seconds takes that side off, the other stays', () => {
    const state = initBurst()
    const times = [1_000, 1_700, 2_400, 2_990]
    expect(times.map((tsMs) => noteFill(state, settings, 'buy', tsMs))).toEqual([false, false, false, true])
    expect(cooldownMs(state, 'buy', 3_000)).toBe(29_990)
    expect(cooldownMs(state, 'sell', 3_000)).toBe(0)
    expect(cooldownMs(state, 'buy', 32_990)).toBe(0)
  })

  test('a fill as old as the window does not count', () => {
    const state = initBurst()
    const times = [1_000, 1_700, 2_400, 3_000]
    expect(times.map((tsMs) => noteFill(state, settings, 'buy', tsMs)).includes(true)).toBe(false)
  })

  test('a single fill during the cooldown prolongs it: the large order goes on', () => {
    const state = initBurst()
    for (const tsMs of [1, 2, 3, 4]) noteFill(state, settings, 'sell', tsMs)
    expect(noteFill(state, settings, 'sell', 20_000)).toBe(false)
    expect(cooldownMs(state, 'sell', 30_004)).toBe(19_996)
  })

  test('keeps a bounded number of times', () => {
    const state = initBurst()
    for (let count = 0; count < 3 * BURST_FILLS_MAX; count += 1) noteFill(state, settings, 'buy', 5)
    expect(state.buy.fillTsMs.length).toBe(BURST_FILLS_MAX)
  })
})

describe('the velocity of the mid', () => {
  test('is its range within the window, in bps of the low', () => {
    const state = initVelocity()
    const mids: [number, number][] = [
      [10_000, 600_000],
      [10_300, 606_000],
      [10_600, 603_000],
      [11_301, 603_000],
      [11_602, 603_000],
    ]
    const seen = mids.map(([tsMs, mid]) => Math.round(noteMid(state, 1_000, tsMs, mid)))
    // The low leaves the window after a second, then the high.
    expect(seen).toEqual([0, 100, 100, 0, 0])
  })

  test('sees a spike between two close samples, and stays bounded', () => {
    const state = initVelocity()
    let largest = 0
    for (let tsMs = 0; tsMs < 5_000; tsMs += 1) {
      const bps = noteMid(state, 1_000, tsMs, tsMs === 3_501 ? 612_000 : 600_000)
      if (tsMs >= 3_501) largest = Math.max(largest, bps)
      expect(state.samples.length).toBeLessThanOrEqual(66)
    }
    expect(largest).toBeCloseTo(200, 6)
    expect(noteMid(state, 1_000, 5_000, 600_000)).toBe(0)
  })
})

const velocity: RiskFinding = {
  monitor: 'velocity',
  action: 'pull',
  because: 'the price moved 200 bps',
  widenBps: 0,
  skewBps: 0,
  side: null,
  isBlind: false,
}

describe('soft pulls', () => {
  test('last a moment longer than their cause', () => {
    const holds = initHolds()
    const actions = (tsMs: number, findings: RiskFinding[]): string[] =>
      holdFindings(holds, settings, tsMs, findings).map(({ action }) => action)
    expect(actions(1_000, [velocity])).toEqual(['pull'])
    expect(actions(3_000, [])).toEqual(['pull'])
    expect(actions(3_001, [])).toEqual([])
  })

  test('become a widening after their longest time, and start afresh after a break', () => {
    const holds = initHolds()
    for (let tsMs = 0; tsMs < 60_000; tsMs += 500) {
      expect(holdFindings(holds, settings, tsMs, [velocity])).toEqual([velocity])
    }
    const [late] = holdFindings(holds, settings, 60_000, [velocity])
    expect(late).toMatchObject({ action: 'widen', widenBps: 25 })
    expect(late?.because).toMatch(/for 60000 ms/)
    holdFindings(holds, settings, 70_000, [])
    expect(holdFindings(holds, settings, 71_000, [velocity])).toEqual([velocity])
  })

  test('bad data, money and position are not soft', () => {
    const hard: RiskFinding[] = ['staleness', 'dailyLoss', 'position', 'mismatch', 'protection', 'burst'].map(
      (monitor) => ({ ...velocity, monitor }),
    )
    const holds = initHolds()
    for (const tsMs of [0, 90_000, 900_000]) expect(holdFindings(holds, settings, tsMs, hard)).toEqual(hard)
    expect(holdFindings(holds, settings, 900_001, [])).toEqual([])
  })
})

function budgetOf(usedCount: number, capCount = 10_000): BudgetState {
  const state = initBudget()
  noteBudget(state, { usedCount, capCount }, 1_000)
  return state
}

describe('the request budget', () => {
  test.each([
    [0, 1, true],
    [7_000, 1, true],
    [7_001, 3, true],
    [9_001, 5, true],
    [9_501, 10, true],
    [9_899, 10, true],
    [9_900, 10, false],
    [12_000, 10, false],
  ])('with %i of 10000 used: %i times slower, orders allowed: %s', (used, factor, isAllowed) => {
    const state = budgetOf(used)
    expect([paceFactor(state), mayOrder(state)]).toEqual([factor, isAllowed])
    expect(CANCEL_RESERVE_SHARE).toBe(0.01)
  })

  test('before the venue has told, nothing is known and nothing held back', () => {
    const state = initBudget()
    noteRequest(state)
    expect([leftOf(state), paceFactor(state), mayOrder(state), runwayHours(state, 9e9)]).toEqual([
      null,
      1,
      true,
      null,
    ])
  })

  test('our own requests count at once, and the next word of the venue replaces them', () => {
    const state = budgetOf(400)
    for (let count = 0; count < 30; count += 1) noteRequest(state)
    expect(leftOf(state)).toBe(9_570)
    noteBudget(state, { usedCount: 425, capCount: 10_010 }, 2_000)
    expect(leftOf(state)).toBe(9_585)
  })

  test('the runway is what is left over what is spent net of what fills earn', () => {
    const state = budgetOf(400)
    noteBudget(state, { usedCount: 1_200, capCount: 10_400 }, 1_000 + 600_000)
    // 800 used, 400 earned in ten minutes; 9200 are left: 23 times ten minutes.
    expect(runwayHours(state, 601_000)).toBeCloseTo(23 / 6, 9)
    noteBudget(state, { usedCount: 1_300, capCount: 19_000 }, 700_000)
    expect(runwayHours(state, 700_000)).toBeNull()
    expect(runwayHours(budgetOf(10_000), 1_000)).toBe(0)
  })
})
