import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewOrder } from '../../src/core/command.ts'
import { makeCloid } from '../../src/core/orders/cloid.ts'
import { listDexs } from '../../src/venues/hyperliquid/dexs.ts'
import { openInfo } from '../../src/venues/hyperliquid/info.ts'
import { BOT, newOrder, openStage, POOR, type Stage, STRANGER, until } from '../support/venue-stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await openStage()
})
afterEach(async () => {
  await stage.close()
})

describe('the market', () => {
  test('is what the venue says: id, decimals, collateral, and fees with the scale of its DEX', async () => {
    const { venue } = await stage.open({ dex: 'hyna', asset: 'ETH' })
    expect(venue.market).toEqual({
      network: 'local',
      dex: 'hyna',
      coin: 'hyna:ETH',
      assetId: 110001,
      grid: { szDecimals: 4, priceDecimals: 2 },
      maxLeverage: 25,
      marginMode: 'cross',
      collateral: 'USDE',
      makerFeePpb: 300_000,
      takerFeePpb: 900_000,
      minNotionalMicroUsd: 10_000_000,
    })
    expect(venue.account).toBe(BOT.address)
  })

  test.each([
    ['BTC', '', 'BTC', 0, 'USDC', 'cross', 150_000],
    ['hyna:BTC', 'hyna', 'hyna:BTC', 110000, 'USDE', 'cross', 300_000],
    ['hyna:HYPE', '', 'hyna:HYPE', 110003, 'USDE', 'cross', 30_000],
    ['BTC', 'flx', 'flx:BTC', 120000, 'USDH', 'isolated', 225_000],
    ['GOLD', 'flx', 'flx:GOLD', 120004, 'USDH', 'isolated', 225_000],
  ])('%s with --dex "%s" is %s', async (asset, dex, coin, assetId, collateral, marginMode, makerFeePpb) => {
    const { venue } = await stage.open({ asset, dex })
    expect(venue.market).toMatchObject({ coin, assetId, collateral, marginMode, makerFeePpb })
  })

  test('--force-isolated makes any market isolated', async () => {
    const { venue } = await stage.open({ forceIsolated: true })
    expect(venue.market.marginMode).toBe('isolated')
  })

  test.each([
    ['a misspelt DEX', { dex: 'hyan' }, 'UNKNOWN_DEX', /no DEX hyan; near names: hyna/],
    [
      'a misspelt coin',
      { asset: 'EHT' },
      'UNKNOWN_COIN',
      /no hyna:EHT on the DEX hyna; near names: hyna:ETH/,
    ],
    [
      'another DEX in the name',
      { asset: 'flx:BTC' },
      'UNKNOWN_COIN',
      /flx:BTC is a coin of the DEX flx.*--asset BTC --dex hyna/,
    ],
    ['a delisted coin', { asset: 'MATIC', dex: '' }, 'UNKNOWN_COIN', /MATIC on the main DEX is delisted/],
    ['nothing like it', { asset: 'zzzzzzzzz' }, 'UNKNOWN_COIN', /known names start with: hyna:BTC/],
    ['an account that is none', { account: '0x12' }, 'REFUSED', /0x12 is no account address/],
  ])('%s is refused with help', async (_name, options, code, text) => {
    await expect(stage.open(options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(text) as unknown,
    })
  })

  test('the list of DEXs shows each with its collateral and the number of live markets', async () => {
    const info = openInfo({ apiUrl: stage.server.url, isTestnet: true })
    expect(await listDexs(info)).toMatchObject([
      { name: '', index: 0, collateral: 'USDC', marketCount: 7, deployer: null },
      { name: 'hyna', fullName: 'HyENA', index: 1, collateral: 'USDE', marketCount: 4 },
      { name: 'flx', fullName: 'Felix Exchange', index: 2, collateral: 'USDH', marketCount: 5 },
    ])
  })

  test('a venue that is not there is unreachable, in one sentence', async () => {
    await expect(stage.open({ apiUrl: 'http://127.0.0.1:9' })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('http://127.0.0.1:9 did not answer perpDexs') as unknown,
    })
  })
})

