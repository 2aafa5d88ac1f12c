import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { cancelDirect, placeDirect } from '../../src/exchange/direct.ts'
import { conservation, fullStateHash, stateHash, type Exchange } from '../../src/exchange/exchange.ts'
import { EventCollector } from '../../src/exchange/collector.ts'
import { freeMargin } from '../../src/exchange/margin.ts'
import { DOLLAR, BTC, SPEC, specWith, world } from '../support/exchange-world.ts'

/** Several seconds of work, a minute on a busy machine. */
vi.setConfig({ testTimeout: 180_000 })

/** So thin that orders of the test run into the margin, a tier and a cap. */
const NARROW = specWith(BTC, {
  marginTiers: [
    { lowerBoundMicroUsd: 0, maxLeverage: 40 },
    { lowerBoundMicroUsd: 90_000 * DOLLAR, maxLeverage: 10 },
  ],
  openInterestCapMicroUsd: 160_000 * DOLLAR,
})

const order = fc.record({
  account: fc.integer({ min: 0, max: 3 }),
  market: fc.integer({ min: 0, max: 3 }),
  isBuy: fc.boolean(),
  steps: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: -30, max: 30 }) },
    { weight: 1, arbitrary: fc.constantFrom(-80_000, -60_000, 45_000, 60_000, 0.5, 5_100, 4_999) },
  ),
  sizeLots: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 8, max: 60_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1, 10.5, -5, 2_000_000, NaN) },
  ),
  tif: fc.constantFrom('Gtc' as const, 'Gtc' as const, 'Gtc' as const, 'Alo' as const, 'Ioc' as const),
})
const cancel = fc.record({ account: fc.integer({ min: 0, max: 3 }), back: fc.integer({ min: 0, max: 20 }) })
const oracle = fc.record({
  moved: fc.integer({ min: 0, max: 3 }),
  permille: fc.integer({ min: -15, max: 15 }),
})
const pause = fc.constant({ waitMs: 70 })

/** An account that remembers no market takes the way of the rules. */
function forgetRecent(exchange: Exchange): void {
  for (const account of exchange.accounts) account.recent = null
}

function creditOf(exchange: Exchange, account: number, market: number): number {
  const dexIndex = exchange.markets[market]?.instrument.dexIndex ?? 0
  return exchange.accounts[account]?.purses[dexIndex]?.creditMicroUsd ?? -1
}

/** Credits that stand and promise more than the exact sum leaves free. */
function overdrawn(exchange: Exchange): number {
  let count = 0
  for (const { purses } of exchange.accounts) {
    for (const purse of purses) {
      if (purse === null || purse.creditEpoch !== purse.dex.markEpoch || purse.creditMicroUsd < 0) continue
      if (purse.creditMicroUsd > freeMargin(purse)) count += 1
    }
  }
  return count
}

test('what bounds let pass at once, the rules would have let pass: same answers, events, hash and state', () => {
  let shortCount = 0
  let refusedCount = 0
  const step = fc.oneof(
    { weight: 12, arbitrary: order },
    { weight: 5, arbitrary: cancel },
    { weight: 1, arbitrary: oracle },
    { weight: 1, arbitrary: pause },
  )
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }),
      fc.boolean(),
      (steps, isNarrow) => {
        const one = world(3_000, {}, isNarrow ? NARROW : SPEC)
        const ruled = world(3_000, {}, isNarrow ? NARROW : SPEC)
        const [sink, ruledSink] = [new EventCollector(), new EventCollector()]
        one.exchange.sink = sink
        ruled.exchange.sink = ruledSink
        for (const what of steps) {
          if ('waitMs' in what) for (const each of [one, ruled]) each.wait(what.waitMs)
          else if ('moved' in what) {
            const market = one.exchange.markets[what.moved]
            if (market === undefined) continue
            const oracleTicks = Math.round((market.oracleTicks * (1_000 + what.permille)) / 1_000)
            for (const each of [one, ruled]) {
              each.run({ kind: 'oracle', assetId: market.instrument.assetId, oracleTicks })
            }
          } else if ('back' in what) {
            const oid = one.exchange.oidLast - what.back
            const done = [one, ruled].map(({ exchange }) => cancelDirect(exchange, what.account, 0, oid))
            expect(done[0]).toBe(done[1])
          } else {
            const { account, market, isBuy, sizeLots, tif } = what
            const step = one.exchange.markets[market]?.book.bounds.stepTicks ?? 10
            const mark = one.exchange.markets[market]?.markTicks ?? 1
            const near = Number.isNaN(step) ? 10 : step
            const priceTicks = Math.round(mark / near) * near + what.steps * near
            forgetRecent(ruled.exchange)
            const before = creditOf(one.exchange, account, market)
            const args = [account, market, isBuy, priceTicks, sizeLots, tif, false] as const
            const oid = placeDirect(one.exchange, ...args)
            expect(placeDirect(ruled.exchange, ...args)).toBe(oid)
            expect(one.exchange.outcome).toEqual(ruled.exchange.outcome)
            if (oid === 0) refusedCount += 1
            const after = creditOf(one.exchange, account, market)
            if (before >= 0 && after >= 0 && after < before) shortCount += 1
          }
          expect(overdrawn(one.exchange)).toBe(0)
        }
        expect(sink.events).toEqual(ruledSink.events)
        expect(stateHash(one.exchange)).toBe(stateHash(ruled.exchange))
        expect(fullStateHash(one.exchange)).toBe(fullStateHash(ruled.exchange))
        expect(conservation(one.exchange)).toBe(0)
      },
    ),
    { numRuns: 80 },
  )
  expect(shortCount).toBeGreaterThan(200)
  expect(refusedCount).toBeGreaterThan(200)
})
