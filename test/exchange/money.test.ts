import { describe, expect, test } from 'vitest'
import { conservation, outsideByToken } from '../../src/exchange/exchange.ts'
import { scaledRates } from '../../src/exchange/fees.ts'
import { accountState } from '../../src/exchange/queries/account.ts'
import { instrumentContext } from '../../src/exchange/queries/market.ts'
import { builderRewards, feeRates, spotBalances } from '../../src/exchange/queries/money.ts'
import { openOrders, runningTwaps } from '../../src/exchange/queries/orders.ts'
import { orderValueMax } from '../../src/exchange/size-caps.ts'
import {
  ALICE,
  BOB,
  BTC,
  CAROL,
  DOLLAR,
  FLX_GOLD,
  HYNA_BTC,
  address,
  orderOf,
  SPEC,
  specWith,
  world,
  type World,
} from '../support/exchange-world.ts'

const BUILDER = address('b1')
const MINUTE_MS = 60_000

function cash(one: World, account: string, dexIndex = 0): number {
  return accountState(one.exchange, account, dexIndex).whole.accountValueMicroUsd
}

describe('builder fees', () => {
  test('are charged on each fill of the order, taker and maker, and owed to the builder until claimed', () => {
    const one = world()
    const builder = { address: BUILDER, feePpb: 500_000 }
    one.act(ALICE, { kind: 'order', grouping: 'na', orders: [orderOf()], builder })
    one.place(BOB, { side: 'sell', sizeLots: 400, tif: 'Ioc' })
    one.place(BOB, { side: 'sell', sizeLots: 600, tif: 'Ioc' })
    const notionals = [400 * 950_000, 600 * 950_000]
    // 5 bp of notional on top of the maker's 1.5 bp; nobody sent Bob's orders for him.
    expect(one.fillsOf(ALICE).map((fill) => fill.builderFeeMicroUsd)).toEqual(
      notionals.map((n) => n * 0.0005),
    )
    expect(one.fillsOf(ALICE).map((fill) => fill.feeMicroUsd)).toEqual(notionals.map((n) => n * 0.00065))
    expect(one.fillsOf(BOB).map((fill) => fill.builderFeeMicroUsd)).toEqual([0, 0])
    expect(builderRewards(one.exchange, BUILDER).owedMicroUsd).toBe(950_000_000 * 0.0005)
    expect(one.exchange.builderByOid.size).toBe(0)
    expect(conservation(one.exchange)).toBe(0)

    one.run({ kind: 'deposit', account: BUILDER, dexIndex: 0, amountMicroUsd: DOLLAR })
    expect(one.act(BUILDER, { kind: 'claimRewards' })).toEqual({ kind: 'done' })
    expect(spotBalances(one.exchange, BUILDER)).toEqual([{ tokenIndex: 0, microUnits: 475_000 }])
    expect(builderRewards(one.exchange, BUILDER)).toEqual({ owedMicroUsd: 0, claimedMicroUsd: 475_000 })
    expect(one.act(BUILDER, { kind: 'claimRewards' })).toMatchObject({ kind: 'refused' })
    expect(conservation(one.exchange)).toBe(0)
  })

  test('an order that ends unfilled, or never was one, leaves no builder behind', () => {
    const one = world()
    const builder = { address: BUILDER, feePpb: 10_000 }
    const orders = [orderOf(), orderOf({ sizeLots: 0 }), orderOf({ tif: 'Ioc' })]
    one.act(ALICE, { kind: 'order', grouping: 'na', orders, builder })
    expect([...one.exchange.builderByOid.keys()]).toEqual(
      openOrders(one.exchange, ALICE).map(({ oid }) => oid),
    )
    const cancels = openOrders(one.exchange, ALICE).map(({ oid }) => ({ assetId: BTC, ref: { oid } }))
    one.act(ALICE, { kind: 'cancel', cancels })
    expect(one.exchange.builderByOid.size).toBe(0)
  })

  test('above a tenth of a percent they are refused whole', () => {
    const one = world()
    const builder = { address: BUILDER, feePpb: 1_000_001 }
    const answer = one.act(ALICE, { kind: 'order', grouping: 'na', orders: [orderOf()], builder })
    expect(answer).toMatchObject({ kind: 'refused', text: expect.stringMatching(/Builder fee/) })
    expect(openOrders(one.exchange, ALICE)).toEqual([])
  })
})