describe('connecting', () => {
  test('the market comes first, then the account, then the word that quoting may begin', async () => {
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 301_000, sizeLots: 700 })
    const { inputs } = await stage.play()
    const kinds = inputs.map((input) => input.kind)
    const upAt = kinds.indexOf('connection')
    // A touch is told beside the book only when it is as new.
    const told = kinds.slice(0, upAt + 1).filter((kind) => kind !== 'touch')
    expect(told).toEqual(['context', 'book', 'budget', 'account', 'connection'])
    expect(inputs[upAt]).toMatchObject({ up: true })
    expect(inputs[1]).toMatchObject({ bids: [], asks: [301_000, 700] })
    expect(inputs[upAt - 1]).toMatchObject({
      positionLots: 0,
      cashMicroUsd: 100_000_000_000,
      accountValueMicroUsd: 100_000_000_000,
      withdrawableMicroUsd: 100_000_000_000,
      isolatedMarginMicroUsd: null,
      openOrders: [],
    })
  })

  test('what was held, owed and resting before is in the account; its old fills are not told again', async () => {
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 301_000, sizeLots: 700 })
    await stage.order(BOT.address, { side: 'buy', priceTicks: 301_000, sizeLots: 300 })
    await stage.order(BOT.address, { side: 'sell', priceTicks: 305_000, sizeLots: 100, reduceOnly: true })
    await stage.order(BOT.address, { assetId: 110000, side: 'buy', priceTicks: 500_000, sizeLots: 1_000 })
    const player = await stage.play()
    const account = await player.awaitInput('account')
    expect(account.positionLots).toBe(300)
    expect(account.cashMicroUsd).toBe(100_000_000_000 - 300 * 301_000 - (300 * 301_000 * 900_000) / 1e9)
    expect(account.openOrders).toMatchObject([
      { side: 'sell', priceTicks: 305_000, remainingLots: 100, reduceOnly: true, cloid: null },
    ])
    player.send({ kind: 'resync', because: 'a test' })
    await until(() => player.inputsOf('account').length === 2, 'the second account')
    expect(player.inputsOf('fill')).toEqual([])
  })

  test('an account without money on this DEX is told so', async () => {
    const player = await stage.open({ wallet: POOR, account: POOR.address })
    await expect(player.venue.connect(() => undefined)).rejects.toMatchObject({
      code: 'NOT_FUNDED',
      message: expect.stringContaining('has 0.00 USDE on the DEX hyna') as unknown,
    })
  })

  test('a stream that cannot be opened ends the attempt after a few tries and leaves nothing open', async () => {
    stage.proxy.acceptsStreams = false
    const player = await stage.open()
    await expect(player.venue.connect((input) => player.inputs.push(input))).rejects.toMatchObject({
      code: 'UNREACHABLE',
    })
    expect(player.venue.requestCounts['connect']).toBe(3)
    expect(player.inputs).toEqual([])
    expect(stage.proxy.streamCount()).toBe(0)
  })

  test('after close nothing is told and no connection is left', async () => {
    const player = await stage.play()
    await player.venue.close()
    const before = player.inputs.length
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 301_000, sizeLots: 700 })
    await until(() => stage.proxy.streamCount() === 0, 'the end of the stream')
    expect(player.inputs.length).toBe(before)
  })
})

