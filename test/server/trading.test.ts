/** The SDK trades on the embedded exchange over real sockets, on the main DEX and on a builder DEX. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { httpClients, openVenue, socketClients, testWallet, type TestVenue, type Clients } from './venue.ts'

const GTC = { limit: { tif: 'Gtc' } } as const
const ALO = { limit: { tif: 'Alo' } } as const
const IOC = { limit: { tif: 'Ioc' } } as const

describe.each([
  ['the main DEX', { dex: '', coin: 'BTC', assetId: 0, dexIndex: 0, feeToken: 'USDC' }],
  ['a builder DEX', { dex: 'hyna', coin: 'hyna:BTC', assetId: 110_000, dexIndex: 1, feeToken: 'USDE' }],
])('on %s', (_name, { dex, coin, assetId, dexIndex, feeToken }) => {
  let venue: TestVenue
  let maker: Clients
  let taker: Clients

  beforeAll(async () => {
    venue = await openVenue()
    maker = httpClients(venue, testWallet(11))
    taker = httpClients(venue, testWallet(12))
    for (const { wallet } of [maker, taker]) venue.fund(wallet, 100_000, dexIndex)
  })
  afterAll(async () => venue.close())

  test('an order rests, is modified, is seen in the book and is cancelled', async () => {
    // The SDK takes a client id below 2^53 for an order id when it modifies: real ones are longer.
    const cloid = '0x5eed00000000000000000000000000a1'
    const order = { a: assetId, b: true, p: '59000', s: '0.01', r: false, t: ALO, c: cloid } as const
    const placed = await venue.whileRunning(maker.exchange.order({ orders: [order], grouping: 'na' }))
    const [status] = placed.response.data.statuses
    expect(status).toEqual({ resting: { oid: expect.any(Number), cloid } })
    if (typeof status !== 'object' || !('resting' in status)) throw new Error('the order rests')

    const open = await maker.info.openOrders({ user: maker.wallet.address, dex })
    expect(open).toEqual([
      {
        coin,
        side: 'B',
        limitPx: '59000.0',
        sz: '0.01',
        oid: status.resting.oid,
        timestamp: expect.any(Number),
        origSz: '0.01',
        cloid,
      },
    ])
    const changed = await venue.whileRunning(
      maker.exchange.batchModify({ modifies: [{ oid: cloid, order: { ...order, p: '59100' } }] }),
    )
    expect(changed.response.data.statuses).toEqual([{ resting: { oid: expect.any(Number), cloid } }])
    const book = await maker.info.l2Book({ coin })
    expect(book?.levels).toEqual([[{ px: '59100.0', sz: '0.01', n: 1 }], []])

    await venue.whileRunning(maker.exchange.modify({ oid: cloid, order: { ...order, p: '59200' } }))
    const cancelled = await venue.whileRunning(
      maker.exchange.cancelByCloid({ cancels: [{ asset: assetId, cloid }] }),
    )
    expect(cancelled.response.data.statuses).toEqual(['success'])
    expect(await maker.info.openOrders({ user: maker.wallet.address, dex })).toEqual([])
    const ended = await maker.info.orderStatus({ user: maker.wallet.address, oid: cloid })
    expect(ended).toMatchObject({
      status: 'order',
      order: { status: 'canceled', order: { coin, limitPx: '59200.0' } },
    })
  })

  test('a trade shows on both sides: fills, positions, fees, the tape', async () => {
    const ask = { a: assetId, b: false, p: '60000', s: '0.02', r: false, t: GTC }
    const bid = { a: assetId, b: true, p: '60100', s: '0.015', r: false, t: IOC }
    await venue.whileRunning(maker.exchange.order({ orders: [ask], grouping: 'na' }))
    const taken = await venue.whileRunning(taker.exchange.order({ orders: [bid], grouping: 'na' }))
    expect(taken.response.data.statuses).toEqual([
      { filled: { totalSz: '0.015', avgPx: '60000.0', oid: expect.any(Number) } },
    ])
    const scale = dexIndex === 0 ? 1 : 2
    const notional = 900
    const common = {
      coin,
      px: '60000.0',
      sz: '0.015',
      startPosition: '0.0',
      closedPnl: '0.0',
      feeToken,
      twapId: null,
    }
    const [makerFill] = await maker.info.userFills({ user: maker.wallet.address })
    const [takerFill] = await taker.info.userFills({ user: taker.wallet.address })
    expect(makerFill).toMatchObject({ ...common, side: 'A', dir: 'Open Short', crossed: false })
    expect(takerFill).toMatchObject({ ...common, side: 'B', dir: 'Open Long', crossed: true })
    expect(Number(makerFill?.fee)).toBeCloseTo(notional * 0.00015 * scale, 6)
    expect(Number(takerFill?.fee)).toBeCloseTo(notional * 0.00045 * scale, 6)
    expect(makerFill?.tid).toBe(takerFill?.tid)

    const [trade] = await maker.info.recentTrades({ coin })
    const users = [taker.wallet.address, maker.wallet.address]
    expect(trade).toMatchObject({ coin, side: 'B', px: '60000.0', sz: '0.015', tid: takerFill?.tid, users })

    const state = await taker.info.clearinghouseState({ user: taker.wallet.address, dex })
    expect(state.assetPositions).toMatchObject([
      {
        type: 'oneWay',
        position: { coin, szi: '0.015', entryPx: '60000.0', leverage: { type: 'cross', value: 20 } },
      },
    ])
    const raw = Number(state.marginSummary.totalRawUsd)
    expect(raw).toBeCloseTo(100_000 - notional - Number(takerFill?.fee), 6)
    const { accountValue, totalNtlPos } = state.marginSummary
    expect(Number(accountValue)).toBeCloseTo(raw + Number(totalNtlPos), 6)
  })

  test('cancel by id tells which orders were not there', async () => {
    const bid = { a: assetId, b: true, p: '50000', s: '0.01', r: false, t: GTC }
    const placed = await venue.whileRunning(maker.exchange.order({ orders: [bid], grouping: 'na' }))
    const [status] = placed.response.data.statuses
    if (typeof status !== 'object' || !('resting' in status)) throw new Error('the order rests')
    const cancels = [
      { a: assetId, o: status.resting.oid },
      { a: assetId, o: 999_999 },
    ]
    const failure = venue.whileRunning(maker.exchange.cancel({ cancels }))
    await expect(failure).rejects.toMatchObject({
      response: {
        status: 'ok',
        response: {
          type: 'cancel',
          data: {
            statuses: [
              'success',
              { error: `Order was never placed, already canceled, or filled. asset=${assetId}` },
            ],
          },
        },
      },
    })
  })

  test('the same works through one WebSocket, with requests as posts', async () => {
    const socket = await socketClients(venue, maker.wallet)
    const bid = { a: assetId, b: true, p: '55000', s: '0.01', r: false, t: ALO }
    const placed = await venue.whileRunning(socket.exchange.order({ orders: [bid], grouping: 'na' }))
    expect(placed.response.data.statuses).toEqual([{ resting: { oid: expect.any(Number) } }])
    const open = await socket.info.frontendOpenOrders({ user: maker.wallet.address, dex })
    expect(open.filter(({ limitPx }) => limitPx === '55000.0')).toMatchObject([
      {
        coin,
        tif: 'Alo',
        orderType: 'Limit',
        isTrigger: false,
        triggerPx: '0.0',
        triggerCondition: 'N/A',
        cloid: null,
      },
    ])
    await socket.close()
  })
})
