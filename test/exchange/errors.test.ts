import { describe, expect, test } from 'vitest'
import type { OrderRequest } from '../../src/exchange/command.ts'
import { findOrder } from '../../src/exchange/queries/orders.ts'
import {
  ALICE,
  BOB,
  BTC,
  DOLLAR,
  HYNA_BTC,
  START_MS,
  address,
  orderOf,
  specWith,
  world,
  type World,
} from '../support/exchange-world.ts'

type Prepare = (one: World) => void
type Row = readonly [
  name: string,
  order: Partial<OrderRequest>,
  text: string,
  status: string | null,
  prepare: Prepare,
]

const NOTHING: Prepare = () => undefined
const bookAround: Prepare = (one) => {
  one.place(BOB, { side: 'buy', priceTicks: 949_900 })
  one.place(BOB, { side: 'sell', priceTicks: 950_100 })
}
const aliceLong: Prepare = (one) => {
  one.place(BOB, { side: 'sell', priceTicks: 950_000, sizeLots: 1_000 })
  one.place(ALICE, { side: 'buy', priceTicks: 950_000, sizeLots: 1_000 })
}

const ROWS: readonly Row[] = [
  [
    'off the five figures',
    { priceTicks: 950_005 },
    'Price must be divisible by tick size. asset=0',
    'tickRejected',
    NOTHING,
  ],
  ['price not whole', { priceTicks: 950_000.5 }, 'Order has invalid price.', null, NOTHING],
  ['price negative', { priceTicks: -950_000 }, 'Order has invalid price.', null, NOTHING],
  ['price beyond the book', { priceTicks: 1e12 }, 'Order has invalid price.', null, NOTHING],
  ['price not a number', { priceTicks: NaN }, 'Order has invalid price.', null, NOTHING],
  ['size not whole', { sizeLots: 0.5 }, 'Order has invalid size.', null, NOTHING],
  ['size negative', { sizeLots: -1 }, 'Order has invalid size.', null, NOTHING],
  ['size beyond exact money', { sizeLots: 1e13 }, 'Order has invalid size.', null, NOTHING],
  ['zero size', { sizeLots: 0 }, 'Order has zero size.', null, NOTHING],
  ['zero price', { priceTicks: 0 }, 'Order has zero price.', null, NOTHING],
  [
    'below ten dollars',
    { sizeLots: 10 },
    'Order must have minimum value of $10. asset=0',
    'minTradeNtlRejected',
    NOTHING,
  ],
  [
    'no margin',
    { sizeLots: 100_000_000 },
    'Insufficient margin to place order. asset=0',
    'perpMarginRejected',
    NOTHING,
  ],
  [
    'reduce-only without a position',
    { reduceOnly: true },
    'Reduce only order would increase position. asset=0',
    'reduceOnlyRejected',
    NOTHING,
  ],
  [
    'reduce-only on the side of the position',
    { reduceOnly: true },
    'Reduce only order would increase position. asset=0',
    'reduceOnlyRejected',
    aliceLong,
  ],
  [
    'post-only that would match',
    { tif: 'Alo', priceTicks: 950_100 },
    'Post only order would have immediately matched, bbo was 94990@95010. asset=0',
    'badAloPxRejected',
    bookAround,
  ],
  [
    'immediate order above no ask it reaches',
    { tif: 'Ioc', priceTicks: 950_000 },
    'Order could not immediately match against any resting orders. asset=0',
    'iocCancelRejected',
    bookAround,
  ],
  [
    'immediate order that met only its own',
    { tif: 'Ioc', priceTicks: 950_000 },
    'Order could not immediately match against any resting orders. asset=0',
    'iocCancelRejected',
    (one) => void one.place(ALICE, { side: 'sell' }),
  ],
  [
    'market order on an empty book',
    { tif: 'FrontendMarket' },
    'No liquidity available for market order. asset=0',
    'marketOrderNoLiquidityRejected',
    NOTHING,
  ],
  [
    'trigger the mark has already reached',
    { side: 'sell', trigger: { isMarket: true, triggerTicks: 940_000, kind: 'tp' }, reduceOnly: true },
    'Invalid TP/SL price. asset=0',
    'badTriggerPxRejected',
    aliceLong,
  ],
  [
    'far from the reference',
    { side: 'sell', priceTicks: 1_800_000 },
    'Order price cannot be more than 80% away from the reference price',
    'rejected',
    NOTHING,
  ],
  [
    'far beyond the oracle',
    { priceTicks: 1_500_000 },
    'Price too far from oracle asset=0',
    'oracleRejected',
    NOTHING,
  ],
  ['unknown asset', { assetId: 77 }, 'Order has invalid asset. asset=77', null, NOTHING],
]