describe('trading', () => {
  test('a quote rests, is hit, and the fill, the update and the account agree to the micro-dollar', async () => {
    const player = await stage.play()
    const order = newOrder({ side: 'buy', priceTicks: 299_950, sizeLots: 500 })
    player.send({ kind: 'place', order })
    const resting = await player.awaitInput('orderResting')
    expect(resting.cloid).toBe(order.cloid)
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 299_000, sizeLots: 200, tif: 'Ioc' })
    const fill = await player.awaitInput('fill')
    expect(fill).toMatchObject({
      oid: resting.oid,
      cloid: order.cloid,
      side: 'buy',
      priceTicks: 299_950,
      sizeLots: 200,
      feeMicroUsd: (200 * 299_950 * 300_000) / 1e9,
      startPositionLots: 0,
      crossed: false,
      liquidation: false,
    })
    expect(await player.awaitInput('trade')).toMatchObject({
      aggressor: 'sell',
      priceTicks: 299_950,
      sizeLots: 200,
      tid: fill.tid,
    })
    const since = player.inputs.length
    player.send({ kind: 'resync', because: 'a test' })
    const account = await player.awaitInput('account', () => true, since)
    expect(account.positionLots).toBe(200)
    expect(account.cashMicroUsd).toBe(100_000_000_000 - 200 * 299_950 - fill.feeMicroUsd)
    expect(account.openOrders).toMatchObject([{ oid: resting.oid, cloid: order.cloid, remainingLots: 300 }])
    expect(account.venueTsMs).toBeGreaterThanOrEqual(fill.venueTsMs)
    expect(player.inputsOf('fill').length).toBe(1)
  })

  test('one cycle sends cancels, modifies, makers and takers as four actions, and each order hears its answer', async () => {
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 301_000, sizeLots: 200 })
    const player = await stage.play()
    const [first, second, third] = [
      newOrder(),
      newOrder({ priceTicks: 298_000 }),
      newOrder({ priceTicks: 297_000 }),
    ]
    for (const order of [first, second, third]) player.send({ kind: 'place', order })
    await until(() => player.inputsOf('orderResting').length === 3, 'three resting orders')
    const oidOf = (cloid: string): number =>
      player.inputsOf('orderResting').find((input) => input.cloid === cloid)?.oid ?? 0
    const [replacement, maker, taker, crossing] = [
      newOrder({ priceTicks: 298_500 }),
      newOrder({ side: 'sell', priceTicks: 302_000 }),
      newOrder({ priceTicks: 301_000, sizeLots: 150, tif: 'ioc' }),
      newOrder({ priceTicks: 301_500 }),
    ]
    player.send(
      { kind: 'place', order: taker },
      { kind: 'place', order: maker },
      { kind: 'place', order: crossing },
      { kind: 'modify', targetCloid: second.cloid, targetOid: oidOf(second.cloid), order: replacement },
      { kind: 'cancel', cloid: first.cloid, oid: oidOf(first.cloid) },
      { kind: 'cancel', cloid: third.cloid, oid: null },
    )
    await player.awaitInput('orderResting', (input) => input.cloid === replacement.cloid)
    await player.awaitInput('orderResting', (input) => input.cloid === maker.cloid)
    expect(await player.awaitInput('orderFilledNow')).toMatchObject({
      cloid: taker.cloid,
      totalLots: 150,
      averagePriceTicks: 301_000,
    })
    expect(await player.awaitInput('orderRefused')).toMatchObject({
      cloid: crossing.cloid,
      refusal: 'postOnly',
    })
    await until(() => player.inputsOf('cancelDone').length === 2, 'two cancels')
    expect(await player.awaitInput('fill')).toMatchObject({
      cloid: taker.cloid,
      crossed: true,
      feeMicroUsd: (150 * 301_000 * 900_000) / 1e9,
    })
    expect(player.venue.requestCounts).toMatchObject({
      cancel: 1,
      cancelByCloid: 1,
      batchModify: 1,
      order: 5,
    })
    const replaced = await player.awaitInput(
      'orderUpdate',
      (input) => input.oid === oidOf(second.cloid) && input.status !== 'open',
    )
    expect(replaced).toMatchObject({ status: 'cancelled' })
    player.send({ kind: 'cancel', cloid: first.cloid, oid: oidOf(first.cloid) })
    expect(await player.awaitInput('cancelRefused')).toMatchObject({ cloid: first.cloid, refusal: 'gone' })
  })

  test('a query tells of orders that rest, ended or never were', async () => {
    const player = await stage.play()
    const [kept, dropped, never] = [newOrder(), newOrder({ priceTicks: 298_000 }), newOrder()]
    player.send({ kind: 'place', order: kept }, { kind: 'place', order: dropped })
    await until(() => player.inputsOf('orderResting').length === 2, 'two resting orders')
    player.send({ kind: 'cancel', cloid: dropped.cloid, oid: null })
    await player.awaitInput('cancelDone')
    for (const { cloid } of [kept, dropped, never]) player.send({ kind: 'queryOrder', cloid })
    const answerOf = async (cloid: string): Promise<unknown> =>
      player.awaitInput('orderStatus', (input) => input.cloid === cloid)
    expect(await answerOf(kept.cloid)).toMatchObject({ status: 'open', remainingLots: 500 })
    expect(await answerOf(dropped.cloid)).toMatchObject({ status: 'cancelled', remainingLots: 0 })
    expect(await answerOf(never.cloid)).toMatchObject({ status: 'unknown', oid: null })
  })

  test('questions about the account that come while one is being answered get one more answer together', async () => {
    const player = await stage.play()
    for (let n = 0; n < 5; n += 1) player.send({ kind: 'resync', because: 'a test' })
    await until(() => player.inputsOf('account').length === 3, 'two more accounts')
    player.send({ kind: 'resync', because: 'a test' })
    await until(() => player.inputsOf('account').length === 4, 'one more account')
    expect(player.venue.requestCounts['userRateLimit']).toBe(4)
  })

  test('everything of ours is cancelled by the venue’s list; foreign orders and other markets are left alone', async () => {
    const player = await stage.play()
    player.send(
      { kind: 'place', order: newOrder() },
      { kind: 'place', order: newOrder({ side: 'sell', priceTicks: 310_000 }) },
    )
    await until(() => player.inputsOf('orderResting').length === 2, 'two resting orders')
    // By hand, by another program, and by an earlier run of ours.
    const other = `0x${'ab'.repeat(16)}`
    const earlier = makeCloid({ network: 'local', epoch: 77, counter: 3 })
    await stage.order(BOT.address, { side: 'buy', priceTicks: 290_000, sizeLots: 300 })
    await stage.order(BOT.address, { side: 'buy', priceTicks: 289_000, sizeLots: 300, cloid: other })
    await stage.order(BOT.address, { side: 'buy', priceTicks: 288_000, sizeLots: 300, cloid: earlier })
    await stage.order(BOT.address, { assetId: 110000, side: 'buy', priceTicks: 500_000, sizeLots: 1_000 })
    expect(await player.venue.cancelAll()).toBe(0)
    const since = player.inputs.length
    player.send({ kind: 'resync', because: 'a test' })
    const { openOrders } = await player.awaitInput('account', () => true, since)
    expect(openOrders.map(({ cloid, priceTicks }) => [cloid, priceTicks])).toEqual([
      [other, 289_000],
      [null, 290_000],
    ])
    const neighbour = await stage.play({ asset: 'BTC' })
    expect((await neighbour.awaitInput('account')).openOrders.length).toBe(1)
  })

  test('an API wallet trades for its master', async () => {
    const { ExchangeClient, HttpTransport } = await import('@nktkas/hyperliquid')
    const transport = new HttpTransport({ apiUrl: stage.server.url, isTestnet: true })
    await new ExchangeClient({ transport, wallet: BOT }).approveAgent({
      agentAddress: POOR.address,
      agentName: null,
    })
    const player = await stage.play({ wallet: POOR })
    const order = newOrder()
    player.send({ kind: 'place', order })
    await player.awaitInput('orderResting', (input) => input.cloid === order.cloid)
    expect((await player.awaitInput('orderUpdate')).cloid).toBe(order.cloid)
  })

  test('a sub-account trades by its master’s key, and is not its master', async () => {
    const { ExchangeClient, HttpTransport } = await import('@nktkas/hyperliquid')
    const transport = new HttpTransport({ apiUrl: stage.server.url, isTestnet: true })
    const master = new ExchangeClient({ transport, wallet: BOT })
    const account = (await master.createSubAccount({ name: 'second' })).response.data
    await master.subAccountTransfer({ subAccountUser: account, isDeposit: true, usd: 500_000_000 })
    const player = await stage.play({ dex: '', asset: 'BTC', account })
    // The venue takes one dollar of a new account's first transfer.
    expect((await player.awaitInput('account')).cashMicroUsd).toBe(499_000_000)
    const order = newOrder({ priceTicks: 500_000, sizeLots: 100 })
    player.send({ kind: 'place', order })
    await player.awaitInput('orderUpdate', (input) => input.cloid === order.cloid)
    expect(await player.venue.cancelAll()).toBe(0)
  })

  test('an API wallet is no account to trade for', async () => {
    const { ExchangeClient, HttpTransport } = await import('@nktkas/hyperliquid')
    const transport = new HttpTransport({ apiUrl: stage.server.url, isTestnet: true })
    await new ExchangeClient({ transport, wallet: BOT }).approveAgent({
      agentAddress: POOR.address,
      agentName: null,
    })
    await expect(stage.open({ account: POOR.address })).rejects.toMatchObject({ code: 'REFUSED' })
  })

  test('a key that may not trade is refused in whole, and nothing is uncertain', async () => {
    const player = await stage.play({ wallet: POOR })
    player.send({ kind: 'place', order: newOrder() })
    expect(await player.awaitInput('orderRefused')).toMatchObject({
      refusal: 'unknown',
      text: `User or API Wallet ${POOR.address} does not exist.`,
    })
    expect(player.inputsOf('sendUncertain')).toEqual([])
  })

  test('without a key everything can be read and nothing sent', async () => {
    const player = await stage.play({ wallet: null })
    await player.awaitInput('account')
    player.send({ kind: 'place', order: newOrder() }, { kind: 'cancel', cloid: newOrder().cloid, oid: 5 })
    expect(player.inputsOf('orderRefused')).toMatchObject([
      { text: 'read only: there is no key to sign with' },
    ])
    expect(player.inputsOf('cancelRefused').length).toBe(1)
    const cloid = makeCloid({ network: 'local', epoch: 77, counter: 3 })
    await stage.order(BOT.address, { side: 'buy', priceTicks: 290_000, sizeLots: 300, cloid })
    await stage.order(BOT.address, { side: 'buy', priceTicks: 289_000, sizeLots: 300 })
    expect(await player.venue.cancelAll()).toBe(1)
    expect(player.venue.requestCounts).not.toHaveProperty('order')
  })
})

