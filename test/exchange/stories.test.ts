import { describe, expect, test } from 'vitest'
import { conservation } from '../../src/exchange/exchange.ts'
import { accountState, leverageOf } from '../../src/exchange/queries/account.ts'
import { touch } from '../../src/exchange/queries/book.ts'
import { instrumentContext } from '../../src/exchange/queries/market.ts'
import { feeRates, tradedVolumeMicroUsd, volumeDays } from '../../src/exchange/queries/money.ts'
import { childOrders, endedNewestFirst, findOrder, openOrders } from '../../src/exchange/queries/orders.ts'
import type { OrderAnswer, OrderRequest } from '../../src/exchange/command.ts'
import {
  ALICE,
  BOB,
  BTC,
  CAROL,
  DOLLAR,
  ETH,
  FLX_GOLD,
  HYNA_BTC,
  START_MS,
  address,
  oidOf,
  orderOf,
  world,
  type World,
} from '../support/exchange-world.ts'

/** Alice and Bob trade at a price: Alice is the taker. */
function tradeAt(
  one: World,
  priceTicks: number,
  sizeLots: number,
  side: 'buy' | 'sell',
  assetId = BTC,
): void {
  one.place(BOB, { assetId, side: side === 'buy' ? 'sell' : 'buy', priceTicks, sizeLots })
  one.place(ALICE, { assetId, side, priceTicks, sizeLots, tif: 'Ioc' })
}

