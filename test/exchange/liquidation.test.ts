import { describe, expect, test } from 'vitest'
import type { LiquidationEvent } from '../../src/exchange/event.ts'
import { conservation } from '../../src/exchange/exchange.ts'
import { adlRank, backstopAddress } from '../../src/exchange/liquidation.ts'
import { accountState, liquidationTicksOf } from '../../src/exchange/queries/account.ts'
import { instrumentContext } from '../../src/exchange/queries/market.ts'
import { openOrders } from '../../src/exchange/queries/orders.ts'
import {
  ALICE,
  BOB,
  BTC,
  CAROL,
  DAVE,
  DOLLAR,
  ETH,
  FLX_GOLD,
  oidOf,
  world,
  type World,
} from '../support/exchange-world.ts'

/** Alice is long with 20 times her money; the others have plenty. */
function leveraged(aliceDollars: number, sizeLots: number, rich = 50_000_000): World {
  const one = world(0)
  one.run({ kind: 'deposit', account: ALICE, dexIndex: 0, amountMicroUsd: aliceDollars * DOLLAR })
  for (const account of [BOB, CAROL, DAVE]) {
    one.run({ kind: 'deposit', account, dexIndex: 0, amountMicroUsd: rich * DOLLAR })
  }
  one.place(BOB, { side: 'sell', sizeLots })
  one.place(ALICE, { side: 'buy', sizeLots, tif: 'Ioc' })
  return one
}

function liquidations(one: World): LiquidationEvent[] {
  return one.events.filter((event) => event.kind === 'liquidation')
}

function moveOracle(one: World, oracleTicks: number): void {
  one.run({ kind: 'oracle', assetId: BTC, oracleTicks })
}

function position(one: World, account: string): number {
  return accountState(one.exchange, account, 0).positions[0]?.sizeLots ?? 0
}

