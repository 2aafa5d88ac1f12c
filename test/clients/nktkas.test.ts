/**
 * One story told by a client that none of us wrote, on the main DEX and on a builder DEX, over REST and over WebSocket: two
 * traders place, modify, cancel, fill each other, pay fees and funding, and one of them is liquidated.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { submit } from '../../src/simulation/world.ts'
import { BLOCK_MS, type Clients, httpClients, openVenue, socketClients, testWallet } from '../server/venue.ts'
import type { TestVenue } from '../server/venue.ts'

const GTC = { limit: { tif: 'Gtc' } } as const
const ALO = { limit: { tif: 'Alo' } } as const
const MINUTE_MS = 60_000
const HOUR_MS: number = 60 * MINUTE_MS
/** What is to be liquidated has this much behind it. */
const STAKE_USD = 1_000

const dexs = [
  { dex: '', coin: 'BTC', assetId: 0, dexIndex: 0, feeToken: 'USDC', feeScale: 1 },
  { dex: 'hyna', coin: 'hyna:BTC', assetId: 110_000, dexIndex: 1, feeToken: 'USDE', feeScale: 2 },
] as const
const cases = dexs.flatMap((market) =>
  (['REST', 'WebSocket'] as const).map((transport) => ({ ...market, transport, name: market.dex || 'main' })),
)