describe('orders', () => {
  test('a child that is changed again and again leaves one entry in its group, and its sibling’s firing ends it', () => {
    const one = world()
    const child = (kind: 'tp' | 'sl', triggerTicks: number): OrderRequest =>
      orderOf({
        ...{ side: 'sell', priceTicks: 800_000, sizeLots: 100, reduceOnly: true },
        trigger: { isMarket: false, triggerTicks, kind },
      })
    const parent = orderOf({ side: 'buy', priceTicks: 940_000, sizeLots: 100 })
    const orders = [parent, child('tp', 990_000), child('sl', 900_000)]
    one.act(ALICE, { kind: 'order', orders, grouping: 'normalTpsl' })
    for (let triggerTicks = 890_000; triggerTicks > 880_000; triggerTicks -= 1_000) {
      const [last] = openOrders(one.exchange, ALICE).filter(({ trigger }) => trigger?.kind === 'sl')
      const modifies = [{ ref: { oid: last?.oid ?? 0 }, order: child('sl', triggerTicks) }]
      expect(one.act(ALICE, { kind: 'modify', modifies, always: false })).toMatchObject({
        answers: [{ kind: 'waitingForFill' }],
      })
    }
    const [first] = openOrders(one.exchange, ALICE)
    expect(childOrders(one.exchange, first?.oid ?? 0).map(({ trigger }) => trigger?.triggerTicks)).toEqual([
      990_000, 881_000,
    ])
    expect(one.exchange.pool.children.flatMap((group) => group?.oids.length ?? [])).toEqual([2])
    one.place(BOB, { side: 'sell', priceTicks: 940_000, sizeLots: 100, tif: 'Ioc' })
    one.run({ kind: 'oracle', assetId: BTC, oracleTicks: 880_000 })
    const ended = [...endedNewestFirst(one.exchange, ALICE)].map(({ status }) => status)
    expect(ended).toContain('siblingFilledCanceled')
  })

  test('the older order of a price trades first, and a smaller size keeps the place that a larger one loses', () => {
    const one = world()
    const first = oidOf(one.place(BOB, { side: 'sell', sizeLots: 100 }))
    const second = oidOf(one.place(CAROL, { side: 'sell', sizeLots: 100 }))
    const modify = (oid: number, sizeLots: number): unknown =>
      one.act(BOB, {
        kind: 'modify',
        modifies: [{ ref: { oid }, order: orderOf({ side: 'sell', sizeLots }) }],
        always: false,
      })
    expect(modify(first, 60)).toEqual({
      kind: 'orders',
      answers: [{ kind: 'resting', oid: first, cloid: null }],
    })
    one.place(ALICE, { sizeLots: 30, tif: 'Ioc' })
    expect(findOrder(one.exchange, BOB, { oid: first })?.order).toMatchObject({
      originalLots: 60,
      remainingLots: 30,
    })
    expect(modify(first, 80)).toMatchObject({ answers: [{ kind: 'resting', oid: 4 }] })
    one.place(ALICE, { sizeLots: 30, tif: 'Ioc' })
    expect(findOrder(one.exchange, CAROL, { oid: second })?.order.remainingLots).toBe(70)
    expect(findOrder(one.exchange, BOB, { oid: first })?.status).toBe('canceled')
  })

  test('a good-till-cancelled order that fills in part answers resting; an immediate one answers the smaller size', () => {
    const one = world()
    one.place(BOB, { side: 'sell', sizeLots: 100 })
    expect(one.place(ALICE, { sizeLots: 250 })).toEqual({ kind: 'resting', oid: 2, cloid: null })
    expect(one.place(BOB, { side: 'sell', sizeLots: 400, tif: 'Ioc' })).toEqual({
      kind: 'filled',
      oid: 3,
      cloid: null,
      totalLots: 150,
      notionalMicroUsd: 150 * 950_000,
    })
  })

  test('an order is found and cancelled by its client id, which is free again afterwards', () => {
    const one = world()
    const cloid = `0x${'7'.repeat(32)}`
    one.place(ALICE, { cloid })
    expect(one.place(ALICE, { cloid }).kind).toBe('error')
    expect(findOrder(one.exchange, ALICE, { cloid })).toMatchObject({ status: 'open', order: { oid: 1 } })
    expect(findOrder(one.exchange, BOB, { cloid })).toBeNull()
    expect(one.act(BOB, { kind: 'cancel', cancels: [{ assetId: BTC, ref: { cloid } }] })).toMatchObject({
      answers: [{ kind: 'error' }],
    })
    expect(one.act(ALICE, { kind: 'cancel', cancels: [{ assetId: BTC, ref: { cloid } }] })).toEqual({
      kind: 'cancels',
      answers: [{ kind: 'success' }],
    })
    expect(findOrder(one.exchange, ALICE, { cloid })?.status).toBe('canceled')
    expect(one.place(ALICE, { cloid }).kind).toBe('resting')
  })

  test('a modify of a missing order fails, or places when told to', () => {
    const one = world()
    const modify = (always: boolean): unknown =>
      one.act(ALICE, { kind: 'modify', modifies: [{ ref: { oid: 9 }, order: orderOf() }], always })
    expect(modify(false)).toEqual({
      kind: 'orders',
      answers: [{ kind: 'error', text: 'Cannot modify canceled or filled order. asset=0' }],
    })
    expect(modify(true)).toMatchObject({ answers: [{ kind: 'resting' }] })
  })

  test('a resting reduce-only order shrinks with the position and ends with it, in the command of the closing fill', () => {
    const one = world()
    tradeAt(one, 950_000, 100, 'buy')
    const oid = oidOf(
      one.place(ALICE, { side: 'sell', priceTicks: 960_000, sizeLots: 500, reduceOnly: true }),
    )
    expect(openOrders(one.exchange, ALICE)[0]).toMatchObject({ originalLots: 500, remainingLots: 100 })
    tradeAt(one, 950_000, 40, 'sell')
    expect(openOrders(one.exchange, ALICE)[0]).toMatchObject({ originalLots: 500, remainingLots: 60 })
    expect(touch(one.exchange, BTC).askLots).toBe(60)
    const before = one.events.length
    tradeAt(one, 950_000, 60, 'sell')
    expect(one.statusesOf(oid).at(-1)).toBe('reduceOnlyCanceled')
    expect(one.events.slice(before).some((event) => event.kind === 'fill')).toBe(true)
    expect(openOrders(one.exchange, ALICE)).toEqual([])
  })

  test('ended orders are kept, newest first, up to two thousand', () => {
    const one = world()
    const batch = Array.from({ length: 200 }, () => orderOf({ tif: 'Ioc' }))
    for (let count = 0; count < 11; count += 1)
      one.act(ALICE, { kind: 'order', orders: batch, grouping: 'na' })
    const oids = [...endedNewestFirst(one.exchange, ALICE)].map((ended) => ended.order.oid)
    expect(oids.length).toBe(2_000)
    expect([oids[0], oids[1_999]]).toEqual([2_200, 201])
    expect(findOrder(one.exchange, ALICE, { oid: 200 })).toBeNull()
  })
})

