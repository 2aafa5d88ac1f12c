import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Command } from '../../src/core/command.ts'
import { initBudget, mayOrder, noteBudget, paceFactor } from '../../src/core/risk/budget.ts'
import type { BudgetState } from '../../src/core/risk/budget.ts'
import { initState } from '../../src/core/state.ts'
import { upkeep } from '../../src/core/upkeep.ts'
import {
  exchangeWeight,
  infoWeight,
  rowsWeight as venueRowsWeight,
} from '../../src/exchange/request-weights.ts'
import {
  ACTION_RESERVE_WEIGHT,
  actionWeight,
  CANCEL_RESERVE_WEIGHT,
  initWeight,
  mayOrderByWeight,
  noteWeight,
  noteWeightRefused,
  questionDelayMs,
  questionWeight,
  REFUSED_WAIT_MS,
  rowsWeight,
  usedWeight,
  WEIGHT_PER_MINUTE_MAX,
} from '../../src/venues/hyperliquid/weight.ts'
import { btcMarket, settings } from '../support/core-facts.ts'
import { newOrder, openStage, type Stage } from '../support/venue-stage.ts'

const spend = fc.record({ afterMs: fc.nat(20_000), weight: fc.nat(150) })

describe('the weight of requests', () => {
  test('is counted as the exchange counts it, which was written apart', () => {
    const kinds = [
      'l2Book',
      'clearinghouseState',
      'openOrders',
      'userFillsByTime',
      'userRole',
      'meta',
      'orderStatus',
    ]
    for (const kind of [...kinds, 'userNonFundingLedgerUpdates', 'spotClearinghouseState']) {
      expect([kind, questionWeight(kind)]).toEqual([kind, infoWeight({ type: kind })])
      for (const rows of [0, 19, 20, 500, 2_000]) {
        const answer = Array.from({ length: rows }, () => 0)
        expect(rowsWeight(kind, answer)).toBe(venueRowsWeight({ type: kind }, answer))
      }
    }
    for (const units of [1, 39, 40, 200])
      expect(actionWeight(units)).toBe(exchangeWeight({ action: { orders: Array.from({ length: units }) } }))
  })

  test('of the last minute is never less than what was spent in it, and at most that of one second more', () => {
    fc.assert(
      fc.property(fc.array(spend, { maxLength: 60 }), (spends) => {
        let nowMs = 5_000_250
        const ledger = initWeight(() => nowMs)
        const all: { readonly tsMs: number; readonly weight: number }[] = []
        for (const { afterMs, weight } of spends) {
          nowMs += afterMs
          noteWeight(ledger, weight)
          all.push({ tsMs: nowMs, weight })
          const within = (ms: number): number =>
            all.filter(({ tsMs }) => tsMs > nowMs - ms).reduce((sum, one) => sum + one.weight, 0)
          expect(usedWeight(ledger)).toBeGreaterThanOrEqual(within(60_000))
          expect(usedWeight(ledger)).toBeLessThanOrEqual(within(61_000))
        }
      }),
    )
  })

  test('a question that waits as long as it is told fits then, and not a second earlier', () => {
    fc.assert(
      fc.property(fc.array(spend, { maxLength: 60 }), fc.integer({ min: 2, max: 60 }), (spends, weight) => {
        let nowMs = 777_000
        const ledger = initWeight(() => nowMs)
        for (const one of spends) {
          nowMs += one.afterMs / 10
          noteWeight(ledger, one.weight)
        }
        const limit = WEIGHT_PER_MINUTE_MAX - ACTION_RESERVE_WEIGHT
        const waitMs = questionDelayMs(ledger, weight)
        if (waitMs === 0) {
          expect(usedWeight(ledger) + weight).toBeLessThanOrEqual(limit)
          return
        }
        expect(waitMs).toBeLessThanOrEqual(61_000)
        const startMs = nowMs
        nowMs = startMs + waitMs - 1
        expect(usedWeight(ledger) + weight).toBeGreaterThan(limit)
        nowMs = startMs + waitMs
        expect(usedWeight(ledger) + weight).toBeLessThanOrEqual(limit)
      }),
    )
  })

  test('orders stop before the reserve of the cancels, and questions wait after an answer 429', () => {
    let nowMs = 60_000
    const ledger = initWeight(() => nowMs)
    noteWeight(ledger, WEIGHT_PER_MINUTE_MAX - CANCEL_RESERVE_WEIGHT - 1)
    expect([mayOrderByWeight(ledger, 1), mayOrderByWeight(ledger, 2)]).toEqual([true, false])
    nowMs += 61_000
    expect([usedWeight(ledger), questionDelayMs(ledger, 60)]).toEqual([0, 0])
    noteWeightRefused(ledger)
    expect([ledger.refusedCount, questionDelayMs(ledger, 2)]).toEqual([1, REFUSED_WAIT_MS])
    expect(mayOrderByWeight(ledger, 1)).toBe(true)
  })
})

describe('a maker whose request weight is nearly spent', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openStage()
  })
  afterEach(async () => {
    await stage.close()
  })

  test('asks later and sends no new orders, but cancels at once', async () => {
    const weight = initWeight(() => performance.now())
    const player = await stage.play({ weight })
    const order = newOrder({ priceTicks: 299_950 })
    player.send({ kind: 'place', order })
    const { oid } = await player.awaitInput('orderResting')
    expect(player.inputsOf('budget').at(-1)).toMatchObject({ weightMax: WEIGHT_PER_MINUTE_MAX })
    expect(player.venue.stats.weightUsed).toBeGreaterThan(100)

    noteWeight(weight, WEIGHT_PER_MINUTE_MAX - CANCEL_RESERVE_WEIGHT - usedWeight(weight))
    const asked = player.venue.requestCounts['clearinghouseState']
    const since = player.inputs.length
    player.send({ kind: 'resync', because: 'a test' }, { kind: 'place', order: newOrder() })
    expect(await player.awaitInput('orderRefused')).toMatchObject({ refusal: 'rate' })
    player.send({ kind: 'cancel', cloid: order.cloid, oid })
    await player.awaitInput('cancelDone')
    expect(await player.venue.cancelAll()).toBe(0)
    expect(player.inputs.slice(since).filter(({ kind }) => kind === 'account')).toEqual([])
    expect(player.venue.requestCounts['clearinghouseState']).toBe(asked)
    expect(player.venue.stats.isUp).toBe(true)
  })
})

describe('the core', () => {
  const told = (weightUsed: number): BudgetState => {
    const budget = initBudget()
    noteBudget(budget, { usedCount: 100, capCount: 20_000, weightUsed, weightMax: 1_200 }, 5_000)
    return budget
  }

  test.each([
    [0, 1],
    [720, 1],
    [721, 3],
    [840, 3],
    [841, 10],
    [1_200, 10],
  ])(
    'with %i of 1200 spent compares %i times as rarely, and quotes no wider and no slower',
    (used, factor) => {
      const state = initState(5)
      state.market = btcMarket
      state.isConnected = true
      Object.assign(state.budget, told(used))
      const intervalMs = factor * settings.resyncIntervalMs
      const isAsked = (tsMs: number): boolean => {
        const out: Command[] = []
        state.tsMs = tsMs
        upkeep(state, settings, out)
        return out.some(({ kind }) => kind === 'resync')
      }
      expect([isAsked(intervalMs - 1), isAsked(intervalMs)]).toEqual([false, true])
      expect([paceFactor(state.budget), mayOrder(state.budget)]).toEqual([1, true])
    },
  )
})
