import fc from 'fast-check'
import { expect, test } from 'vitest'
import { conservation } from '../../src/exchange/exchange.ts'
import { holdersBelowMaintenance, reachedBelowMaintenance } from '../../src/exchange/liquidation.ts'
import type { Holding, Market } from '../../src/exchange/state.ts'
import {
  ALICE,
  BOB,
  BTC,
  CAROL,
  DAVE,
  DOLLAR,
  ETH,
  FLX_GOLD,
  HYNA_BTC,
  SPEC,
  specWith,
  world,
} from '../support/exchange-world.ts'

const ACCOUNTS = [ALICE, BOB, CAROL, DAVE]
const ASSETS = [BTC, ETH, HYNA_BTC, FLX_GOLD]
/** Tiers so low that positions of the test cross them. */
const TIERED = specWith(BTC, {
  marginTiers: [
    { lowerBoundMicroUsd: 0, maxLeverage: 40 },
    { lowerBoundMicroUsd: 30_000 * DOLLAR, maxLeverage: 20 },
    { lowerBoundMicroUsd: 90_000 * DOLLAR, maxLeverage: 5 },
  ],
})

const account = fc.constantFrom(...ACCOUNTS)
const assetId = fc.constantFrom(BTC, BTC, ETH, ETH, HYNA_BTC, FLX_GOLD)
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      account,
      assetId,
      other: account,
      isBuy: fc.boolean(),
      thousands: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ moved: assetId, permille: fc.integer({ min: -25, max: 25 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      account,
      of: assetId,
      leverage: fc.integer({ min: 5, max: 40 }),
      isCross: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      account,
      deltaMicroUsd: fc.integer({ min: -200, max: 200 }).map((one) => one * DOLLAR),
      of: assetId,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      account,
      dexIndex: fc.integer({ min: 0, max: 2 }),
      dollars: fc.integer({ min: -900, max: 900 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ waitMs: fc.constantFrom(70, 5_000, 3_600_000) }) },
)

function namesOf(holdings: readonly Holding[]): string[] {
  return holdings.map(({ account: one, market }) => `${one.address} ${market.instrument.coin}`).sort()
}

function expectSame(market: Market): number {
  const judged = namesOf(holdersBelowMaintenance(market))
  expect(namesOf(reachedBelowMaintenance(market))).toEqual(judged)
  return judged.length
}

test('the index finds exactly those a judgement of every holder finds, at every mark, after every command', () => {
  let below = 0
  let manyPositions = 0
  let isolated = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 50, size: 'max' }), (steps) => {
      const one = world(3_000, { partialLiquidationMicroUsd: 20_000 * DOLLAR }, TIERED)
      const { exchange } = one
      for (const what of steps) {
        if ('waitMs' in what) one.wait(what.waitMs)
        else if ('moved' in what) {
          const market = exchange.marketByAssetId.get(what.moved)
          if (market === undefined) continue
          const oracleTicks = Math.round((market.oracleTicks * (1_000 + what.permille)) / 1_000)
          one.run({ kind: 'oracle', assetId: what.moved, oracleTicks })
        } else if ('leverage' in what) {
          one.act(what.account, {
            kind: 'updateLeverage',
            assetId: what.of,
            isCross: what.isCross,
            leverage: what.leverage,
          })
        } else if ('deltaMicroUsd' in what) {
          one.act(what.account, {
            kind: 'updateIsolatedMargin',
            assetId: what.of,
            deltaMicroUsd: what.deltaMicroUsd,
          })
        } else if ('dollars' in what) {
          const { account: address, dexIndex, dollars } = what
          one.run({ kind: 'deposit', account: address, dexIndex, amountMicroUsd: dollars * DOLLAR })
        } else trade(one, what)
        for (const market of exchange.markets) {
          below += expectSame(market)
          const { markTicks } = market
          for (const permille of [-300, -40, -12, -3, 3, 12, 40, 300]) {
            market.markTicks = Math.round((markTicks * (1_000 + permille)) / 1_000)
            below += expectSame(market)
          }
          market.markTicks = markTicks
        }
        for (const { holdings } of exchange.accounts) {
          const held = [...holdings.values()].filter((holding) => holding.sizeLots !== 0)
          if (held.filter((holding) => holding.isCross).length > 1) manyPositions += 1
          if (held.some((holding) => !holding.isCross)) isolated += 1
        }
      }
      expect(conservation(exchange)).toBe(0)
    }),
    { numRuns: 60 },
  )
  expect(below).toBeGreaterThan(1_000)
  expect(manyPositions).toBeGreaterThan(100)
  expect(isolated).toBeGreaterThan(100)
})

/** Two accounts trade at the mark, as far as their margin allows. */
function trade(
  one: ReturnType<typeof world>,
  what: { account: string; other: string; assetId: number; isBuy: boolean; thousands: number },
): void {
  const market = one.exchange.marketByAssetId.get(what.assetId)
  if (market === undefined || !ASSETS.includes(what.assetId)) return
  const step = what.assetId === FLX_GOLD ? 100 : 10
  const priceTicks = Math.round(market.markTicks / step) * step
  const sizeLots = Math.max(1, Math.round((what.thousands * 1_000 * DOLLAR) / priceTicks))
  const order = { assetId: what.assetId, priceTicks, sizeLots }
  one.place(what.other, { ...order, side: what.isBuy ? 'sell' : 'buy', tif: 'Gtc' })
  one.place(what.account, { ...order, side: what.isBuy ? 'buy' : 'sell', tif: 'Ioc' })
}

test('a heap keeps its order and its places whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), (steps) => {
      const one = world(3_000, {}, SPEC)
      for (const what of steps) if ('thousands' in what) trade(one, what)
      one.wait(70)
      for (const market of one.exchange.markets) {
        const listed = [...market.riskLongs, ...market.riskShorts]
        expect(listed.length).toBe(market.holders.filter((holding) => !holding.account.isBackstop).length)
        for (const [heap, sign] of [
          [market.riskLongs, 1],
          [market.riskShorts, -1],
        ] as const) {
          for (const [place, holding] of heap.entries()) {
            expect(holding.riskPlace).toBe(place)
            expect(Math.sign(holding.sizeLots)).toBe(sign)
            const above = heap[(place - 1) >> 1] ?? holding
            expect(sign * above.riskTicks).toBeGreaterThanOrEqual(sign * holding.riskTicks)
          }
        }
      }
    }),
    { numRuns: 50 },
  )
})