describe.each(cases)('on the DEX $name over $transport', (of) => {
  const { dex, coin, assetId, dexIndex, feeToken, feeScale, transport } = of
  let venue: TestVenue
  let maker: Clients
  let taker: Clients
  const closers: (() => Promise<void>)[] = []

  beforeAll(async () => {
    // Shortly before the hour: funding is paid on it, and blocks until then take their time.
    venue = await openVenue({}, Math.ceil(Date.now() / HOUR_MS) * HOUR_MS - MINUTE_MS)
    maker = await connect(71)
    taker = await connect(72)
    venue.fund(maker.wallet, 100_000, dexIndex)
    venue.fund(taker.wallet, STAKE_USD, dexIndex)
  })
  afterAll(async () => {
    for (const close of closers) await close()
    await venue.close()
  })

  async function connect(number: number): Promise<Clients> {
    if (transport === 'REST') return httpClients(venue, testWallet(number))
    const clients = await socketClients(venue, testWallet(number))
    closers.push(() => clients.close())
    return clients
  }

  async function place(who: Clients, isBuy: boolean, p: string, s: string, t: typeof GTC | typeof ALO = GTC) {
    const orders = [{ a: assetId, b: isBuy, p, s, r: false, t }]
    const { response } = await venue.whileRunning(who.exchange.order({ orders, grouping: 'na' }))
    return response.data.statuses[0]
  }

  async function positionOf(who: Clients) {
    const state = await who.info.clearinghouseState({ user: who.wallet.address, dex })
    return state.assetPositions[0]?.position
  }

  test('an order is placed, modified and cancelled', async () => {
    const status = await place(maker, true, '58000', '0.01', ALO)
    if (typeof status !== 'object' || !('resting' in status)) throw new Error('the order rests')
    const { oid } = status.resting
    const order = { a: assetId, b: true, p: '58100', s: '0.02', r: false, t: ALO }
    await venue.whileRunning(maker.exchange.modify({ oid, order }))
    const [open] = await maker.info.openOrders({ user: maker.wallet.address, dex })
    expect(open).toMatchObject({ coin, side: 'B', limitPx: '58100.0', sz: '0.02' })
    const cancels = [{ a: assetId, o: open?.oid ?? 0 }]
    const done = await venue.whileRunning(maker.exchange.cancel({ cancels }))
    expect(done.response.data.statuses).toEqual(['success'])
    expect(await maker.info.openOrders({ user: maker.wallet.address, dex })).toEqual([])
  })

  test('both sides of a fill read it, their positions and what it cost', async () => {
    await venue.whileRunning(taker.exchange.updateLeverage({ asset: assetId, isCross: true, leverage: 20 }))
    await place(maker, false, '60000', '0.15', ALO)
    expect(await place(taker, true, '60000', '0.15')).toMatchObject({
      filled: { totalSz: '0.15', avgPx: '60000.0' },
    })
    const [made] = await maker.info.userFills({ user: maker.wallet.address })
    const [took] = await taker.info.userFills({ user: taker.wallet.address })
    expect(made).toMatchObject({ coin, side: 'A', px: '60000.0', sz: '0.15', dir: 'Open Short', feeToken })
    expect(took).toMatchObject({ coin, side: 'B', px: '60000.0', sz: '0.15', dir: 'Open Long', feeToken })
    const notionalUsd = 9_000
    expect(Number(made?.fee)).toBeCloseTo(notionalUsd * 0.00015 * feeScale, 6)
    expect(Number(took?.fee)).toBeCloseTo(notionalUsd * 0.00045 * feeScale, 6)
    expect(await positionOf(maker)).toMatchObject({ coin, szi: '-0.15', entryPx: '60000.0' })
    expect(await positionOf(taker)).toMatchObject({
      coin,
      szi: '0.15',
      leverage: { type: 'cross', value: 20 },
    })
    const fees = await taker.info.userFees({ user: taker.wallet.address })
    expect(Number(fees.userCrossRate)).toBeCloseTo(0.00045, 9)
  })

  test('funding is paid on the hour, by one side to the other', async () => {
    const now = venue.world.nowTsMs
    venue.step(HOUR_MS - (now % HOUR_MS) + BLOCK_MS)
    const paid = await taker.info.userFunding({ user: taker.wallet.address, startTime: now })
    const got = await maker.info.userFunding({ user: maker.wallet.address, startTime: now })
    expect(paid).toMatchObject([{ delta: { type: 'funding', coin, szi: '0.15' } }])
    expect(got).toMatchObject([{ delta: { type: 'funding', coin, szi: '-0.15' } }])
    const usdc = Number(paid[0]?.delta.usdc)
    expect(usdc).not.toBe(0)
    expect(Number(got[0]?.delta.usdc)).toBe(-usdc)
    const position = await positionOf(taker)
    expect(Number(position?.cumFunding.sinceOpen)).toBe(-usdc)
  })

  test('when the market falls, the one with little margin is liquidated through the book', async () => {
    await place(maker, true, '53900', '0.4', ALO)
    await place(maker, false, '54000', '0.4', ALO)
    submit(venue.world, { kind: 'oracle', assetId, oracleTicks: ticksOf(54_000) }, () => undefined)
    // On a builder DEX the mark moves at most 1 % every 2.5 s.
    venue.step(MINUTE_MS)
    expect(await positionOf(taker)).toBeUndefined()
    const fills = await taker.info.userFills({ user: taker.wallet.address })
    const liquidations = fills.filter(({ liquidation }) => liquidation !== undefined)
    expect(liquidations[0]).toMatchObject({
      coin,
      side: 'A',
      dir: 'Close Long',
      liquidation: { liquidatedUser: taker.wallet.address, method: 'market' },
    })
    const closedLots = liquidations.reduce((sum, { sz }) => sum + Math.round(Number(sz) * 1e5), 0)
    expect(closedLots).toBe(15_000)
    const updates = await taker.info.userNonFundingLedgerUpdates({ user: taker.wallet.address })
    expect(updates.map(({ delta }) => delta.type)).toContain('liquidation')
    // The other side bought what was sold: its short is gone, and it gained what the taker lost.
    expect(await positionOf(maker)).toBeUndefined()
  })

  function ticksOf(usd: number): number {
    const instrument = venue.exchange.markets.find(
      (market) => market.instrument.assetId === assetId,
    )?.instrument
    return usd * 10 ** (instrument?.grid.priceDecimals ?? 0)
  }
})