describe('refusals of single orders', () => {
  test.each(ROWS)('%s', (_name, order, text, status, prepare) => {
    const one = world()
    prepare(one)
    const oid = one.exchange.oidLast + 1
    expect(one.place(ALICE, order)).toEqual({ kind: 'error', text })
    const found = findOrder(one.exchange, ALICE, { oid })
    expect(found?.status ?? null).toBe(status)
    if (status !== null) expect(one.statusesOf(oid)).toEqual([status])
  })

  test('the cancel of an order that never was, was filled, or is another’s answers the same text', () => {
    const one = world()
    aliceLong(one)
    one.place(BOB, { side: 'buy', priceTicks: 940_000 })
    const cancels = [99, 1, 3].map((oid) => ({ assetId: BTC, ref: { oid } }))
    const text = 'Order was never placed, already canceled, or filled. asset=0'
    expect(one.act(ALICE, { kind: 'cancel', cancels })).toEqual({
      kind: 'cancels',
      answers: cancels.map(() => ({ kind: 'error', text })),
    })
  })

  test('an order that names the wrong asset is not cancelled', () => {
    const one = world()
    one.place(ALICE, { priceTicks: 940_000 })
    const answer = one.act(ALICE, { kind: 'cancel', cancels: [{ assetId: HYNA_BTC, ref: { oid: 1 } }] })
    expect(answer).toMatchObject({ answers: [{ kind: 'error' }] })
    expect(one.statusesOf(1)).toEqual(['open'])
  })

  test('a market at its open-interest cap takes no opening order, and none that leads the oracle', () => {
    const capped = specWith(BTC, { openInterestCapMicroUsd: 950 * DOLLAR })
    const one = world(1_000_000, {}, capped)
    expect(one.place(ALICE, { sizeLots: 1_100 })).toEqual({
      kind: 'error',
      text: 'Order would increase open interest too quickly',
    })
    aliceLong(one)
    expect(one.place(ALICE, { priceTicks: 949_000 })).toEqual({
      kind: 'error',
      text: 'Order would increase open interest while open interest is capped',
    })
    expect(one.place(ALICE, { priceTicks: 951_000 })).toEqual({
      kind: 'error',
      text: 'Order rejected due to price more aggressive than oracle while at open interest cap',
    })
    expect(one.place(ALICE, { side: 'sell', sizeLots: 1_000, priceTicks: 951_000 })).toMatchObject({
      kind: 'resting',
    })
  })

  test('a position may not outgrow the tier of its leverage', () => {
    const one = world(100_000_000)
    one.act(ALICE, { kind: 'updateLeverage', assetId: BTC, isCross: true, leverage: 40 })
    expect(one.place(ALICE, { sizeLots: 160_000_000 })).toEqual({
      kind: 'error',
      text: 'Order would cause position to exceed margin tier limit at current leverage',
    })
    one.act(ALICE, { kind: 'updateLeverage', assetId: BTC, isCross: true, leverage: 20 })
    expect(one.place(ALICE, { sizeLots: 160_000_000 })).toMatchObject({ kind: 'resting' })
  })

  test('a delisted market takes no orders', () => {
    const one = world(1_000, {}, specWith(BTC, { isDelisted: true }))
    expect(one.place(ALICE, {})).toEqual({ kind: 'error', text: 'Trading is halted. asset=0' })
  })

  test('the thousand-and-first open order is refused', () => {
    const one = world(100_000_000)
    const batch = Array.from({ length: 200 }, () => orderOf({ priceTicks: 940_000, sizeLots: 20 }))
    for (let count = 0; count < 5; count += 1)
      one.act(ALICE, { kind: 'order', orders: batch, grouping: 'na' })
    expect(one.place(ALICE, { priceTicks: 940_000 })).toEqual({
      kind: 'error',
      text: 'Too many open orders. asset=0',
    })
  })
})