describe('a modify', () => {
  test('that only makes an order smaller keeps its place in the queue; one that moves or grows it loses it', async () => {
    const player = await stage.play()
    const resting = async (order: NewOrder): Promise<number> =>
      (await player.awaitInput('orderResting', (input) => input.cloid === order.cloid)).oid
    const filled = (order: NewOrder): number =>
      player.inputsOf('fill').reduce((sum, fill) => sum + (fill.cloid === order.cloid ? fill.sizeLots : 0), 0)
    const first = newOrder({ priceTicks: 299_950, sizeLots: 500 })
    player.send({ kind: 'place', order: first })
    const firstOid = await resting(first)
    await stage.order(STRANGER.address, { side: 'buy', priceTicks: 299_950, sizeLots: 400 })

    const smaller = newOrder({ priceTicks: 299_950, sizeLots: 300 })
    player.send({ kind: 'modify', targetCloid: first.cloid, targetOid: firstOid, order: smaller })
    const smallerOid = await resting(smaller)
    expect(player.venue.requestCounts).toMatchObject({ batchModify: 1, order: 1 })
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 299_950, sizeLots: 100, tif: 'Ioc' })
    await player.awaitInput('fill')
    expect([filled(first), filled(smaller)]).toEqual([0, 100])

    const larger = newOrder({ priceTicks: 299_950, sizeLots: 350 })
    player.send({ kind: 'modify', targetCloid: smaller.cloid, targetOid: smallerOid, order: larger })
    expect(await resting(larger)).not.toBe(smallerOid)
    // The stranger's bid stands in front now, and its own sale ends it without a trade: ours is all that is left.
    const since = player.inputs.length
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 299_950, sizeLots: 100, tif: 'Ioc' })
    player.send({ kind: 'resync', because: 'a test' })
    const account = await player.awaitInput('account', () => true, since)
    expect(account.openOrders).toMatchObject([{ cloid: larger.cloid }])
    expect(account.positionLots).toBe(filled(smaller) + filled(larger))
  })
})

