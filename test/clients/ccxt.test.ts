/**
 * The story of nktkas.test.ts told by another public client, unchanged but for its URLs: ccxt over REST and, where it has a way,
 * over WebSocket, on the main DEX and on a builder DEX. ccxt is large and optional: `.ci/run` installs it beside the project and
 * makes its absence a failure; elsewhere this file says that it is left out.
 */
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { submit } from '../../src/simulation/world.ts'
import { BLOCK_MS, openVenue, testWallet, type TestVenue } from '../server/venue.ts'

/** What the story asks of ccxt; its own types come only with the package. */
interface Ccxt {
  urls: { api: unknown }
  loadMarkets(): Promise<Readonly<Record<string, { readonly id: string; readonly limits: unknown }>>>
  loadHttpProxyAgent(): Promise<unknown>
  close(): Promise<unknown>
  readonly [method: string]: unknown
}
interface CcxtOrder {
  readonly id: string
  readonly price: number
  readonly amount: number
  readonly filled: number
  readonly average: number
  readonly status: string
}
interface CcxtTrade {
  readonly side: string
  readonly price: number
  readonly amount: number
  readonly fee: { readonly currency: string }
  readonly info: { readonly fee: string; readonly builderFee: string }
}

/** As CommonJS, so that NODE_PATH may point to it. */
const loadedOrNull = (): { readonly pro: Readonly<Record<string, new (options: object) => Ccxt>> } | null => {
  try {
    return createRequire(import.meta.url)('ccxt') as ReturnType<typeof loadedOrNull>
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null
    throw error
  }
}
const ccxt = loadedOrNull()
if (ccxt === null) process.stderr.write('test/clients/ccxt.test.ts is left out: ccxt is not installed\n')

const MINUTE_MS = 60_000
const HOUR_MS: number = 60 * MINUTE_MS
const STAKE_USD = 1_000
const cases = [
  {
    name: 'main',
    symbol: 'BTC/USDC:USDC',
    params: {},
    assetId: 0,
    dexIndex: 0,
    feeToken: 'USDC',
    feeScale: 1,
  },
  {
    name: 'hyna',
    symbol: 'HYNA-BTC/USDE:USDE',
    params: { dex: 'hyna' },
    assetId: 110_000,
    dexIndex: 1,
    feeToken: 'USDE',
    feeScale: 2,
  },
] as const

test('the package is there where it must be', () => {
  if (process.env['REQUIRED_TEST_CLIENTS'] === '1') expect(ccxt).not.toBeNull()
  expect(typeof (ccxt?.pro['hyperliquid'] ?? (() => undefined))).toBe('function')
})

