/**
 * Every request of docs/exchange.md against the code, and to each info request an answer with what happened in it and, in
 * wire-shapes.ts, with the keys of the reference and no others.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACTIONS } from '../../src/server/actions/table.ts'
import { INFO_REQUESTS } from '../../src/server/info/table.ts'
import { FEEDS } from '../../src/server/subscriptions/table.ts'
import { httpClients, openVenue, post, testWallet, type TestVenue } from './venue.ts'
import { INFO_SHAPES } from './wire-shapes.ts'

const GUIDE = readFileSync(new URL('../../docs/exchange.md', import.meta.url), 'utf8')

function listed(section: string): string[] {
  const from = GUIDE.indexOf(`<!-- ${section} -->`)
  const text = GUIDE.slice(from, GUIDE.indexOf('\n\n', from))
  return [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? '').sort()
}

test.each([
  ['info', INFO_REQUESTS],
  ['actions', ACTIONS],
  ['subscriptions', FEEDS],
] as const)('the list of %s in docs/exchange.md is that of the code', (section, table) => {
  expect(listed(section)).toEqual([...table.keys()].sort())
})

const wallet = testWallet(801)
const user = wallet.address
const builder = testWallet(802).address
const text = expect.any(String)
const whole = expect.any(Number)
const list = expect.any(Array)
const ctx = expect.objectContaining({
  markPx: text,
  oraclePx: text,
  funding: text,
  openInterest: text,
  prevDayPx: text,
})
const meta = expect.objectContaining({ universe: list, marginTables: list, collateralToken: whole })
const fill = expect.objectContaining({
  coin: 'BTC',
  px: text,
  sz: text,
  side: text,
  dir: text,
  fee: text,
  tid: whole,
  feeToken: 'USDC',
  twapId: null,
})
const order = expect.objectContaining({
  coin: 'BTC',
  oid: whole,
  triggerCondition: text,
  orderType: 'Limit',
  children: [],
})
const summary = { accountValue: text, totalNtlPos: text, totalRawUsd: text, totalMarginUsed: text }
const worth = expect.objectContaining({ accountValueHistory: list, pnlHistory: list, vlm: text })

/** As the reference lists them: request, and what the answer must look like. */
const REQUESTS: readonly (readonly [type: string, fields: object, shape: unknown])[] = [
  ['meta', {}, meta],
  ['meta', { dex: 'hyna' }, meta],
  ['metaAndAssetCtxs', {}, [meta, expect.arrayContaining([ctx])]],
  ['allPerpMetas', {}, [meta, meta, meta]],
  [
    'perpDexs',
    {},
    [
      null,
      expect.objectContaining({ name: 'hyna', deployerFeeScale: text, assetToStreamingOiCap: list }),
      expect.objectContaining({ name: 'flx' }),
    ],
  ],
  [
    'perpDexLimits',
    { dex: 'hyna' },
    { totalOiCap: text, oiSzCapPerPerp: '1000000000.0', maxTransferNtl: text, coinToOiCap: list },
  ],
  ['perpDexLimits', { dex: '' }, null],
  ['perpDexStatus', { dex: 'hyna' }, { totalNetDeposit: text }],
  ['perpsAtOpenInterestCap', {}, []],
  ['perpAnnotation', { coin: 'hyna:BTC' }, null],
  ['perpConciseAnnotations', {}, []],
  ['perpCategories', {}, []],
  [
    'perpDeployAuctionStatus',
    {},
    { startTimeSeconds: whole, durationSeconds: whole, startGas: text, currentGas: null, endGas: null },
  ],
  [
    'marginTable',
    { id: 56 },
    {
      description: text,
      marginTiers: [
        { lowerBound: '0.0', maxLeverage: 40 },
        { lowerBound: '150000000.0', maxLeverage: 20 },
      ],
    },
  ],
  ['marginTable', { id: 20 }, { description: text, marginTiers: [{ lowerBound: '0.0', maxLeverage: 20 }] }],
  [
    'maxMarketOrderNtls',
    {},
    [
      [25, '30000000.0'],
      [20, '5000000.0'],
      [10, '2000000.0'],
      [1, '500000.0'],
    ],
  ],
  [
    'spotMeta',
    {},
    {
      universe: [],
      tokens: expect.arrayContaining([expect.objectContaining({ name: 'USDC', index: 0, tokenId: text })]),
    },
  ],
  ['spotMetaAndAssetCtxs', {}, [{ universe: [], tokens: list }, []]],
  ['outcomeMeta', {}, { outcomes: [], questions: [] }],
  ['exchangeStatus', {}, { time: whole, specialStatuses: null }],
  ['allMids', {}, expect.objectContaining({ BTC: text })],
  ['l2Book', { coin: 'BTC' }, { coin: 'BTC', time: whole, levels: [list, list] }],
  ['l2Book', { coin: 'BTC', nSigFigs: 5, mantissa: 2 }, expect.objectContaining({ spread: text })],
  ['l2Book', { coin: 'NOPE' }, null],
  [
    'recentTrades',
    { coin: 'BTC' },
    [expect.objectContaining({ coin: 'BTC', tid: whole, users: [text, text], hash: text })],
  ],
  [
    'candleSnapshot',
    { req: { coin: 'BTC', interval: '1m', startTime: 0 } },
    [expect.objectContaining({ s: 'BTC', i: '1m', n: whole, o: text, v: text })],
  ],
  [
    'fundingHistory',
    { coin: 'BTC', startTime: 0 },
    [expect.objectContaining({ coin: 'BTC', fundingRate: text, premium: text, time: whole })],
  ],
  [
    'predictedFundings',
    {},
    expect.arrayContaining([
      ['BTC', [['HlPerp', expect.objectContaining({ fundingRate: text, nextFundingTime: whole })]]],
    ]),
  ],
  [
    'clearinghouseState',
    { user },
    expect.objectContaining({
      marginSummary: summary,
      crossMarginSummary: summary,
      withdrawable: text,
      assetPositions: [expect.objectContaining({ type: 'oneWay' })],
    }),
  ],
  [
    'spotClearinghouseState',
    { user },
    { balances: [{ coin: 'USDC', token: 0, total: '5.0', hold: '0.0', entryNtl: text }] },
  ],
  [
    'openOrders',
    { user },
    [
      expect.objectContaining({
        coin: 'BTC',
        side: 'B',
        limitPx: text,
        sz: text,
        oid: whole,
        timestamp: whole,
        origSz: text,
      }),
    ],
  ],
  ['frontendOpenOrders', { user }, [order]],
  ['orderStatus', { user, oid: 999_999 }, { status: 'unknownOid' }],
  ['historicalOrders', { user }, expect.arrayContaining([{ order, status: 'open', statusTimestamp: whole }])],
  ['userFills', { user }, [fill]],
  ['userFillsByTime', { user, startTime: 0, aggregateByTime: true }, [fill]],
  [
    'userFees',
    { user },
    expect.objectContaining({
      userCrossRate: '0.00045',
      userAddRate: '0.00015',
      feeSchedule: expect.objectContaining({ referralDiscount: '0.04' }),
    }),
  ],
  [
    'userRateLimit',
    { user },
    { cumVlm: text, nRequestsUsed: whole, nRequestsCap: whole, nRequestsSurplus: 0 },
  ],
  [
    'userFunding',
    { user },
    [
      {
        time: whole,
        hash: text,
        delta: expect.objectContaining({ type: 'funding', coin: 'BTC', usdc: text }),
      },
    ],
  ],
  [
    'userNonFundingLedgerUpdates',
    { user },
    expect.arrayContaining([{ time: whole, hash: text, delta: { type: 'deposit', usdc: text } }]),
  ],
  [
    'activeAssetData',
    { user, coin: 'BTC' },
    expect.objectContaining({
      leverage: { type: 'cross', value: 20 },
      maxTradeSzs: [text, text],
      availableToTrade: [text, text],
    }),
  ],
  ['maxBuilderFee', { user, builder }, 0],
  ['approvedBuilders', { user }, []],
  ['extraAgents', { user }, []],
  ['userRole', { user }, { role: 'user' }],
  ['userRole', { user: testWallet(899).address }, { role: 'missing' }],
  ['userAbstraction', { user }, 'default'],
  ['userDexAbstraction', { user }, null],
  ['userToMultiSigSigners', { user }, null],
  ['isVip', { user }, null],
  ['subAccounts', { user }, null],
  [
    'portfolio',
    { user },
    [
      ['day', worth],
      ['week', worth],
      ['month', worth],
      ['allTime', worth],
      ['perpDay', worth],
      ['perpWeek', worth],
      ['perpMonth', worth],
      ['perpAllTime', worth],
    ],
  ],
  [
    'webData2',
    { user },
    expect.objectContaining({
      meta,
      assetCtxs: expect.arrayContaining([ctx]),
      openOrders: [order],
      twapStates: [],
      serverTime: whole,
      user,
    }),
  ],
  ['twapHistory', { user }, []],
  ['userTwapSliceFills', { user }, []],
  ['userTwapSliceFillsByTime', { user, startTime: 0 }, []],
  ['referral', { user }, expect.objectContaining({ referredBy: null, cumVlm: text, builderRewards: '0.0' })],
  [
    'preTransferCheck',
    { user, source: user },
    { fee: '0.0', isSanctioned: false, userExists: true, userHasSentTx: true },
  ],
  ['userVaultEquities', { user }, []],
  ['vaultSummaries', {}, []],
  ['leadingVaults', { user }, []],
  ['vaultDetails', { vaultAddress: builder }, null],
  ['delegations', { user }, []],
  ['delegatorHistory', { user }, []],
  ['delegatorRewards', { user }, []],
  ['delegatorSummary', { user }, expect.objectContaining({ delegated: '0.0', nPendingWithdrawals: 0 })],
  ['legalCheck', { user }, { ipAllowed: true, acceptedTerms: true, userAllowed: true }],
]