describe('money', () => {
  test('a round trip leaves exactly profit less fees, and the venue holds the fees', () => {
    const one = world(1_000)
    tradeAt(one, 950_000, 777, 'buy')
    tradeAt(one, 951_230, 777, 'sell')
    const fees = one.fillsOf(ALICE).map((fill) => fill.feeMicroUsd)
    // 4.5 bp of each notional, cut to the micro-dollar.
    expect(fees).toEqual([Math.floor(950_000 * 777 * 0.00045), Math.floor(951_230 * 777 * 0.00045)])
    expect(one.fillsOf(ALICE).map((fill) => fill.closedPnlMicroUsd)).toEqual([0, 1_230 * 777])
    const state = accountState(one.exchange, ALICE, 0)
    expect(state.whole.accountValueMicroUsd).toBe(
      1_000 * DOLLAR + 1_230 * 777 - (fees[0] ?? 0) - (fees[1] ?? 0),
    )
    expect(conservation(one.exchange)).toBe(0)
  })

  test('a three-way average that has no finite decimal closes to the last micro-dollar', () => {
    const one = world()
    tradeAt(one, 950_000, 100, 'buy')
    tradeAt(one, 950_010, 200, 'buy')
    for (const lots of [70, 110, 120]) tradeAt(one, 950_020, lots, 'sell')
    const profits = one
      .fillsOf(ALICE)
      .slice(2)
      .map((fill) => fill.closedPnlMicroUsd)
    expect(profits.reduce((sum, profit) => sum + profit, 0)).toBe(20 * 100 + 10 * 200)
    expect(accountState(one.exchange, ALICE, 0).positions).toEqual([])
  })

  test('a flip closes all and opens the rest at the price of the fill', () => {
    const one = world()
    tradeAt(one, 950_000, 200, 'buy')
    tradeAt(one, 955_000, 500, 'sell')
    expect(accountState(one.exchange, ALICE, 0).positions[0]).toMatchObject({
      sizeLots: -300,
      entryPriceTicks: 955_000,
      costMicroUsd: 300 * 955_000,
    })
    expect(one.fillsOf(ALICE)[1]).toMatchObject({ closedPnlMicroUsd: 5_000 * 200, startPositionLots: 200 })
  })

  test('margin binds positions and the larger side of what rests; withdrawable is what is left', () => {
    const one = world(10_000)
    tradeAt(one, 950_000, 10_000, 'buy')
    one.place(ALICE, { side: 'buy', priceTicks: 940_000, sizeLots: 2_000 })
    one.place(ALICE, { side: 'sell', priceTicks: 960_000, sizeLots: 13_000 })
    const state = accountState(one.exchange, ALICE, 0)
    const fee = Math.floor(950_000 * 10_000 * 0.00045)
    const held = 2_000 * 940_000
    expect(state.cross.marginUsedMicroUsd).toBe(
      (10_000 * 950_000) / 20 + Math.max(held, 3_000 * 960_000) / 20,
    )
    expect(state.cross.accountValueMicroUsd).toBe(10_000 * DOLLAR - fee)
    expect(state.withdrawableMicroUsd).toBe(10_000 * DOLLAR - fee - 950 * DOLLAR)
    expect(state.crossMaintenanceMarginMicroUsd).toBe((10_000 * 950_000) / 80)
    expect(state.whole).toEqual(state.cross)
  })

  test('a maker that can no longer carry its order is cancelled when it matches, and the taker goes on', () => {
    const one = world(0)
    one.run({ kind: 'deposit', account: ALICE, dexIndex: 0, amountMicroUsd: 100 * DOLLAR })
    for (const account of [BOB, CAROL]) {
      one.run({ kind: 'deposit', account, dexIndex: 0, amountMicroUsd: 9_000 * DOLLAR })
    }
    tradeAt(one, 300_000, 3_000, 'buy', ETH)
    const thin = oidOf(one.place(ALICE, { side: 'sell', sizeLots: 1_000 }))
    one.place(BOB, { side: 'sell', sizeLots: 1_000 })
    // Alice loses 27 $ on her other position: above maintenance, but the 47.50 $ for a short are gone.
    one.run({ kind: 'oracle', assetId: ETH, oracleTicks: 291_000 })
    one.place(CAROL, { side: 'buy', sizeLots: 1_000, tif: 'Ioc' })
    expect(one.statusesOf(thin)).toEqual(['open', 'marginCanceled'])
    expect(one.trades().slice(1)).toMatchObject([{ buyer: CAROL, seller: BOB, sizeLots: 1_000 }])
  })

  test('a maker whose order would open at a loss to the mark needs that loss too', () => {
    const one = world(0)
    one.run({ kind: 'deposit', account: ALICE, dexIndex: 0, amountMicroUsd: 50 * DOLLAR })
    for (const account of [BOB, CAROL]) {
      one.run({ kind: 'deposit', account, dexIndex: 0, amountMicroUsd: 9_000 * DOLLAR })
    }
    one.run({ kind: 'oracle', assetId: BTC, oracleTicks: 960_000 })
    const bid = oidOf(one.place(CAROL, { side: 'buy', priceTicks: 959_000 }))
    one.place(CAROL, { side: 'sell', priceTicks: 961_000 })
    one.wait(60_000)
    one.act(CAROL, { kind: 'cancel', cancels: [{ assetId: BTC, ref: { oid: bid } }] })
    // A short of 960 $ at the mark binds 48 $, and at 950 $ it starts 10 $ down: 58 of the 50 $ there are.
    const thin = oidOf(one.place(ALICE, { side: 'sell', priceTicks: 950_000 }))
    expect(one.place(BOB, { side: 'buy', priceTicks: 950_000 })).toMatchObject({ kind: 'resting' })
    expect(one.statusesOf(thin)).toEqual(['open', 'marginCanceled'])
  })

  test('an order must be able to pay its fee besides its margin', () => {
    const one = world(0)
    // 950 $ at 20× bind 47.50 $; a taker would pay 0.4275 $, a maker 0.1425 $.
    one.run({ kind: 'deposit', account: ALICE, dexIndex: 0, amountMicroUsd: 47_700_000 })
    expect(one.place(ALICE, {})).toEqual({
      kind: 'error',
      text: 'Insufficient margin to place order. asset=0',
    })
    expect(one.place(ALICE, { tif: 'Alo' })).toMatchObject({ kind: 'resting' })
  })

  test('an isolated position carries its own margin: opening takes it from cash, closing gives it back', () => {
    const one = world(10_000)
    one.act(ALICE, { kind: 'updateLeverage', assetId: BTC, isCross: false, leverage: 10 })
    tradeAt(one, 950_000, 1_000, 'buy')
    const open = accountState(one.exchange, ALICE, 0)
    expect(open.positions[0]).toMatchObject({
      marginUsedMicroUsd: 95 * DOLLAR,
      leverage: { isCross: false, value: 10, isolatedRawMicroUsd: 95 * DOLLAR - 950 * DOLLAR },
    })
    expect(open.cross.accountValueMicroUsd).toBe(open.whole.accountValueMicroUsd - 95 * DOLLAR)
    const add = (dollars: number): unknown =>
      one.act(ALICE, { kind: 'updateIsolatedMargin', assetId: BTC, deltaMicroUsd: dollars * DOLLAR })
    expect(add(30)).toEqual({ kind: 'done' })
    expect(add(-31)).toMatchObject({ kind: 'refused' })
    expect(add(-30)).toEqual({ kind: 'done' })
    tradeAt(one, 950_000, 400, 'sell')
    expect(accountState(one.exchange, ALICE, 0).positions[0]?.marginUsedMicroUsd).toBe(57 * DOLLAR)
    tradeAt(one, 950_000, 600, 'sell')
    const fees = one.fillsOf(ALICE).reduce((sum, fill) => sum + fill.feeMicroUsd, 0)
    expect(accountState(one.exchange, ALICE, 0).cross.accountValueMicroUsd).toBe(10_000 * DOLLAR - fees)
  })

  test('strictly isolated margin can be added but not removed, and cross is refused', () => {
    const one = world(10_000)
    expect(leverageOf(one.exchange, ALICE, FLX_GOLD)).toEqual({ isCross: false, value: 10 })
    expect(
      one.act(ALICE, { kind: 'updateLeverage', assetId: FLX_GOLD, isCross: true, leverage: 5 }),
    ).toMatchObject({
      kind: 'refused',
    })
    tradeAt(one, 2_650_000, 400, 'buy', FLX_GOLD)
    const change = (deltaMicroUsd: number): unknown =>
      one.act(ALICE, { kind: 'updateIsolatedMargin', assetId: FLX_GOLD, deltaMicroUsd })
    expect(change(DOLLAR)).toEqual({ kind: 'done' })
    expect(change(-1)).toMatchObject({ kind: 'refused' })
  })

  test('lower leverage needs the margin for it; higher never does', () => {
    const one = world(0)
    one.run({ kind: 'deposit', account: ALICE, dexIndex: 0, amountMicroUsd: 60 * DOLLAR })
    one.run({ kind: 'deposit', account: BOB, dexIndex: 0, amountMicroUsd: 1_000 * DOLLAR })
    tradeAt(one, 950_000, 1_000, 'buy')
    const set = (leverage: number): unknown =>
      one.act(ALICE, { kind: 'updateLeverage', assetId: BTC, isCross: true, leverage })
    expect(set(10)).toMatchObject({ kind: 'refused' })
    expect(set(40)).toEqual({ kind: 'done' })
    expect(set(19)).toEqual({ kind: 'done' })
  })

  test('each DEX has its own money, fee scale and counter-accounts; only equal collateral moves between them', () => {
    const one = world(1_000)
    expect(feeRates(one.exchange, ALICE, BTC)).toEqual({ takerPpb: 450_000, makerPpb: 150_000 })
    expect(feeRates(one.exchange, ALICE, HYNA_BTC)).toEqual({ takerPpb: 900_000, makerPpb: 300_000 })
    const move = (toDex: number, dollars: number, to = ALICE): unknown =>
      one.act(ALICE, { kind: 'transfer', to, fromDex: 0, toDex, amountMicroUsd: dollars * DOLLAR })
    expect(move(1, 400)).toEqual({ kind: 'done' })
    expect(move(2, 1)).toMatchObject({ kind: 'refused' })
    expect(move(0, 1, address('ee'))).toMatchObject({ kind: 'refused' })
    expect(move(0, 11, address('ee'))).toEqual({ kind: 'done' })
    const value = (account: string, dex: number): number =>
      accountState(one.exchange, account, dex).whole.accountValueMicroUsd / DOLLAR
    expect([value(ALICE, 0), value(ALICE, 1), value(address('ee'), 0)]).toEqual([589, 1_400, 10])
    tradeAt(one, 950_000, 1_000, 'buy', HYNA_BTC)
    const { books } = one.exchange.dexs[1] ?? { books: undefined }
    expect(books?.deployerFeeMicroUsd).toBe(books?.venueFeeMicroUsd)
    expect(conservation(one.exchange)).toBe(0)
  })

  test('the tier of the volume traded holds from the next UTC day for two weeks', () => {
    const one = world(100_000_000)
    tradeAt(one, 950_000, 7_000_000, 'buy')
    expect(tradedVolumeMicroUsd(one.exchange, ALICE)).toBe(6_650_000 * DOLLAR)
    expect(feeRates(one.exchange, ALICE, BTC).takerPpb).toBe(450_000)
    one.wait(86_400_000)
    expect(feeRates(one.exchange, ALICE, BTC)).toEqual({ takerPpb: 400_000, makerPpb: 120_000 })
    expect(volumeDays(one.exchange, ALICE).at(-2)?.takerMicroUsd).toBe(6_650_000 * DOLLAR)
    one.wait(13 * 86_400_000)
    expect(feeRates(one.exchange, ALICE, BTC).takerPpb).toBe(400_000)
    one.wait(86_400_000)
    expect(feeRates(one.exchange, ALICE, BTC).takerPpb).toBe(450_000)
  })
})