describe.each(ccxt === null ? [] : cases)('on the DEX $name', (of) => {
  const { symbol, params, assetId, dexIndex, feeToken, feeScale } = of
  let venue: TestVenue
  let maker: Ccxt
  let taker: Ccxt

  beforeAll(async () => {
    // Shortly before the hour: funding is paid on it.
    const startTsMs = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS - MINUTE_MS
    venue = await openVenue({ network: 'any' }, startTsMs)
    maker = await connect(71, 100_000)
    taker = await connect(72, STAKE_USD)
  })
  afterAll(async () => {
    for (const client of [maker, taker]) await client.close()
    await venue.close()
  })

  async function connect(number: number, usd: number): Promise<Ccxt> {
    const Hyperliquid = ccxt?.pro['hyperliquid']
    if (Hyperliquid === undefined) throw new Error('ccxt has Hyperliquid')
    const wallet = testWallet(number)
    venue.fund(wallet, usd, dexIndex)
    const client = new Hyperliquid({
      privateKey: `0x${number.toString(16).padStart(64, '0')}`,
      walletAddress: wallet.address,
      enableRateLimit: false,
    })
    const { url, wsUrl } = venue.server
    client.urls.api = { public: url, private: url, ws: { public: wsUrl } }
    await client.loadHttpProxyAgent()
    return client
  }

  /** Calls a method of ccxt while blocks go on. */
  async function call<Result>(client: Ccxt, method: string, ...args: readonly unknown[]): Promise<Result> {
    const run = client[method]
    if (typeof run !== 'function') throw new Error(`ccxt has ${method}`)
    return await venue.whileRunning(run.apply(client, args) as Promise<Result>)
  }

  const place = (who: Ccxt, side: string, amount: number, price: number, more: object = {}) =>
    call<CcxtOrder>(who, 'createOrder', symbol, 'limit', side, amount, price, more)
  const openOrders = (who: Ccxt) => call<CcxtOrder[]>(who, 'fetchOpenOrders', symbol)
  const positionOf = async (who: Ccxt) =>
    (
      await call<{ side: string; contracts: number; entryPrice: number }[]>(who, 'fetchPositions', [symbol])
    )[0]

  test('its markets, status and book are read', async () => {
    const markets = await call<Readonly<Record<string, unknown>>>(maker, 'loadMarkets')
    expect(Object.keys(markets)).toContain(symbol)
    expect(await call(maker, 'fetchStatus')).toMatchObject({ status: 'ok' })
    expect(await call(maker, 'fetchBalance', params)).toMatchObject({ USDC: { total: 100_000 } })
    expect(await call(maker, 'fetchOrderBook', symbol)).toMatchObject({ bids: [], asks: [] })
    expect(await call(maker, 'setLeverage', 20, symbol, { marginMode: 'cross' })).toMatchObject({
      status: 'ok',
    })
  })

  test('an order is placed, read, edited and cancelled', async () => {
    const { id } = await place(maker, 'buy', 0.01, 58_000, { postOnly: true })
    expect(await call(maker, 'fetchOrder', id, symbol)).toMatchObject({ id, status: 'open', price: 58_000 })
    await call(maker, 'editOrder', id, symbol, 'limit', 'buy', 0.02, 58_100)
    const [open] = await openOrders(maker)
    expect(open).toMatchObject({ price: 58_100, amount: 0.02 })
    await call(maker, 'cancelOrder', open?.id, symbol)
    expect(await openOrders(maker)).toEqual([])
    expect(await call(maker, 'fetchOrder', open?.id, symbol)).toMatchObject({ status: 'canceled' })
  })

  test('several orders are placed at once and cancelled by client id and by id', async () => {
    const orders = [1, 2, 3].map((number) => ({
      symbol,
      type: 'limit',
      side: 'buy',
      amount: 0.01,
      price: 58_000 - number,
      params: { clientOrderId: `0x${String(number).padStart(32, '0')}` },
    }))
    await call(maker, 'createOrders', orders)
    await call(maker, 'cancelOrder', undefined, symbol, { clientOrderId: orders[0]?.params.clientOrderId })
    const left = await openOrders(maker)
    expect(left).toHaveLength(2)
    const ids = left.map(({ id }) => id)
    await call(maker, 'cancelOrders', ids, symbol)
    expect(await openOrders(maker)).toEqual([])
  })

  test('both sides of a fill are told over the WebSocket and read it, their positions and what it cost', async () => {
    const made = call<CcxtTrade[]>(maker, 'watchMyTrades', symbol)
    const tape = call<CcxtTrade[]>(taker, 'watchTrades', symbol)
    const orders = call<CcxtOrder[]>(maker, 'watchOrders', symbol)
    const book = call<{ asks: number[][] }>(taker, 'watchOrderBook', symbol)
    await book
    await call(taker, 'setLeverage', 20, symbol, { marginMode: 'cross' })
    const { id } = await call<CcxtOrder>(maker, 'createOrderWs', symbol, 'limit', 'sell', 0.15, 60_000, {
      postOnly: true,
    })
    expect(await orders).toMatchObject([{ id, status: 'open', side: 'sell' }])
    expect(await call(taker, 'fetchOrderBook', symbol)).toMatchObject({ asks: [[60_000, 0.15]] })
    const taken = await place(taker, 'buy', 0.15, 60_000)
    expect(taken).toMatchObject({ filled: 0.15, average: 60_000 })
    expect((await made).at(-1)).toMatchObject({ side: 'sell', price: 60_000, amount: 0.15 })
    expect((await tape).at(-1)).toMatchObject({ side: 'buy', price: 60_000, amount: 0.15 })

    // It names a builder of its own for 1 bp, and a referrer, which is 4 % off. What it calls the cost adds the builder's part twice.
    const notionalUsd = 9_000
    const builderUsd = notionalUsd * 0.0001
    const [own] = await call<CcxtTrade[]>(maker, 'fetchMyTrades', symbol)
    const [other] = await call<CcxtTrade[]>(taker, 'fetchMyTrades', symbol)
    const feeUsd = (rate: number): number => notionalUsd * rate * feeScale * 0.96 + builderUsd
    expect(Number(own?.info.fee)).toBeCloseTo(feeUsd(0.00015), 6)
    expect(Number(other?.info.fee)).toBeCloseTo(feeUsd(0.00045), 6)
    expect(Number(own?.info.builderFee)).toBeCloseTo(builderUsd, 6)
    expect([own?.fee.currency, other?.fee.currency]).toEqual([feeToken, feeToken])
    expect(await positionOf(maker)).toMatchObject({ side: 'short', contracts: 0.15, entryPrice: 60_000 })
    expect(await positionOf(taker)).toMatchObject({ side: 'long', contracts: 0.15, entryPrice: 60_000 })
    expect(await call(taker, 'fetchOrder', taken.id, symbol)).toMatchObject({ status: 'closed' })
  })

  test('a stop rests untriggered, is listed and cancelled', async () => {
    const stop = { stopLossPrice: 50_000, reduceOnly: true }
    await call(taker, 'createOrder', symbol, 'market', 'sell', 0.1, 50_000, stop)
    const [open] = await openOrders(taker)
    expect(open).toMatchObject({ triggerPrice: 50_000, reduceOnly: true })
    await call(taker, 'cancelOrder', open?.id, symbol)
    expect(await openOrders(taker)).toEqual([])
  })

  test('funding is paid on the hour, by one side to the other', async () => {
    const now = venue.world.nowTsMs
    venue.step(HOUR_MS - (now % HOUR_MS) + BLOCK_MS)
    const [paid] = await call<{ amount: number }[]>(taker, 'fetchFundingHistory', symbol, now)
    const [got] = await call<{ amount: number }[]>(maker, 'fetchFundingHistory', symbol, now)
    expect(paid?.amount).not.toBe(0)
    expect(got?.amount).toBe(-(paid?.amount ?? 0))
  })

  test('when the market falls, the one with little margin is liquidated through the book', async () => {
    await place(maker, 'buy', 0.4, 53_900, { postOnly: true })
    await place(maker, 'sell', 0.4, 54_000, { postOnly: true })
    const { grid } = venue.exchange.markets.find(({ instrument }) => instrument.assetId === assetId)
      ?.instrument ?? { grid: { priceDecimals: 0 } }
    submit(
      venue.world,
      { kind: 'oracle', assetId, oracleTicks: 54_000 * 10 ** grid.priceDecimals },
      () => undefined,
    )
    // On a builder DEX the mark moves at most 1 % every 2.5 s.
    venue.step(MINUTE_MS)
    expect(await positionOf(taker)).toBeUndefined()
    const trades = await call<CcxtTrade[]>(taker, 'fetchMyTrades', symbol)
    const soldLots = trades
      .filter(({ side }) => side === 'sell')
      .reduce((sum, { amount }) => sum + Math.round(amount * 1e5), 0)
    expect(soldLots).toBe(15_000)
    expect(await positionOf(maker)).toBeUndefined()
  })
})