describe('rates', () => {
  const base = { takerPpb: 450_000, makerPpb: 150_000 }
  const rebate = { takerPpb: 450_000, makerPpb: -10_000 }
  const [dex] = SPEC.dexs
  const [plain] = SPEC.instruments
  if (dex === undefined || plain === undefined) throw new Error('the specification has no market')
  // Reference 5.5: below a scale of 1 it is added, from 1 on doubled; growth mode takes a tenth; an aligned token 0.8 and 1.5.
  test.each([
    ['the main DEX', base, 0, false, false, 450_000, 150_000],
    ['scale 0.5', base, 0.5, false, false, 675_000, 225_000],
    ['scale 1', base, 1, false, false, 900_000, 300_000],
    ['scale 1.5', base, 1.5, false, false, 1_350_000, 450_000],
    ['growth mode', base, 1, true, false, 90_000, 30_000],
    ['a rebate is not scaled by the deployer', rebate, 1, false, false, 900_000, -10_000],
    ['a rebate in growth mode', rebate, 1, true, false, 90_000, -1_000],
    ['an aligned token on the main DEX', rebate, 0, false, true, 360_000, -15_000],
    ['an aligned token, half the fees the deployer’s', rebate, 1, false, true, 810_000, -12_500],
  ])('%s', (_name, rates, deployerFeeScale, growthMode, isAligned, takerPpb, makerPpb) => {
    const spec = { ...dex, deployerFeeScale, collateral: { ...dex.collateral, isAligned } }
    expect(scaledRates(rates, spec, { ...plain, growthMode })).toEqual({ takerPpb, makerPpb })
  })

  test('whoever was brought by somebody pays four percent less, from the next fill on', () => {
    const one = world()
    one.place(BOB, { side: 'sell', sizeLots: 2_000 })
    one.place(ALICE, { sizeLots: 1_000, tif: 'Ioc' })
    one.act(ALICE, { kind: 'setReferrer' })
    one.place(ALICE, { sizeLots: 1_000, tif: 'Ioc' })
    expect(one.fillsOf(ALICE).map((fill) => fill.feeMicroUsd)).toEqual([427_500, 410_400])
    expect(feeRates(one.exchange, ALICE, HYNA_BTC).takerPpb).toBe(864_000)
    expect(one.act(ALICE, { kind: 'setReferrer' })).toEqual({
      kind: 'refused',
      text: 'Referrer already set.',
    })
  })
})

describe('the spot ledger', () => {
  test('takes money from a DEX, hands it to others and gives it back', () => {
    const one = world(1_000)
    const outside = outsideByToken(one.exchange)
    const send = { kind: 'transfer', via: 'sendAsset' } as const
    one.act(ALICE, { ...send, to: ALICE, fromDex: 0, toDex: 'spot', amountMicroUsd: 300 * DOLLAR })
    const within = { ...send, fromDex: 'spot', toDex: 'spot', tokenIndex: 0 } as const
    one.act(ALICE, { ...within, to: BOB, amountMicroUsd: 100 * DOLLAR })
    // A new address pays a dollar for its first money.
    one.act(ALICE, { ...within, to: address('ee'), amountMicroUsd: 50 * DOLLAR })
    // `hyna` of this venue keeps its money in USDC too.
    one.act(BOB, { ...send, to: BOB, fromDex: 'spot', toDex: 1, amountMicroUsd: 40 * DOLLAR })
    expect(spotBalances(one.exchange, ALICE)).toEqual([{ tokenIndex: 0, microUnits: 150 * DOLLAR }])
    expect(spotBalances(one.exchange, BOB)).toEqual([{ tokenIndex: 0, microUnits: 60 * DOLLAR }])
    expect(spotBalances(one.exchange, address('ee'))).toEqual([{ tokenIndex: 0, microUnits: 49 * DOLLAR }])
    expect([cash(one, ALICE), cash(one, BOB, 1)]).toEqual([700 * DOLLAR, 1_040 * DOLLAR])
    expect(outsideByToken(one.exchange)).toEqual(outside)
    expect(conservation(one.exchange)).toBe(0)
  })

  test.each([
    [
      'more than there is',
      { fromDex: 'spot' as const, toDex: 'spot' as const, tokenIndex: 0 },
      /Insufficient balance/,
    ],
    [
      'a token that a DEX does not keep',
      { fromDex: 0, toDex: 'spot' as const, tokenIndex: 360 },
      /keeps its money in USDC/,
    ],
    ['no token', { fromDex: 'spot' as const, toDex: 'spot' as const }, /names its token/],
    [
      'a token of no DEX',
      { fromDex: 'spot' as const, toDex: 'spot' as const, tokenIndex: 9 },
      /Unknown token 9/,
    ],
    ['DEXs of two tokens', { fromDex: 0, toDex: 2 }, /Collateral of the two DEXs differs/],
  ])('refuses %s', (_name, way, text) => {
    const one = world(1_000)
    const answer = one.act(ALICE, { kind: 'transfer', to: BOB, amountMicroUsd: DOLLAR, ...way })
    expect(answer).toEqual({ kind: 'refused', text: expect.stringMatching(text) })
  })

  test('requests beyond the budget are paid to the venue', () => {
    const one = world(1_000)
    expect(one.act(ALICE, { kind: 'reserveRequestWeight', weight: 2_000 })).toEqual({ kind: 'done' })
    expect(cash(one, ALICE)).toBe(999 * DOLLAR)
    expect(one.act(ALICE, { kind: 'reserveRequestWeight', weight: 2_000_000 })).toMatchObject({
      kind: 'refused',
    })
    expect(conservation(one.exchange)).toBe(0)
  })
})

