import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { AccountAction, OrderRequest } from '../../src/exchange/command.ts'
import { conservation } from '../../src/exchange/exchange.ts'
import { accountState } from '../../src/exchange/queries/account.ts'
import { bookSnapshot, lotsUpTo } from '../../src/exchange/queries/book.ts'
import { openOrders } from '../../src/exchange/queries/orders.ts'
import {
  ALICE,
  BOB,
  BTC,
  CAROL,
  DAVE,
  DOLLAR,
  orderOf,
  world,
  type World,
} from '../support/exchange-world.ts'
import { NaiveExchange } from '../support/naive-exchange.ts'

/** Several seconds of work, a minute on a busy machine. */
vi.setConfig({ testTimeout: 180_000 })

const ACCOUNTS = [ALICE, BOB, CAROL, DAVE]
const DOLLARS = 100_000_000

const account = fc.constantFrom(...ACCOUNTS)

/** Prices a few steps around the mark, so that much crosses; sometimes off the grid or far away. */
const price = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -6, max: 6 }).map((steps) => 950_000 + 10 * steps) },
  { weight: 2, arbitrary: fc.integer({ min: -3_000, max: 3_000 }).map((steps) => 950_000 + 10 * steps) },
  { weight: 1, arbitrary: fc.constantFrom(950_005, 99_999, 100_000, 100_001, 1_800_000) },
)

/** Around the ten-dollar limit (11 lots at 95 000 $) and above; sometimes zero. */
const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 10, 11) },
)

const request: fc.Arbitrary<OrderRequest> = fc
  .record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    priceTicks: price,
    sizeLots: size,
    reduceOnly: fc.boolean().chain((one) => (one ? fc.boolean() : fc.constant(false))),
    tif: fc.constantFrom(
      'Gtc' as const,
      'Gtc' as const,
      'Alo' as const,
      'Ioc' as const,
      'FrontendMarket' as const,
    ),
  })
  .map((fields) => orderOf(fields))

/** Orders named by how far back they were placed. */
const back = fc.integer({ min: 0, max: 12 })

type Step =
  | { readonly account: string; readonly place: OrderRequest[] }
  | { readonly account: string; readonly cancel: number[] }
  | {
      readonly account: string
      readonly modify: number
      readonly order: OrderRequest
      readonly always: boolean
    }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ account, place: fc.array(request, { minLength: 1, maxLength: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ account, cancel: fc.array(back, { minLength: 1, maxLength: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ account, modify: back, order: request, always: fc.boolean() }) },
)

function toAction(one: Step, real: World): AccountAction {
  const oid = (ago: number): number => Math.max(0, real.exchange.oidLast - ago)
  if ('place' in one) return { kind: 'order', grouping: 'na', orders: one.place }
  if ('cancel' in one) {
    return { kind: 'cancel', cancels: one.cancel.map((ago) => ({ assetId: BTC, ref: { oid: oid(ago) } })) }
  }
  return {
    kind: 'modify',
    modifies: [{ ref: { oid: oid(one.modify) }, order: one.order }],
    always: one.always,
  }
}

/** The same steps to both; the mark stands still because no block passes. */
function runBoth(steps: readonly Step[]): { readonly real: World; readonly naive: NaiveExchange } {
  const real = world(DOLLARS)
  const naive = new NaiveExchange(BTC, 1, 950_000)
  for (const one of steps) {
    const action = toAction(one, real)
    const answer = real.act(one.account, action)
    const answers = answer.kind === 'orders' || answer.kind === 'cancels' ? answer.answers : [answer]
    expect(answers).toEqual(naive.act(one.account, action))
    checkSameBooks(real, naive)
  }
  return { real, naive }
}

function checkSameBooks(real: World, naive: NaiveExchange): void {
  const { bids, asks } = bookSnapshot(real.exchange, BTC, 10_000)
  for (const [levels, side] of [
    [bids, 'buy'],
    [asks, 'sell'],
  ] as const) {
    const sums = new Map<number, { sizeLots: number; orderCount: number }>()
    for (const order of naive.sorted(side)) {
      const sum = sums.get(order.request.priceTicks) ?? { sizeLots: 0, orderCount: 0 }
      sums.set(order.request.priceTicks, {
        sizeLots: sum.sizeLots + order.remaining,
        orderCount: sum.orderCount + 1,
      })
    }
    expect(levels).toEqual([...sums].map(([priceTicks, sum]) => ({ priceTicks, ...sum })))
    let metLots = 0
    levels.forEach(({ priceTicks, sizeLots }, index) => {
      metLots += sizeLots
      const order = { side: side === 'buy' ? 'sell' : 'buy', limitTicks: priceTicks } as const
      expect(lotsUpTo(real.exchange, BTC, { ...order, levelCountMax: levels.length })).toBe(metLots)
      expect(lotsUpTo(real.exchange, BTC, { ...order, levelCountMax: index })).toBe(metLots - sizeLots)
    })
  }
}

describe('an obvious second implementation', () => {
  test('agrees on every answer, level, trade, status, position and dollar of random flows', () => {
    let tradeCount = 0
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }), (steps) => {
        const { real, naive } = runBoth(steps)
        const trades = real.trades().map(({ priceTicks, sizeLots, buyer, seller, aggressor }) => ({
          priceTicks,
          sizeLots,
          buyer,
          seller,
          aggressor,
        }))
        expect(trades).toEqual(naive.trades)
        const statuses = real.events.flatMap((event) =>
          event.kind === 'order' ? [`${event.order.oid}:${event.status}`] : [],
        )
        expect(statuses).toEqual(naive.statuses)
        for (const one of ACCOUNTS) checkSameMoney(real, naive, one)
        expect(conservation(real.exchange)).toBe(0)
        tradeCount += trades.length
        for (const text of statuses) seen.add(text.split(':')[1] ?? '')
      }),
      { numRuns: 200 },
    )
    // The flows must have reached what they are meant to compare.
    expect(tradeCount).toBeGreaterThan(1_000)
    for (const status of [
      'open',
      'filled',
      'canceled',
      'selfTradeCanceled',
      'reduceOnlyCanceled',
      'badAloPxRejected',
    ]) {
      expect(seen).toContain(status)
    }
  })
})

function checkSameMoney(real: World, naive: NaiveExchange, one: string): void {
  const state = accountState(real.exchange, one, 0)
  const position = state.positions[0]?.sizeLots ?? 0
  expect(position).toBe(naive.position(one))
  const fees = real.fillsOf(one).reduce((sum, fill) => sum + fill.feeMicroUsd, 0)
  expect(state.whole.rawUsdMicroUsd + fees).toBe(DOLLARS * DOLLAR + (naive.raw.get(one) ?? 0))
  const mine = naive.orders
    .filter((order) => order.account === one)
    .map((order) => [order.oid, order.remaining])
  expect(openOrders(real.exchange, one).map((order) => [order.oid, order.remainingLots])).toEqual(mine)
}