describe('isolated margin', () => {
  test('is set before the first order, shown with the position, and can be added to', async () => {
    const player = await stage.play({ dex: 'flx', asset: 'GOLD' })
    expect(player.venue.requestCounts).toMatchObject({ updateLeverage: 1 })
    await stage.order(STRANGER.address, {
      assetId: 120004,
      side: 'sell',
      priceTicks: 260_000,
      sizeLots: 1_000,
    })
    player.send({ kind: 'place', order: newOrder({ priceTicks: 260_000, sizeLots: 1_000, tif: 'ioc' }) })
    await player.awaitInput('fill')
    let since = player.inputs.length
    player.send({ kind: 'resync', because: 'a test' })
    const before = await player.awaitInput('account', () => true, since)
    // Five times leverage: a fifth of 0.1 × 2 600 dollars, less nothing, at an unmoved mark.
    expect(before.isolatedMarginMicroUsd).toBe(52_000_000)
    expect(before.liquidationTicks).toBeLessThan(260_000)
    since = player.inputs.length
    player.send({ kind: 'addMargin', amountMicroUsd: 25_000_000 })
    const after = await player.awaitInput('account', () => true, since)
    expect(after.isolatedMarginMicroUsd).toBe(77_000_000)
    expect(after.liquidationTicks).toBeLessThan(before.liquidationTicks ?? 0)
  })

  test('an open cross position is not traded as isolated in silence', async () => {
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 301_000, sizeLots: 700 })
    await stage.order(BOT.address, { side: 'buy', priceTicks: 301_000, sizeLots: 300 })
    const player = await stage.open({ forceIsolated: true })
    await expect(player.venue.connect(() => undefined)).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('open position on cross margin') as unknown,
    })
  })
})