describe('TWAP orders', () => {
  const TWAP = {
    kind: 'twapOrder',
    assetId: BTC,
    side: 'buy',
    sizeLots: 10_000,
    reduceOnly: false,
    minutes: 5,
    randomize: false,
  } as const

  /** A book with enough at one price. */
  function stage(): World {
    const one = world()
    one.place(BOB, { side: 'sell', sizeLots: 100_000, priceTicks: 951_000 })
    return one
  }

  test('buy a tenth every thirty seconds for five minutes, and say so', () => {
    const one = stage()
    expect(one.act(ALICE, TWAP)).toEqual({ kind: 'twap', twapId: 1, text: null })
    for (let slice = 1; slice <= 10; slice += 1) {
      one.wait(29_999)
      expect(one.fillsOf(ALICE)).toHaveLength(slice - 1)
      one.wait(1)
      expect(one.fillsOf(ALICE)).toHaveLength(slice)
    }
    const fills = one.fillsOf(ALICE)
    expect(
      fills.every(({ sizeLots, twapId, crossed }) => sizeLots === 1_000 && twapId === 1 && crossed),
    ).toBe(true)
    expect(one.fillsOf(BOB).every(({ twapId }) => twapId === null)).toBe(true)
    const told = one.events.filter((event) => event.kind === 'twap')
    expect(told.map(({ status, twap }) => [status, twap.executedLots])).toEqual([
      ['activated', 0],
      ['finished', 10_000],
    ])
    expect(runningTwaps(one.exchange, ALICE)).toEqual([])
  })

  test('what an empty book withheld is caught up with, three slices at a time', () => {
    const one = world()
    one.act(ALICE, TWAP)
    one.wait(4 * 30_000)
    expect(one.fillsOf(ALICE)).toEqual([])
    one.place(BOB, { side: 'sell', sizeLots: 100_000, priceTicks: 951_000 })
    for (let slice = 5; slice <= 7; slice += 1) one.wait(30_000)
    expect(one.fillsOf(ALICE).map(({ sizeLots }) => sizeLots)).toEqual([3_000, 3_000, 1_000])
  })

  test('random slices differ, end at the whole size, and are the same in a second run', () => {
    const sizes = (): number[] => {
      const one = stage()
      one.act(ALICE, { ...TWAP, randomize: true })
      for (let slice = 1; slice <= 10; slice += 1) one.wait(30_000)
      return one.fillsOf(ALICE).map(({ sizeLots }) => sizeLots)
    }
    expect(new Set(sizes()).size).toBeGreaterThan(5)
    expect(sizes().reduce((sum, lots) => sum + lots, 0)).toBe(10_000)
    expect(sizes()).toEqual(sizes())
  })

  test('end when their owner says so, and nobody else can', () => {
    const one = stage()
    one.act(ALICE, TWAP)
    const cancel = { kind: 'twapCancel', assetId: BTC, twapId: 1 } as const
    expect(one.act(BOB, cancel)).toMatchObject({ text: expect.stringMatching(/never placed/) })
    expect(one.act(ALICE, cancel)).toEqual({ kind: 'twap', twapId: 1, text: null })
    one.wait(10 * MINUTE_MS)
    expect(one.fillsOf(ALICE)).toEqual([])
    expect(one.act(ALICE, cancel)).toMatchObject({ text: expect.stringMatching(/already canceled/) })
  })

  test('without margin they end with the reason', () => {
    const one = world(1)
    one.run({ kind: 'deposit', account: BOB, dexIndex: 0, amountMicroUsd: 100_000 * DOLLAR })
    one.place(BOB, { side: 'sell', sizeLots: 100_000, priceTicks: 951_000 })
    one.act(ALICE, TWAP)
    one.wait(30_000)
    const last = one.events.filter((event) => event.kind === 'twap').at(-1)
    expect(last).toMatchObject({ status: 'error', description: expect.stringMatching(/Insufficient margin/) })
  })

  test.each([
    ['four minutes', { minutes: 4 }, /between 5 and 1440 minutes/],
    ['a dollar', { sizeLots: 1 }, /minimum value of \$10/],
    ['reducing nothing', { reduceOnly: true }, /would increase position/],
    ['no asset', { assetId: 77 }, /invalid asset/],
  ])('refuse %s', (_name, change, text) => {
    expect(stage().act(ALICE, { ...TWAP, ...change })).toMatchObject({ text: expect.stringMatching(text) })
  })
})

