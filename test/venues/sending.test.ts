import { describe, expect, test } from 'vitest'
import type { Command, NewOrder } from '../../src/core/command.ts'
import type { MarketSpec } from '../../src/core/market.ts'
import { gridOf } from '../../src/core/units.ts'
import { type Answer, readAnswer } from '../../src/venues/hyperliquid/exchange-client.ts'
import { encodeOrder } from '../../src/venues/hyperliquid/encode.ts'
import { outcomesOf } from '../../src/venues/hyperliquid/outcomes.ts'
import { type Batch, planBatches } from '../../src/venues/hyperliquid/plan.ts'

const MARKET: MarketSpec = {
  network: 'local',
  dex: 'hyna',
  coin: 'hyna:ETH',
  assetId: 110001,
  grid: gridOf(4),
  maxLeverage: 25,
  marginMode: 'cross',
  collateral: 'USDE',
  makerFeePpb: 300_000,
  takerFeePpb: 900_000,
  minNotionalMicroUsd: 10_000_000,
}

const cloid = (n: number): string => `0x${n.toString(16).padStart(32, '0')}`
const order = (n: number, with_: Partial<NewOrder> = {}): NewOrder => ({
  cloid: cloid(n),
  side: 'buy',
  priceTicks: 299_950,
  sizeLots: 12_500,
  tif: 'alo',
  reduceOnly: false,
  ...with_,
})
const place = (n: number, with_: Partial<NewOrder> = {}): Command => ({
  kind: 'place',
  order: order(n, with_),
})

describe('orders on the wire', () => {
  test('numbers have no trailing zeros and keys come in the order in which they are hashed', () => {
    const wire = encodeOrder(order(7, { side: 'sell', reduceOnly: true, tif: 'ioc' }), MARKET)
    expect(JSON.stringify(wire)).toBe(
      `{"a":110001,"b":false,"p":"2999.5","s":"1.25","r":true,"t":{"limit":{"tif":"Ioc"}},"c":"${cloid(7)}"}`,
    )
  })

  test.each([
    ['alo', 'Alo'],
    ['ioc', 'Ioc'],
    ['gtc', 'Gtc'],
  ] as const)('%s is %s', (tif, word) => {
    expect(encodeOrder(order(1, { tif }), MARKET).t.limit.tif).toBe(word)
  })
})

describe('the actions of one cycle', () => {
  const typesOf = (commands: readonly Command[]): string[] =>
    planBatches(commands, MARKET).map(({ action, commands: part }) => `${action.type} ${part.length}`)

  test('cancels go first, takers last, and makers apart from takers', () => {
    const commands: Command[] = [
      place(1, { tif: 'ioc' }),
      place(2),
      { kind: 'modify', targetCloid: cloid(3), targetOid: 33, order: order(4) },
      { kind: 'cancel', cloid: cloid(5), oid: 55 },
      place(6, { tif: 'gtc' }),
      { kind: 'cancel', cloid: cloid(7), oid: null },
      { kind: 'cancel', cloid: null, oid: 88 },
      { kind: 'resync', because: 'a test' },
      { kind: 'queryOrder', cloid: cloid(9) },
    ]
    expect(typesOf(commands)).toEqual(['cancel 2', 'cancelByCloid 1', 'batchModify 1', 'order 1', 'order 2'])
    const [byOid, byCloid, modify] = planBatches(commands, MARKET)
    expect(byOid?.action).toEqual({
      type: 'cancel',
      cancels: [
        { a: 110001, o: 55 },
        { a: 110001, o: 88 },
      ],
    })
    expect(byCloid?.action).toEqual({ type: 'cancelByCloid', cancels: [{ asset: 110001, cloid: cloid(7) }] })
    expect(modify?.action).toEqual({
      type: 'batchModify',
      modifies: [{ oid: 33, order: encodeOrder(order(4), MARKET) }],
    })
  })

  test('nothing to do is no request', () => {
    expect(typesOf([])).toEqual([])
  })

  test('the venue takes at most 200 units an action', () => {
    const many = Array.from({ length: 401 }, (_, n) => place(n))
    expect(typesOf(many)).toEqual(['order 200', 'order 200', 'order 1'])
  })
})