describe('liquidation', () => {
  test('nothing happens one tick above the liquidation price that the account is shown, and below it does', () => {
    const one = leveraged(50, 1_000)
    const own = oidOf(one.place(ALICE, { assetId: ETH, priceTicks: 200_000, sizeLots: 60 }))
    const shown = accountState(one.exchange, ALICE, 0).positions[0]?.liquidationTicks
    if (shown === null || shown === undefined) throw new Error('a leveraged long has a liquidation price')
    moveOracle(one, Math.ceil(shown) + 1)
    expect(one.statusesOf(own)).toEqual(['open'])
    moveOracle(one, Math.floor(shown) - 1)
    expect(one.statusesOf(own)).toEqual(['open', 'liquidatedCanceled'])
    // Nobody bids, and it is still above two thirds of maintenance: the position waits for a bid.
    expect(position(one, ALICE)).toBe(1_000)
    expect(liquidations(one)).toEqual([])
    const bid = Math.floor(shown / 10) * 10 - 1_000
    one.place(CAROL, { side: 'buy', priceTicks: bid, sizeLots: 5_000 })
    one.place(CAROL, { side: 'sell', priceTicks: bid + 10, sizeLots: 5_000 })
    moveOracle(one, Math.floor(shown) - 2)
    expect(liquidations(one).length).toBe(1)
    expect(position(one, ALICE)).toBe(0)
  })

  test('it goes through the book when somebody bids there, ends the account’s orders, and charges the usual taker fee', () => {
    const one = leveraged(50, 1_000)
    const own = oidOf(one.place(ALICE, { assetId: ETH, priceTicks: 200_000, sizeLots: 60 }))
    // 50 $ less 0.43 $ fee, less 38 $: below 11.40 $ of maintenance, above two thirds of it.
    one.place(CAROL, { side: 'buy', priceTicks: 911_000, sizeLots: 5_000 })
    one.place(CAROL, { side: 'sell', priceTicks: 911_100, sizeLots: 5_000 })
    one.wait(3_000)
    expect(one.statusesOf(own)).toEqual(['open', 'liquidatedCanceled'])
    expect(liquidations(one)).toMatchObject([
      { account: ALICE, method: 'market', positions: [{ assetId: BTC, sizeLots: 1_000 }], dexIndex: 0 },
    ])
    expect(one.fillsOf(ALICE).at(-1)).toMatchObject({
      side: 'sell',
      priceTicks: 911_000,
      crossed: true,
      feeMicroUsd: Math.floor(911_000 * 1_000 * 0.00045),
      liquidation: { account: ALICE, method: 'market' },
    })
    expect(position(one, CAROL)).toBe(1_000)
    expect(accountState(one.exchange, ALICE, 0).whole.accountValueMicroUsd).toBeGreaterThan(0)
    expect(conservation(one.exchange)).toBe(0)
  })

  test('a large position is closed a fifth at a time, and whole within the half minute after', () => {
    const one = leveraged(10_000, 200_000)
    const { liquidationTicks } = accountState(one.exchange, ALICE, 0).positions[0] ?? {}
    const bid = Math.floor(((liquidationTicks ?? 0) - 500) / 10) * 10
    one.place(CAROL, { side: 'buy', priceTicks: bid, sizeLots: 1_000_000 })
    one.place(CAROL, { side: 'sell', priceTicks: bid + 10, sizeLots: 1_000 })
    one.wait(70)
    // A fifth of 200 000 lots; that brings the account back above maintenance.
    expect(position(one, ALICE)).toBe(160_000)
    expect(liquidations(one).map((event) => event.method)).toEqual(['market'])
    one.place(CAROL, { side: 'buy', priceTicks: bid - 3_000, sizeLots: 1_000_000 })
    one.act(CAROL, {
      kind: 'cancel',
      cancels: openOrders(one.exchange, CAROL)
        .filter((order) => order.priceTicks >= bid)
        .map(({ oid }) => ({ assetId: BTC, ref: { oid } })),
    })
    one.place(CAROL, { side: 'sell', priceTicks: bid - 2_990, sizeLots: 1_000 })
    one.wait(10_000)
    expect(position(one, ALICE)).toBe(0)
  })

  test('below two thirds of maintenance the backstop takes positions and margin at the mark', () => {
    const one = leveraged(50, 1_000)
    // Equity 50 − 0.43 − 43.5 = 6.07 $, two thirds of maintenance are 7.55 $.
    moveOracle(one, 906_500)
    expect(liquidations(one)).toMatchObject([
      { account: ALICE, method: 'backstop', accountValueMicroUsd: 50 * DOLLAR - 427_500 - 43_500_000 },
    ])
    const backstop = backstopAddress(0)
    expect(position(one, backstop)).toBe(1_000)
    expect(position(one, ALICE)).toBe(0)
    expect(accountState(one.exchange, ALICE, 0).whole.accountValueMicroUsd).toBe(0)
    expect(accountState(one.exchange, backstop, 0).whole.accountValueMicroUsd).toBe(
      50 * DOLLAR - 427_500 - 43_500_000,
    )
    expect(one.fillsOf(backstop)[0]).toMatchObject({
      priceTicks: 906_500,
      liquidation: { method: 'backstop' },
    })
    expect(conservation(one.exchange)).toBe(0)
  })

  test('below zero the best-ranked of the other side is closed at the mark before, and no account stays below zero', () => {
    const one = leveraged(50, 1_000)
    one.place(CAROL, { side: 'sell', priceTicks: 940_000, sizeLots: 3_000 })
    one.place(DAVE, { side: 'buy', priceTicks: 940_000, sizeLots: 3_000, tif: 'Ioc' })
    // Bob shorted higher with the same money, but Carol's position is larger against it.
    const ranks = one.exchange.markets[0]?.holders
      .filter((holding) => holding.sizeLots < 0)
      .map((holding) => [holding.account.address, adlRank(holding)] as const)
    const best = [...(ranks ?? [])].sort((a, b) => b[1] - a[1])[0]?.[0]
    expect(best).toBe(CAROL)
    moveOracle(one, 850_000)
    expect(liquidations(one).map((event) => event.method)).toEqual(['adl'])
    expect([ALICE, BOB, CAROL, DAVE].map((account) => position(one, account))).toEqual([
      0, -1_000, -2_000, 3_000,
    ])
    expect(one.fillsOf(ALICE).at(-1)).toMatchObject({ sizeLots: 1_000, feeMicroUsd: 0 })
    for (const account of [ALICE, BOB, CAROL, DAVE]) {
      expect(accountState(one.exchange, account, 0).whole.accountValueMicroUsd).toBeGreaterThanOrEqual(0)
    }
    expect(conservation(one.exchange)).toBe(0)
  })

  test('what nobody can pay is bad debt of the venue, to the micro-dollar', () => {
    const one = leveraged(50, 1_000)
    // Two leaps in a row without a look in between: the mark before is already too low for Alice's money.
    const { markets } = one.exchange
    if (markets[0]) markets[0].oracleTicks = 800_000
    const bob = accountState(one.exchange, BOB, 0).whole.accountValueMicroUsd
    if (markets[0]) markets[0].markTicks = 820_000
    one.wait(70)
    expect(liquidations(one).map((event) => event.method)).toEqual(['adl'])
    const debt = one.exchange.dexs[0]?.books.badDebtMicroUsd
    expect(debt).toBe(50 * DOLLAR - 427_500 - 130 * DOLLAR)
    expect(accountState(one.exchange, ALICE, 0).whole.accountValueMicroUsd).toBe(0)
    expect(accountState(one.exchange, BOB, 0).whole.accountValueMicroUsd).toBe(bob + 130 * DOLLAR)
    expect(conservation(one.exchange)).toBe(0)
  })

  test('an isolated position falls alone: the rest of the money is not touched', () => {
    const one = world(10_000)
    one.act(ALICE, { kind: 'updateLeverage', assetId: BTC, isCross: false, leverage: 20 })
    one.place(BOB, { side: 'sell', sizeLots: 1_000 })
    one.place(ALICE, { side: 'buy', sizeLots: 1_000, tif: 'Ioc' })
    const cash = accountState(one.exchange, ALICE, 0).cross.accountValueMicroUsd
    const own = oidOf(one.place(ALICE, { assetId: ETH, priceTicks: 299_000, sizeLots: 2_000 }))
    moveOracle(one, 905_000)
    expect(liquidations(one).map((event) => event.method)).toEqual(['backstop'])
    expect(one.statusesOf(own)).toEqual(['open'])
    expect(accountState(one.exchange, ALICE, 0)).toMatchObject({
      positions: [],
      cross: { accountValueMicroUsd: cash },
    })
    expect(conservation(one.exchange)).toBe(0)
  })

  test('an isolated loss beyond its margin is not taken from the account’s other money', () => {
    const one = world(10_000)
    one.act(ALICE, { kind: 'updateLeverage', assetId: BTC, isCross: false, leverage: 20 })
    one.place(BOB, { side: 'sell', sizeLots: 1_000 })
    one.place(ALICE, { side: 'buy', sizeLots: 1_000, tif: 'Ioc' })
    const cash = accountState(one.exchange, ALICE, 0).cross.accountValueMicroUsd
    const market = one.exchange.markets[0]
    // The mark before is already below what the margin can pay.
    if (market) Object.assign(market, { oracleTicks: 800_000, markTicks: 820_000 })
    one.wait(70)
    expect(liquidations(one).map((event) => event.method)).toEqual(['adl'])
    expect(accountState(one.exchange, ALICE, 0).whole.accountValueMicroUsd).toBe(cash)
    expect(one.exchange.dexs[0]?.books.badDebtMicroUsd).toBe(47_500_000 - 130 * DOLLAR)
    expect(conservation(one.exchange)).toBe(0)
  })

  test('a strictly isolated market has no backstop: it deleverages', () => {
    const one = world(10_000)
    one.place(BOB, { assetId: FLX_GOLD, side: 'sell', priceTicks: 2_650_000, sizeLots: 400 })
    one.place(ALICE, { assetId: FLX_GOLD, side: 'buy', priceTicks: 2_650_000, sizeLots: 400, tif: 'Ioc' })
    // The mark of a builder DEX follows its oracle by at most one percent in 2.5 s.
    for (let step = 0; step < 10; step += 1) {
      one.run({ kind: 'oracle', assetId: FLX_GOLD, oracleTicks: 2_450_000 })
      one.wait(2_500)
    }
    expect(liquidations(one)).toMatchObject([{ method: 'adl', dexIndex: 2 }])
    expect(instrumentContext(one.exchange, FLX_GOLD).openInterestLots).toBe(0)
    expect(conservation(one.exchange)).toBe(0)
  })

  test('the cross positions of an account stand together: profit on one carries the other', () => {
    const one = leveraged(60, 1_000)
    one.place(BOB, { assetId: ETH, side: 'buy', priceTicks: 300_000, sizeLots: 500 })
    one.place(ALICE, { assetId: ETH, side: 'sell', priceTicks: 300_000, sizeLots: 500, tif: 'Ioc' })
    one.run({ kind: 'oracle', assetId: ETH, oracleTicks: 200_000 })
    moveOracle(one, 880_000)
    expect(liquidations(one)).toEqual([])
    const holding = one.exchange.accountByAddress.get(ALICE)?.holdings.get(0)
    expect(holding && liquidationTicksOf(holding)).toBeLessThan(880_000)
    one.run({ kind: 'oracle', assetId: ETH, oracleTicks: 300_000 })
    expect(liquidations(one).length).toBe(1)
  })
})