describe('what the venue does unasked', () => {
  function withPositions(assetId: number, sizeLots: number, priceTicks: number): World {
    const one = world(100_000)
    one.act(ALICE, { kind: 'updateLeverage', assetId, isCross: assetId !== FLX_GOLD, leverage: 10 })
    one.place(BOB, { assetId, side: 'sell', sizeLots, priceTicks })
    one.place(ALICE, { assetId, sizeLots, priceTicks, tif: 'Ioc' })
    return one
  }
  const sizeOf = (one: World, account: string, dexIndex: number): number =>
    accountState(one.exchange, account, dexIndex).positions[0]?.sizeLots ?? 0

  test('a halt ends orders, settles positions at the mark, and refuses orders until it is lifted', () => {
    const one = withPositions(HYNA_BTC, 10_000, 950_000)
    one.place(CAROL, { assetId: HYNA_BTC, priceTicks: 940_000 })
    const before = [ALICE, BOB, CAROL].map((account) => cash(one, account, 1))
    expect(one.run({ kind: 'halt', assetId: HYNA_BTC, isHalted: true })).toEqual({ kind: 'done' })
    expect([sizeOf(one, ALICE, 1), sizeOf(one, BOB, 1)]).toEqual([0, 0])
    expect(openOrders(one.exchange, CAROL)).toEqual([])
    expect([ALICE, BOB, CAROL].map((account) => cash(one, account, 1))).toEqual(before)
    expect(conservation(one.exchange)).toBe(0)
    expect(one.place(ALICE, { assetId: HYNA_BTC })).toMatchObject({ text: expect.stringMatching(/halted/) })
    one.run({ kind: 'halt', assetId: HYNA_BTC, isHalted: false })
    expect(one.place(ALICE, { assetId: HYNA_BTC })).toMatchObject({ kind: 'resting' })
  })

  test('a forced liquidation goes through the book, and beyond it to the backstop', () => {
    const one = withPositions(BTC, 10_000, 950_000)
    one.place(CAROL, { sizeLots: 4_000, priceTicks: 949_000 })
    expect(one.run({ kind: 'liquidate', account: ALICE, dexIndex: 0 })).toEqual({ kind: 'done' })
    expect([sizeOf(one, ALICE, 0), sizeOf(one, CAROL, 0)]).toEqual([0, 4_000])
    const liquidations = one.events.filter((event) => event.kind === 'liquidation')
    expect(liquidations.map(({ method }) => method)).toEqual(['market', 'backstop'])
    expect(conservation(one.exchange)).toBe(0)
    expect(one.run({ kind: 'liquidate', account: ALICE, dexIndex: 0 })).toMatchObject({ kind: 'refused' })
  })

  test('a margin table that asks more liquidates whoever has too little, at once', () => {
    const one = world(1_000)
    one.act(ALICE, { kind: 'updateLeverage', assetId: BTC, isCross: true, leverage: 40 })
    // 0.2 BTC are 19 000 $ on 1000 $: maintenance is 237 $ at 40×, 3166 $ at 3×.
    one.run({ kind: 'deposit', account: BOB, dexIndex: 0, amountMicroUsd: 100_000 * DOLLAR })
    one.place(BOB, { side: 'sell', sizeLots: 20_000 })
    one.place(ALICE, { sizeLots: 20_000, tif: 'Ioc' })
    expect(sizeOf(one, ALICE, 0)).toBe(20_000)
    const table = {
      kind: 'marginTable',
      assetId: BTC,
      marginTableId: 3,
      marginTiers: [{ lowerBoundMicroUsd: 0, maxLeverage: 3 }],
    } as const
    expect(one.run(table)).toEqual({ kind: 'done' })
    expect(sizeOf(one, ALICE, 0)).toBe(0)
    expect(one.exchange.markets[0]?.instrument.marginTiers).toEqual(table.marginTiers)
    expect(one.run({ ...table, marginTableId: 4 })).toMatchObject({
      text: expect.stringMatching(/one tier of leverage 4/),
    })
    expect(one.run({ ...table, marginTiers: [] })).toMatchObject({
      text: expect.stringMatching(/starts at 0/),
    })
    expect(one.run({ ...table, assetId: 77 })).toMatchObject({ kind: 'refused' })
  })
})

