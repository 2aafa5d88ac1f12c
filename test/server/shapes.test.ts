/**
 * Our shapes against the SDK's response types. The first part is checked by the compiler: each line fails to compile when
 * ours does not fit theirs. The second looks at real answers: decimals as the SDK's patterns want them.
 */
import type * as sdk from '@nktkas/hyperliquid'
import type * as sdkExchange from '@nktkas/hyperliquid/api/exchange'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type * as wire from '../../src/server/wire/types.ts'
import { httpClients, openVenue, testWallet, type Clients, type TestVenue } from './venue.ts'

type Fits<Ours extends Theirs, Theirs> = [Ours, Theirs]

/** The SDK's word lists are older than the venue's: these two words are missing there. */
type KnownStatus<Order> = Order extends { status: infer Word }
  ? Omit<Order, 'status'> & { status: Exclude<Word, 'tooManyOpenOrdersRejected'> }
  : never

export type Checked = [
  Fits<wire.WireMeta, sdk.MetaResponse>,
  Fits<[wire.WireMeta, wire.WireAssetCtx[]], sdk.MetaAndAssetCtxsResponse>,
  Fits<(wire.WirePerpDex | null)[], sdk.PerpDexsResponse>,
  Fits<wire.WireSpotMeta, sdk.SpotMetaResponse>,
  Fits<wire.WireMarginTable, sdk.MarginTableResponse>,
  Fits<wire.WireBook | null, sdk.L2BookResponse>,
  Fits<wire.WireTrade[], sdk.RecentTradesResponse>,
  Fits<wire.WireCandle[], sdk.CandleSnapshotResponse>,
  Fits<wire.WireClearinghouseState, sdk.ClearinghouseStateResponse>,
  Fits<wire.WireSpotState, sdk.SpotClearinghouseStateResponse>,
  Fits<wire.WireOpenOrder[], sdk.OpenOrdersResponse>,
  Fits<wire.WireFrontendOrder[], sdk.FrontendOpenOrdersResponse>,
  Fits<KnownStatus<wire.WireHistoricalOrder>[], sdk.HistoricalOrdersResponse>,
  Fits<KnownStatus<wire.WireOrderUpdate>[], sdk.OrderUpdatesWsEvent>,
  Fits<wire.WireFill[], sdk.UserFillsResponse>,
  Fits<wire.WireFunding[], sdk.UserFundingResponse>,
  Fits<wire.WireLedgerUpdate[], sdk.UserNonFundingLedgerUpdatesResponse>,
  Fits<wire.WireUserFees, sdk.UserFeesResponse>,
  Fits<wire.WireActiveAssetData, sdk.ActiveAssetDataResponse>,
  Fits<wire.WireWebData2, sdk.WebData2Response>,
  Fits<
    Extract<wire.WireAnswer, { response: { type: 'order' } }>['response']['data']['statuses'],
    sdkExchange.OrderResponse['response']['data']['statuses']
  >,
  Fits<
    Extract<wire.WireAnswer, { response: { type: 'cancel' } }>['response']['data']['statuses'],
    sdkExchange.CancelResponse['response']['data']['statuses']
  >,
]

const UNSIGNED = /^[0-9]+(\.[0-9]+)?$/
const SIGNED = /^-?[0-9]+(\.[0-9]+)?$/
/** Fields that are decimals but may be negative; all other texts of digits must be unsigned. */
const SIGNED_FIELDS = new Set([
  'totalRawUsd',
  'szi',
  'unrealizedPnl',
  'returnOnEquity',
  'allTime',
  'sinceOpen',
  'sinceChange',
  'rawUsd',
  'funding',
  'premium',
  'fundingRate',
  'startPosition',
  'closedPnl',
  'fee',
  'usdc',
  'add',
  'userAddRate',
  'cumLedger',
])
const TEXT_FIELDS = new Set(['coin', 'name', 'fullName', 's', 'feeToken', 'description', 'date', 'token'])

function checkDecimals(value: unknown, field: string): number {
  if (typeof value === 'string') {
    if (TEXT_FIELDS.has(field) || !/^[-+.]?\d/.test(value) || value.startsWith('0x')) return 0
    // Interval names and times begin with a digit too.
    if (field === 'i' || field === 'lastDeployerFeeScaleChangeTime') return 0
    expect(value, field).toMatch(SIGNED_FIELDS.has(field) ? SIGNED : UNSIGNED)
    return 1
  }
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + checkDecimals(item, field), 0)
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce((sum, [key, item]) => sum + checkDecimals(item, key), 0)
}