describe('refusals of whole actions', () => {
  const refusedText = (one: World, run: () => unknown): unknown => {
    const before = one.events.length
    const answer = run()
    expect(one.events.length).toBe(before)
    return answer
  }

  test('a batch of 201 is refused whole, one of 200 is not', () => {
    const one = world()
    const orders = Array.from({ length: 201 }, () => orderOf({ priceTicks: 940_000, sizeLots: 20 }))
    const answer = refusedText(one, () => one.act(ALICE, { kind: 'order', orders, grouping: 'na' }))
    expect(answer).toEqual({ kind: 'refused', text: 'Signed action over weight limit of 200.' })
    expect(one.act(ALICE, { kind: 'order', orders: orders.slice(1), grouping: 'na' })).toMatchObject({
      kind: 'orders',
    })
    const cancels = orders.map(() => ({ assetId: BTC, ref: { oid: 1 } }))
    expect(one.act(ALICE, { kind: 'cancel', cancels })).toMatchObject({ kind: 'refused' })
  })

  test('an unknown account is told its signer does not exist', () => {
    const one = world()
    expect(refusedText(one, () => one.act(address('dead'), { kind: 'noop' }))).toEqual({
      kind: 'refused',
      text: `User or API Wallet ${address('dead')} does not exist.`,
    })
  })

  test.each([
    [
      'leverage zero',
      { kind: 'updateLeverage', assetId: BTC, isCross: true, leverage: 0 },
      'Invalid leverage value',
    ],
    [
      'leverage over the most',
      { kind: 'updateLeverage', assetId: BTC, isCross: true, leverage: 41 },
      'Invalid leverage value',
    ],
    [
      'scheduled cancel without volume',
      { kind: 'scheduleCancel', atTsMs: null },
      'Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: $0.',
    ],
    [
      'transfer beyond the balance',
      { kind: 'transfer', to: BOB, fromDex: 0, toDex: 0, amountMicroUsd: 2_000_000 * DOLLAR },
      'Insufficient balance for token transfer',
    ],
  ] as const)('%s', (_name, action, text) => {
    const one = world()
    expect(refusedText(one, () => one.act(ALICE, action))).toEqual({ kind: 'refused', text })
  })

  test('the kind of margin cannot change with a position open', () => {
    const one = world()
    aliceLong(one)
    const answer = one.act(ALICE, { kind: 'updateLeverage', assetId: BTC, isCross: false, leverage: 10 })
    expect(answer).toEqual({ kind: 'refused', text: 'Cannot switch leverage type with open position.' })
  })

  test('more than the withdrawable amount cannot leave', () => {
    const one = world(1_000)
    const leave = (dollars: number): unknown =>
      one.run({ kind: 'deposit', account: ALICE, dexIndex: 0, amountMicroUsd: -dollars * DOLLAR })
    expect(leave(1_001)).toEqual({ kind: 'refused', text: 'Insufficient balance for withdrawal.' })
    expect(leave(1_000)).toEqual({ kind: 'done' })
  })

  test('an action past its expiry is refused and its nonce stays usable', () => {
    const one = world()
    one.wait(10_000)
    const envelope = {
      kind: 'action',
      account: ALICE,
      signer: ALICE,
      nonce: START_MS,
      action: { kind: 'noop' },
    } as const
    expect(one.run({ ...envelope, expiresAfterMs: START_MS + 9_999 })).toEqual({
      kind: 'refused',
      text: 'Action already expired',
    })
    expect(one.run({ ...envelope, expiresAfterMs: START_MS + 10_000 })).toEqual({ kind: 'done' })
    expect(one.run({ ...envelope, expiresAfterMs: null })).toEqual({
      kind: 'refused',
      text: `Invalid nonce: duplicate nonce ${START_MS}`,
    })
  })

  test('time does not go back and does not leap', () => {
    const one = world()
    expect(one.run({ kind: 'block', tsMs: START_MS - 1 })).toMatchObject({ kind: 'refused' })
    expect(one.run({ kind: 'block', tsMs: START_MS })).toEqual({ kind: 'done' })
    expect(one.run({ kind: 'block', tsMs: START_MS + 40 * 86_400_000 })).toMatchObject({ kind: 'refused' })
  })
})

describe('the ten-dollar rule', () => {
  const dust: Prepare = (one) => {
    one.place(BOB, { side: 'sell', sizeLots: 15 })
    one.place(ALICE, { side: 'buy', sizeLots: 15 })
    one.place(BOB, { side: 'buy', priceTicks: 500_000, sizeLots: 1_000 })
  }
  // 15 lots at 50 000 $ are 7.50 $.
  test.each([
    ['closing all of it is exempt', { sizeLots: 15 }, 'filled'],
    ['closing a part is not', { sizeLots: 14 }, 'error'],
    ['closing a part reduce-only is not', { sizeLots: 14, reduceOnly: true }, 'error'],
    ['a reduce-only order larger than the position is exempt', { sizeLots: 19, reduceOnly: true }, 'filled'],
    ['more than the position is not', { sizeLots: 16 }, 'error'],
  ] as const)('%s', (_name, order, kind) => {
    const one = world()
    dust(one)
    expect(one.place(ALICE, { side: 'sell', priceTicks: 500_000, tif: 'Ioc', ...order }).kind).toBe(kind)
  })
})