describe('caps of builder DEXs', () => {
  test('the mark moves at most one percent in two and a half seconds', () => {
    const one = world()
    one.run({ kind: 'oracle', assetId: HYNA_BTC, oracleTicks: 1_900_000 })
    one.run({ kind: 'oracle', assetId: BTC, oracleTicks: 1_900_000 })
    const markOf = (assetId: number): number => instrumentContext(one.exchange, assetId).markTicks
    expect([markOf(BTC), markOf(HYNA_BTC)]).toEqual([1_900_000, 959_500])
    one.wait(2_499)
    expect(markOf(HYNA_BTC)).toBe(959_500)
    one.wait(1)
    expect(markOf(HYNA_BTC)).toBe(969_095)
  })

  test('all markets of a DEX together are capped', () => {
    const dexs = SPEC.dexs.map((dex) =>
      dex.index === 1 ? { ...dex, openInterestCapMicroUsd: 20_000 * DOLLAR } : dex,
    )
    const one = world(100_000, {}, { ...SPEC, dexs })
    one.place(BOB, { assetId: HYNA_BTC, side: 'sell', sizeLots: 15_000 })
    one.place(ALICE, { assetId: HYNA_BTC, sizeLots: 15_000, tif: 'Ioc' })
    expect(one.place(CAROL, { assetId: HYNA_BTC, sizeLots: 10_000 })).toMatchObject({
      text: expect.stringMatching(/open interest is capped/),
    })
    expect(one.place(CAROL, { assetId: HYNA_BTC, sizeLots: 5_000 })).toMatchObject({ kind: 'resting' })
    // What closes is always welcome.
    expect(
      one.place(ALICE, { assetId: HYNA_BTC, side: 'sell', sizeLots: 15_000, priceTicks: 960_000 }),
    ).toMatchObject({ kind: 'resting' })
  })
})

describe('the largest order', () => {
  test.each([
    [40, true, 30e12],
    [25, true, 30e12],
    [20, true, 5e12],
    [10, true, 2e12],
    [3, true, 0.5e12],
    [3, false, 5e12],
  ])('at %s×, market %s: %s micro-dollars', (leverage, isMarket, most) => {
    expect(orderValueMax(leverage, isMarket)).toBe(most)
  })

  test('is refused above its class, as a taker sooner than as a maker', () => {
    const spec = specWith(BTC, { marginTiers: [{ lowerBoundMicroUsd: 0, maxLeverage: 5 }] })
    const one = world(100_000_000, {}, spec)
    // 600 000 $ at 95 000 $.
    const order = { sizeLots: 631_600 }
    expect(one.place(ALICE, { ...order, tif: 'Ioc' })).toMatchObject({
      text: 'Order value exceeds the maximum of $500000. asset=0',
    })
    expect(one.place(ALICE, order)).toMatchObject({ kind: 'resting' })
  })
})