describe('answers of a venue where something happened', () => {
  const GTC = { limit: { tif: 'Gtc' } } as const
  let venue: TestVenue
  let client: Clients

  beforeAll(async () => {
    venue = await openVenue()
    client = httpClients(venue, testWallet(91))
    const other = httpClients(venue, testWallet(92))
    for (const { wallet } of [client, other]) for (const dex of [0, 1, 2]) venue.fund(wallet, 50_000, dex)
    for (const [a, p] of [
      [0, '60000'],
      [110_002, '150'],
    ] as const) {
      const order = { a, b: true, p, s: '0.35', r: false, t: GTC }
      await venue.whileRunning(client.exchange.order({ orders: [order], grouping: 'na' }))
      const cross = { ...order, b: false, s: '0.25' }
      await venue.whileRunning(other.exchange.order({ orders: [cross], grouping: 'na' }))
    }
    const stop = { trigger: { isMarket: true, triggerPx: '55000', tpsl: 'sl' } } as const
    const guard = { a: 0, b: false, p: '54000', s: '0.25', r: true, t: stop }
    await venue.whileRunning(client.exchange.order({ orders: [guard], grouping: 'na' }))
    venue.step(3_600_000)
  })
  afterAll(async () => venue.close())

  test('every decimal fits the pattern of the SDK', async () => {
    const { info, wallet } = client
    const user = wallet.address
    const startTime = 0
    const answers = await Promise.all([
      info.meta(),
      info.metaAndAssetCtxs({ dex: 'hyna' }),
      info.perpDexs(),
      info.spotMeta(),
      info.allMids(),
      info.l2Book({ coin: 'BTC' }),
      info.l2Book({ coin: 'BTC', nSigFigs: 3 }),
      info.recentTrades({ coin: 'hyna:SOL' }),
      info.candleSnapshot({ coin: 'BTC', interval: '1m', startTime }),
      info.clearinghouseState({ user }),
      info.clearinghouseState({ user, dex: 'hyna' }),
      info.openOrders({ user }),
      info.frontendOpenOrders({ user }),
      info.historicalOrders({ user }),
      info.userFills({ user }),
      info.userFillsByTime({ user, startTime }),
      info.userFunding({ user, startTime }),
      info.fundingHistory({ coin: 'BTC', startTime }),
      info.predictedFundings(),
      info.userNonFundingLedgerUpdates({ user, startTime }),
      info.userFees({ user }),
      info.userRateLimit({ user }),
      info.activeAssetData({ user, coin: 'BTC' }),
      info.webData2({ user }),
      info.perpDexLimits({ dex: 'hyna' }),
      info.perpDexStatus({ dex: 'hyna' }),
    ])
    // A list that is empty would prove nothing; every answer holds at least one decimal.
    for (const [index, answer] of answers.entries()) {
      if (index === 3) continue
      expect(checkDecimals(answer, ''), `answer ${index}`).toBeGreaterThan(0)
    }
  })

  test('funding was paid on the hour and shows in history, state and rates', async () => {
    const { info, wallet } = client
    const user = wallet.address
    const paid = await info.userFunding({ user, startTime: 0 })
    expect(paid).toMatchObject([{ delta: { type: 'funding', szi: '0.25' } }, { delta: { szi: '0.25' } }])
    const [rate] = await info.fundingHistory({ coin: 'BTC', startTime: 0 })
    const btc = paid.find(({ delta }) => delta.coin === 'BTC')
    expect(rate).toMatchObject({ coin: 'BTC', fundingRate: btc?.delta.fundingRate, time: btc?.time })
    const state = await info.clearinghouseState({ user })
    const { cumFunding } = state.assetPositions[0]?.position ?? {}
    // The state counts what was paid as positive, the history as negative.
    expect(Number(cumFunding?.sinceOpen)).toBeCloseTo(-Number(btc?.delta.usdc), 6)
    expect(Number(btc?.delta.usdc)).toBeCloseTo(-0.25 * 60_000 * Number(rate?.fundingRate), 5)
  })

  test('an armed stop is listed with its condition', async () => {
    const [stop] = await client.info.frontendOpenOrders({ user: client.wallet.address })
    expect(stop).toMatchObject({
      isTrigger: true,
      triggerPx: '55000.0',
      triggerCondition: 'Price below 55000.0',
      orderType: 'Stop Market',
      reduceOnly: true,
      tif: null,
    })
  })
})

describe('structure', () => {
  test('coins, ids and collateral are laid out as at the venue', async () => {
    const venue = await openVenue()
    const { info } = httpClients(venue, testWallet(93))
    const dexs = await info.perpDexs()
    expect(dexs.map((dex) => dex?.name ?? null)).toEqual([null, 'hyna', 'flx'])
    const metas = await info.allPerpMetas()
    expect(metas.map(({ collateralToken }) => collateralToken)).toEqual([0, 235, 360])
    const main = await info.meta()
    expect(main).toEqual(metas[0])
    expect(main.universe[0]).toEqual({ name: 'BTC', szDecimals: 5, maxLeverage: 40, marginTableId: 56 })
    expect(main.universe.find(({ name }) => name === 'PURR')).toMatchObject({
      onlyIsolated: true,
      marginMode: 'strictIsolated',
    })
    expect(main.universe.find(({ name }) => name === 'MATIC')).toMatchObject({ isDelisted: true })
    expect(main.marginTables.find(([id]) => id === 56)?.[1].marginTiers).toEqual([
      { lowerBound: '0.0', maxLeverage: 40 },
      { lowerBound: '150000000.0', maxLeverage: 20 },
    ])
    const hyna = await info.meta({ dex: 'hyna' })
    expect(hyna.universe.map(({ name }) => name)).toEqual(['hyna:BTC', 'hyna:ETH', 'hyna:SOL', 'hyna:HYPE'])
    expect(hyna.universe[3]).toMatchObject({ growthMode: 'enabled' })
    expect(await info.marginTable({ id: 20 })).toEqual({
      description: '',
      marginTiers: [{ lowerBound: '0.0', maxLeverage: 20 }],
    })
    const spot = await info.spotMeta()
    expect(spot.tokens.map(({ name, index }) => [name, index])).toEqual([
      ['USDC', 0],
      ['USDE', 235],
      ['USDH', 360],
    ])
    expect(await info.outcomeMeta()).toEqual({ outcomes: [], questions: [] })
    expect(await info.l2Book({ coin: 'NOPE' })).toBeNull()
    expect(await info.perpsAtOpenInterestCap()).toEqual([])
    await venue.close()
  })
})