describe('info requests', () => {
  let venue: TestVenue

  beforeAll(async () => {
    venue = await openVenue()
    const own = httpClients(venue, wallet)
    const other = httpClients(venue, testWallet(803))
    for (const one of [own, other]) venue.fund(one.wallet, 50_000)
    const bid = { a: 0, b: true, p: '60000', s: '0.35', r: false, t: { limit: { tif: 'Gtc' } } } as const
    await venue.whileRunning(own.exchange.order({ orders: [bid], grouping: 'na' }))
    await venue.whileRunning(
      other.exchange.order({ orders: [{ ...bid, b: false, s: '0.25' }], grouping: 'na' }),
    )
    await venue.whileRunning(own.exchange.usdClassTransfer({ amount: '5', toPerp: false }))
    venue.step(3_600_000)
  })
  afterAll(async () => venue.close())

  test('each of them stands in the table below', () => {
    expect(new Set(REQUESTS.map(([type]) => type))).toEqual(new Set(INFO_REQUESTS.keys()))
  })

  test.each(REQUESTS)('%s %j', async (type, fields, shape) => {
    const answer = await post(venue, '/info', { type, ...fields })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toContain('application/json')
    const body: unknown = await answer.json()
    expect(body).toEqual(shape)
    expect(INFO_SHAPES[type]?.(body, '')).toEqual([])
  })

  test('a mantissa goes with five figures: 422 without, and the venue fails on the one it documents', async () => {
    const book = async (fields: object): Promise<unknown[]> => {
      const answer = await post(venue, '/info', { type: 'l2Book', coin: 'BTC', ...fields })
      const text = await answer.text()
      return [answer.status, text.startsWith('{') ? 'book' : text]
    }
    expect(await book({ nSigFigs: 5, mantissa: 5 })).toEqual([200, 'book'])
    expect(await book({ nSigFigs: 5, mantissa: null })).toEqual([200, 'book'])
    expect(await book({ nSigFigs: 5, mantissa: 1 })).toEqual([500, 'null'])
    const malformed = [422, 'Failed to deserialize the JSON body into the target type']
    expect(await book({ nSigFigs: 4, mantissa: 2 })).toEqual(malformed)
    expect(await book({ mantissa: 2 })).toEqual(malformed)
  })

  test.each([
    { type: 'candleSnapshot', req: { coin: 'NOPE', interval: '1m', startTime: 0 } },
    { type: 'fundingHistory', coin: 'NOPE', startTime: 0 },
  ])('the venue fails on $type of a coin that it does not have', async (body) => {
    const answer = await post(venue, '/info', body)
    expect([answer.status, await answer.text()]).toEqual([500, 'null'])
  })

  test('what is not in the list is 422', async () => {
    expect((await post(venue, '/info', { type: 'gossipRootIps' })).status).toBe(422)
  })
})
