import { describe, expect, test } from 'vitest'
import { marginRoomLots } from '../../src/core/margin-room.ts'
import { levelsAllowed, initBudget, noteBudget } from '../../src/core/risk/budget.ts'
import { initState } from '../../src/core/state.ts'
import type { EngineState } from '../../src/core/state.ts'
import { market } from '../support/quote-context.ts'

const PRICE = 640_000

/** An account worth 1 000 dollars. */
function stateWith(
  marginMode: 'cross' | 'isolated',
  positionLots: number,
  isolatedMicroUsd: number | null,
): EngineState {
  const state = initState(5)
  state.market = { ...market, marginMode, maxLeverage: 40 }
  state.ledger.positionLots = positionLots
  state.accountLast = {
    kind: 'account',
    positionLots,
    cashMicroUsd: 0,
    accountValueMicroUsd: 1_000e6,
    withdrawableMicroUsd: 0,
    isolatedMarginMicroUsd: isolatedMicroUsd,
    liquidationTicks: null,
    openOrders: [],
    venueTsMs: 7,
  }
  return state
}

describe('the room that margin leaves', () => {
  const settings = { isolatedLeverage: 5 }

  test.each([
    // 1 000 dollars less 5 % carry 38 000 dollars at forty times: 59 375 lots of 64 cents.
    ['flat on cross margin', 'cross', 0, null, 59_375],
    // 20 000 lots are 12 800 dollars, of which the fortieth part is bound.
    [
      'with a position on cross margin',
      'cross',
      -20_000,
      null,
      Math.floor((0.95 * (1_000 - 320) * 40) / 0.64),
    ],
    ['flat on isolated margin', 'isolated', 0, null, Math.floor((0.95 * 1_000 * 5) / 0.64)],
    ['with all of it on an isolated position', 'isolated', 5_000, 1_000e6, 0],
    ['under water', 'isolated', 5_000, 1_400e6, 0],
  ] as const)('%s', (_, mode, positionLots, isolated, lots) => {
    expect(marginRoomLots(stateWith(mode, positionLots, isolated), settings, PRICE)).toBe(lots)
  })

  test('is not bounded while nothing is known of the account', () => {
    expect(marginRoomLots(initState(5), settings, PRICE)).toBe(Infinity)
  })
})

test('short of requests two levels a side are allowed, else all', () => {
  const budget = initBudget()
  expect(levelsAllowed(budget)).toBe(Infinity)
  noteBudget(budget, { usedCount: 100, capCount: 10_000 }, 5_000)
  expect(levelsAllowed(budget)).toBe(Infinity)
  noteBudget(budget, { usedCount: 9_500, capCount: 10_000 }, 6_000)
  expect(levelsAllowed(budget)).toBe(2)
})