describe('time', () => {
  test('funding is paid at the hour on the oracle price, once an hour, and the rounding is booked', () => {
    const one = world()
    tradeAt(one, 950_000, 333, 'buy')
    one.wait(3_598_999)
    expect(one.events.filter((event) => event.kind === 'funding')).toEqual([])
    one.wait(1)
    const paid = one.events.filter((event) => event.kind === 'funding')
    // 333 lots × 950 000 ticks × 0.0000125 = 3 954.375 micro-dollars.
    expect(paid.map(({ account, amountMicroUsd, rate }) => [account, amountMicroUsd, rate])).toEqual([
      [BOB, 3_954, 0.0000125],
      [ALICE, -3_954, 0.0000125],
    ])
    one.wait(7_200_000)
    expect(one.events.filter((event) => event.kind === 'funding').length).toBe(6)
    expect(accountState(one.exchange, ALICE, 0).positions[0]?.cumFunding).toEqual({
      allTimeMicroUsd: 3 * 3_954,
      sinceOpenMicroUsd: 3 * 3_954,
      sinceChangeMicroUsd: 3 * 3_954,
    })
    expect(conservation(one.exchange)).toBe(0)
  })

  test('the premium of the book decides the rate: an ask below the oracle makes shorts pay', () => {
    const one = world()
    tradeAt(one, 950_000, 1_000, 'buy')
    one.place(CAROL, { side: 'buy', priceTicks: 939_000, sizeLots: 100_000 })
    one.place(CAROL, { side: 'sell', priceTicks: 940_500, sizeLots: 100_000 })
    expect(instrumentContext(one.exchange, BTC).premium).toBeCloseTo(-0.01, 12)
    one.wait(3_600_000)
    const toAlice = one.events.find((event) => event.kind === 'funding' && event.account === ALICE)
    expect(toAlice).toMatchObject({ rate: (-0.01 + 0.0005) / 8 })
  })

  test('the mark is the oracle while the book is empty, and the median with the book’s own price otherwise', () => {
    const one = world()
    one.run({ kind: 'oracle', assetId: BTC, oracleTicks: 951_000 })
    expect(instrumentContext(one.exchange, BTC).markTicks).toBe(951_000)
    one.place(BOB, { side: 'buy', priceTicks: 952_000 })
    one.place(BOB, { side: 'sell', priceTicks: 954_000 })
    one.wait(1_000)
    // (1) 951 000 + (953 000 − 951 000), (2) 953 000, (3) 953 000.
    expect(instrumentContext(one.exchange, BTC)).toMatchObject({ markTicks: 953_000, midTicks: 953_000 })
    one.run({ kind: 'oracle', assetId: BTC, oracleTicks: 900_000 })
    expect(instrumentContext(one.exchange, BTC).markTicks).toBe(953_000)
  })

  test('one order alone in a market that never traded moves no mark, however far it is', () => {
    const one = world()
    oidOf(one.place(BOB, { side: 'buy', priceTicks: 570_000 }))
    one.wait(60_000)
    expect(instrumentContext(one.exchange, BTC)).toMatchObject({ markTicks: 950_000, midTicks: null })
  })

  test('a jump of the touch reaches the mark by its means, not at once', () => {
    const one = world()
    const quote = (bid: number): number[] => [
      oidOf(one.place(BOB, { side: 'buy', priceTicks: bid })),
      oidOf(one.place(BOB, { side: 'sell', priceTicks: bid + 2_000 })),
    ]
    const first = quote(949_000)
    one.wait(60_000)
    expect(instrumentContext(one.exchange, BTC).markTicks).toBe(950_000)
    one.act(BOB, { kind: 'cancel', cancels: first.map((oid) => ({ assetId: BTC, ref: { oid } })) })
    quote(959_000)
    one.wait(7_000)
    // 30 s mean: 10 000 × 7/(60·e^(−7/30) + 7) = 1 284.1; 150 s mean of the basis: 10 000 × 7/(60·e^(−7/150) + 7) = 1 089.3.
    expect(instrumentContext(one.exchange, BTC)).toMatchObject({ midTicks: 960_000, markTicks: 951_284 })
  })

  test('day volume and the price of yesterday roll by the hour', () => {
    const one = world()
    tradeAt(one, 950_000, 1_000, 'buy')
    one.run({ kind: 'oracle', assetId: BTC, oracleTicks: 970_000 })
    one.wait(23 * 3_600_000)
    expect(instrumentContext(one.exchange, BTC)).toMatchObject({
      dayBaseLots: 1_000,
      dayNotionalMicroUsd: 950 * DOLLAR,
    })
    one.wait(3_600_000)
    expect(instrumentContext(one.exchange, BTC).dayBaseLots).toBe(0)
  })

  test('a scheduled cancel ends all orders when its time comes, ten times a day, and can be cleared', () => {
    const one = world(1_000, { scheduleCancelVolumeGateMicroUsd: 0 })
    const set = (atTsMs: number | null): unknown => one.act(ALICE, { kind: 'scheduleCancel', atTsMs })
    expect(set(START_MS + 4_999)).toMatchObject({ kind: 'refused' })
    for (let firing = 0; firing < 10; firing += 1) {
      const oid = oidOf(one.place(ALICE, {}))
      expect(set(one.exchange.tsMs + 5_000)).toEqual({ kind: 'done' })
      one.wait(4_999)
      expect(one.statusesOf(oid)).toEqual(['open'])
      one.wait(1)
      expect(one.statusesOf(oid)).toEqual(['open', 'scheduledCancel'])
    }
    expect(set(one.exchange.tsMs + 5_000)).toMatchObject({ kind: 'refused' })
    one.wait(86_400_000)
    const kept = oidOf(one.place(ALICE, {}))
    set(one.exchange.tsMs + 5_000)
    set(null)
    one.wait(10_000)
    expect(one.statusesOf(kept)).toEqual(['open'])
  })
})