describe('answers', () => {
  const [batch] = planBatches([place(1), place(2), place(3)], MARKET)
  const statuses = (...list: unknown[]): unknown => ({
    status: 'ok',
    response: { type: 'order', data: { statuses: list } },
  })
  const outcome = (of: Batch | undefined, body: unknown): unknown[] =>
    of === undefined ? ['no batch'] : outcomesOf(of, readAnswer(body), MARKET.grid)

  test('each status belongs to the order at its index', () => {
    const body = statuses(
      { resting: { oid: 77 } },
      { error: 'Insufficient margin to place order. asset=110001' },
      { filled: { totalSz: '0.5', avgPx: '2999.123456', oid: 79 } },
    )
    expect(outcome(batch, body)).toEqual([
      { kind: 'orderResting', cloid: cloid(1), oid: 77 },
      {
        kind: 'orderRefused',
        cloid: cloid(2),
        refusal: 'margin',
        text: 'Insufficient margin to place order. asset=110001',
      },
      { kind: 'orderFilledNow', cloid: cloid(3), oid: 79, totalLots: 5000, averagePriceTicks: 299912.3456 },
    ])
  })

  test('orders without a status are uncertain, the others keep theirs', () => {
    expect(outcome(batch, statuses({ error: 'Order has invalid price.' }))).toEqual([
      { kind: 'orderRefused', cloid: cloid(1), refusal: 'price', text: 'Order has invalid price.' },
      {
        kind: 'sendUncertain',
        cloids: [cloid(2), cloid(3)],
        action: 'place',
        text: 'the answer has 1 statuses for 3 orders',
      },
    ])
  })

  test.each([
    ['a word that is no end', 'waitingForFill'],
    ['an order id that is not exact', { resting: { oid: 2 ** 53 } }],
    ['a fill off the grid', { filled: { totalSz: '0.00005', avgPx: '2999', oid: 5 } }],
    ['nothing', null],
  ])('a status that cannot be read leaves only its own order uncertain: %s', (_name, status) => {
    const inputs = outcome(batch, statuses({ resting: { oid: 77 } }, status, { resting: { oid: 78 } }))
    expect(inputs).toMatchObject([
      { kind: 'orderResting', cloid: cloid(1) },
      { kind: 'orderResting', cloid: cloid(3) },
      { kind: 'sendUncertain', cloids: [cloid(2)], action: 'place' },
    ])
  })

  test('a refused action refuses every order in it, and none of them is uncertain', () => {
    const text = 'Too many cumulative requests sent (10001 > 10000) for cumulative volume traded $5.'
    expect(outcome(batch, { status: 'err', response: text })).toEqual(
      [1, 2, 3].map((n) => ({ kind: 'orderRefused', cloid: cloid(n), refusal: 'rate', text })),
    )
  })

  test.each([
    [null],
    [[]],
    ['ok'],
    [{}],
    [{ status: 'ok' }],
    [{ status: 'ok', response: { type: 'order', data: {} } }],
  ])('an answer that says nothing leaves everything uncertain: %j', (body) => {
    expect(outcome(batch, body)).toMatchObject([
      { kind: 'sendUncertain', cloids: [1, 2, 3].map(cloid), action: 'place' },
    ])
  })

  test('cancels: done, gone, and silent about orders that are not ours', () => {
    const [cancels] = planBatches(
      [
        { kind: 'cancel', cloid: cloid(1), oid: 11 },
        { kind: 'cancel', cloid: cloid(2), oid: 12 },
        { kind: 'cancel', cloid: null, oid: 13 },
        { kind: 'cancel', cloid: null, oid: 14 },
        { kind: 'cancel', cloid: cloid(5), oid: 15 },
      ],
      MARKET,
    )
    const gone = 'Order was never placed, already canceled, or filled. asset=110001'
    expect(outcome(cancels, statuses('success', { error: gone }, 'success'))).toEqual([
      { kind: 'cancelDone', cloid: cloid(1) },
      { kind: 'cancelRefused', cloid: cloid(2), refusal: 'gone', text: gone },
      {
        kind: 'sendUncertain',
        cloids: [cloid(5)],
        action: 'cancel',
        text: 'the answer has 3 statuses for 5 orders',
      },
    ])
  })

  test('a modify answers for its new leg', () => {
    const [modify] = planBatches(
      [{ kind: 'modify', targetCloid: cloid(1), targetOid: 11, order: order(2) }],
      MARKET,
    )
    expect(outcome(modify, statuses({ resting: { oid: 12 } }))).toEqual([
      { kind: 'orderResting', cloid: cloid(2), oid: 12 },
    ])
    const lost: Answer = { kind: 'lost', text: 'timeout' }
    expect(modify && outcomesOf(modify, lost, MARKET.grid)).toEqual([
      { kind: 'sendUncertain', cloids: [cloid(2)], action: 'modify', text: 'timeout' },
    ])
  })
})
