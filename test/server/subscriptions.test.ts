/** Feeds through the SDK's subscription client: first messages, what a trade adds, what unsubscribing ends. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  httpClients,
  openVenue,
  socketClients,
  testWallet,
  until,
  type SocketClients,
  type TestVenue,
} from './venue.ts'

const GTC = { limit: { tif: 'Gtc' } } as const
const IOC = { limit: { tif: 'Ioc' } } as const
const COIN = 'hyna:ETH'
const ASSET = 110_001

let venue: TestVenue
let socket: SocketClients
const maker = testWallet(21)
const taker = testWallet(22)

beforeAll(async () => {
  venue = await openVenue()
  for (const wallet of [maker, taker]) venue.fund(wallet, 50_000, 1)
  socket = await socketClients(venue, maker)
})
afterAll(async () => {
  await socket.close()
  await venue.close()
})

async function trade(price: string, size: string): Promise<void> {
  const makerClients = httpClients(venue, maker)
  const takerClients = httpClients(venue, taker)
  const ask = { a: ASSET, b: false, p: price, s: size, r: false, t: GTC }
  await venue.whileRunning(makerClients.exchange.order({ orders: [ask], grouping: 'na' }))
  await venue.whileRunning(
    takerClients.exchange.order({ orders: [{ ...ask, b: true, t: IOC }], grouping: 'na' }),
  )
}

test('order updates and fills of an account arrive as they happen, after a snapshot of the fills', async () => {
  const updates: unknown[] = []
  const fills: { isSnapshot?: true; fills: unknown[] }[] = []
  const events: unknown[] = []
  const subscriptions = await Promise.all([
    socket.subscriptions.orderUpdates({ user: maker.address }, (data) => updates.push(...data)),
    socket.subscriptions.userFills({ user: maker.address }, (data) => fills.push(data)),
    socket.subscriptions.userEvents({ user: maker.address }, (data) => events.push(data)),
  ])
  await trade('3000', '0.5')
  await until(venue, 'both updates, the fill and the event arrive', () => {
    return updates.length >= 2 && fills.length >= 2 && events.length >= 1
  })

  const order = { coin: COIN, side: 'A', limitPx: '3000.0', origSz: '0.5' }
  expect(updates).toMatchObject([
    { order: { ...order, sz: '0.5' }, status: 'open' },
    { order: { ...order, sz: '0.0' }, status: 'filled' },
  ])
  expect(fills[0]).toEqual({ user: maker.address, fills: [], isSnapshot: true })
  const fill = { coin: COIN, px: '3000.0', sz: '0.5', side: 'A', dir: 'Open Short', feeToken: 'USDE' }
  expect(fills[1]).toMatchObject({ user: maker.address, fills: [fill] })
  expect(fills[1]).not.toHaveProperty('isSnapshot')
  expect(events).toMatchObject([{ fills: [fill] }])

  await Promise.all(subscriptions.map((one) => one.unsubscribe()))
  const countBefore = updates.length
  await trade('3001', '0.5')
  expect(updates).toHaveLength(countBefore)
})

test('a second subscriber gets the fills so far as its snapshot', async () => {
  const other = await socketClients(venue, taker)
  const received: { isSnapshot?: true; fills: { px: string }[] }[] = []
  await other.subscriptions.userFills({ user: taker.address }, (data) => received.push(data))
  await until(venue, 'the snapshot arrives', () => received.length > 0)
  expect(received[0]?.isSnapshot).toBe(true)
  expect(received[0]?.fills.map(({ px }) => px)).toEqual(['3001.0', '3000.0'])
  await other.close()
})

test('trades, candle, best prices and book follow the market', async () => {
  const trades: { px: string; sz: string; side: string; tid: number }[] = []
  const candles: { c: string; v: string; n: number }[] = []
  const bbos: unknown[] = []
  const books: { time: number; levels: unknown[][] }[] = []
  const subscriptions = await Promise.all([
    socket.subscriptions.trades({ coin: COIN }, (data) => trades.push(...data)),
    socket.subscriptions.candle({ coin: COIN, interval: '1m' }, (data) => candles.push(data)),
    socket.subscriptions.bbo({ coin: COIN }, (data) => bbos.push(data)),
    socket.subscriptions.l2Book({ coin: COIN }, (data) => books.push(data)),
  ])
  await until(venue, 'the first messages arrive', () =>
    [trades, candles, bbos, books].every((list) => list.length > 0),
  )
  const tradesBefore = trades.length
  await trade('2999.5', '0.25')
  await until(venue, 'the trade arrives', () => trades.length > tradesBefore && candles.length > 1)

  expect(trades.at(-1)).toMatchObject({ coin: COIN, px: '2999.5', sz: '0.25', side: 'B' })
  expect(candles.at(-1)).toMatchObject({ s: COIN, i: '1m', c: '2999.5', n: expect.any(Number) })
  expect(bbos.length).toBeGreaterThan(1)
  expect(bbos[0]).toMatchObject({ coin: COIN, bbo: [null, null] })
  expect(bbos[1]).toMatchObject({ coin: COIN, bbo: [null, { px: '2999.5', sz: '0.25', n: 1 }] })

  const bookCount = books.length
  await until(venue, 'three more books arrive', () => books.length >= bookCount + 3)
  const gaps = books.slice(2).map((book, index) => book.time - (books[index + 1]?.time ?? 0))
  for (const gapMs of gaps) expect(gapMs).toBeGreaterThanOrEqual(500)
  await Promise.all(subscriptions.map((one) => one.unsubscribe()))
})

test('mids, contexts and account states come as wholes', async () => {
  const { subscriptions } = socket
  const received = new Map<string, unknown>()
  const keep = (name: string) => (data: unknown) => received.set(name, data)
  const user = maker.address
  const opened = await Promise.all([
    subscriptions.allMids({ dex: 'hyna' }, keep('allMids')),
    subscriptions.allMids(keep('allMidsMain')),
    subscriptions.activeAssetCtx({ coin: COIN }, keep('activeAssetCtx')),
    subscriptions.assetCtxs({ dex: 'hyna' }, keep('assetCtxs')),
    subscriptions.allDexsAssetCtxs(keep('allDexsAssetCtxs')),
    subscriptions.clearinghouseState({ user, dex: 'hyna' }, keep('clearinghouseState')),
    subscriptions.allDexsClearinghouseState({ user }, keep('allDexsClearinghouseState')),
    subscriptions.openOrders({ user, dex: 'hyna' }, keep('openOrders')),
    subscriptions.webData2({ user }, keep('webData2')),
    subscriptions.webData3({ user }, keep('webData3')),
    subscriptions.activeAssetData({ user, coin: COIN }, keep('activeAssetData')),
    subscriptions.userFundings({ user }, keep('userFundings')),
    subscriptions.userNonFundingLedgerUpdates({ user }, keep('ledger')),
    subscriptions.userHistoricalOrders({ user }, keep('userHistoricalOrders')),
    subscriptions.spotState({ user }, keep('spotState')),
    subscriptions.twapStates({ user }, keep('twapStates')),
    subscriptions.notification({ user }, keep('notification')),
  ])
  await until(venue, 'all first messages arrive', () => received.size === opened.length - 1)

  expect(received.get('allMids')).toMatchObject({
    dex: 'hyna',
    mids: { [COIN]: expect.stringMatching(/^\d+\.\d+$/) },
  })
  expect(received.get('activeAssetCtx')).toMatchObject({
    coin: COIN,
    ctx: { oraclePx: '3000.0', midPx: null },
  })
  expect(received.get('assetCtxs')).toMatchObject({ dex: 'hyna', ctxs: { length: 4 } })
  expect(received.get('allDexsAssetCtxs')).toMatchObject({
    ctxs: [
      ['', { length: 8 }],
      ['hyna', {}],
      ['flx', {}],
    ],
  })
  const position = { coin: COIN, szi: expect.stringMatching(/^-/) }
  expect(received.get('clearinghouseState')).toMatchObject({
    dex: 'hyna',
    user,
    clearinghouseState: { assetPositions: [{ position }] },
  })
  expect(received.get('openOrders')).toEqual({ dex: 'hyna', user, orders: [] })
  expect(received.get('webData2')).toMatchObject({ user, agentAddress: null, meta: { collateralToken: 0 } })
  expect(received.get('webData3')).toMatchObject({ userState: { user }, perpDexStates: { length: 3 } })
  expect(received.get('userFundings')).toEqual({ user, fundings: [], isSnapshot: true })
  expect(received.get('ledger')).toMatchObject({
    isSnapshot: true,
    nonFundingLedgerUpdates: [{ delta: { type: 'deposit', usdc: '50000.0' } }],
  })

  // An order of the account is told at once, not only at the next regular time.
  const bid = { a: ASSET, b: true, p: '2900', s: '0.1', r: false, t: GTC }
  await venue.whileRunning(httpClients(venue, maker).exchange.order({ orders: [bid], grouping: 'na' }))
  await until(venue, 'the open order arrives', () => {
    return (received.get('openOrders') as { orders: unknown[] }).orders.length === 1
  })
  await Promise.all(opened.map((one) => one.unsubscribe()))
})