describe('trigger orders', () => {
  const bracket = (one: World, grouping: 'normalTpsl' | 'positionTpsl'): OrderAnswer[] => {
    const exit = { side: 'sell', sizeLots: 1_000, reduceOnly: true } as const
    const orders = [
      orderOf({ sizeLots: 1_000 }),
      orderOf({
        ...exit,
        priceTicks: 900_000,
        trigger: { isMarket: true, triggerTicks: 940_000, kind: 'sl' },
      }),
      orderOf({
        ...exit,
        priceTicks: 960_000,
        trigger: { isMarket: false, triggerTicks: 960_000, kind: 'tp' },
      }),
    ]
    const answer = one.act(ALICE, {
      kind: 'order',
      grouping,
      orders: grouping === 'normalTpsl' ? orders : orders.slice(1),
    })
    if (answer.kind !== 'orders') throw new Error(JSON.stringify(answer))
    return [...answer.answers]
  }

  test('children wait for the parent to fill whole, then for their prices; the one that fires ends the other', () => {
    const one = world()
    expect(bracket(one, 'normalTpsl').map((answer) => answer.kind)).toEqual([
      'resting',
      'waitingForFill',
      'waitingForFill',
    ])
    one.place(BOB, { side: 'sell', sizeLots: 400, tif: 'Ioc' })
    one.run({ kind: 'oracle', assetId: BTC, oracleTicks: 930_000 })
    expect(one.statusesOf(2)).toEqual(['open'])
    one.run({ kind: 'oracle', assetId: BTC, oracleTicks: 950_000 })
    one.place(BOB, { side: 'sell', sizeLots: 600, tif: 'Ioc' })
    one.place(CAROL, { side: 'buy', priceTicks: 935_000, sizeLots: 5_000 })
    one.place(CAROL, { side: 'sell', priceTicks: 937_000, sizeLots: 5_000 })
    one.wait(100)
    expect(one.statusesOf(2)).toEqual(['open', 'triggered', 'filled'])
    expect(one.statusesOf(3)).toEqual(['open', 'siblingFilledCanceled'])
    expect(accountState(one.exchange, ALICE, 0).positions).toEqual([])
  })

  test('cancelling the parent cancels the children; children first gives success for all', () => {
    for (const order of [
      [1, 2, 3],
      [3, 2, 1],
    ]) {
      const one = world()
      bracket(one, 'normalTpsl')
      const answer = one.act(ALICE, {
        kind: 'cancel',
        cancels: order.map((oid) => ({ assetId: BTC, ref: { oid } })),
      })
      const kinds = answer.kind === 'cancels' ? answer.answers.map((each) => each.kind) : []
      expect(kinds).toEqual(
        order[0] === 1 ? ['success', 'error', 'error'] : ['success', 'success', 'success'],
      )
      expect(openOrders(one.exchange, ALICE)).toEqual([])
    }
  })

  test('orders of the position end with it, and fire for its whole size', () => {
    const one = world()
    tradeAt(one, 950_000, 1_000, 'buy')
    bracket(one, 'positionTpsl')
    tradeAt(one, 950_000, 500, 'buy')
    one.place(CAROL, { side: 'buy', priceTicks: 935_000, sizeLots: 5_000 })
    one.place(CAROL, { side: 'sell', priceTicks: 937_000, sizeLots: 5_000 })
    one.wait(60_000)
    one.run({ kind: 'oracle', assetId: BTC, oracleTicks: 936_000 })
    expect(one.fillsOf(ALICE).at(-1)).toMatchObject({
      side: 'sell',
      sizeLots: 1_500,
      closedPnlMicroUsd: -15_000 * 1_500,
    })

    const other = world()
    tradeAt(other, 950_000, 1_000, 'buy')
    const oids = bracket(other, 'positionTpsl').map(oidOf)
    tradeAt(other, 950_000, 1_000, 'sell')
    expect(oids.map((oid) => other.statusesOf(oid).at(-1))).toEqual([
      'reduceOnlyCanceled',
      'reduceOnlyCanceled',
    ])
  })

  test('a limit trigger rests at its price once it fired, with its id', () => {
    const one = world()
    const trigger = { isMarket: false, triggerTicks: 940_000, kind: 'tp' } as const
    const oid = oidOf(one.place(ALICE, { side: 'buy', priceTicks: 939_000, trigger }))
    expect(touch(one.exchange, BTC).bidTicks).toBe(0)
    one.run({ kind: 'oracle', assetId: BTC, oracleTicks: 940_000 })
    expect(one.statusesOf(oid)).toEqual(['open', 'triggered', 'open'])
    expect(touch(one.exchange, BTC)).toMatchObject({ bidTicks: 939_000, bidLots: 1_000 })
  })
})

describe('markets apart', () => {
  test('orders, positions and leverage of one market leave the others alone', () => {
    const one = world()
    one.act(ALICE, { kind: 'updateLeverage', assetId: ETH, isCross: true, leverage: 3 })
    one.place(ALICE, { assetId: ETH, priceTicks: 300_000, sizeLots: 100_000 })
    expect(touch(one.exchange, BTC).bidTicks).toBe(0)
    expect(leverageOf(one.exchange, ALICE, BTC).value).toBe(20)
    expect(openOrders(one.exchange, ALICE, 1)).toEqual([])
    expect(openOrders(one.exchange, ALICE, 0).length).toBe(1)
    one.place(BOB, { assetId: HYNA_BTC, side: 'sell' })
    expect(touch(one.exchange, BTC).askTicks).toBe(0)
  })
})
