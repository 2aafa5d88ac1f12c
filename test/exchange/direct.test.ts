import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cancelDirect, placeDirect } from '../../src/exchange/direct.ts'
import { conservation, fullStateHash, stateHash } from '../../src/exchange/exchange.ts'
import { EventCollector } from '../../src/exchange/collector.ts'
import { ALICE, BOB, BTC, CAROL, DAVE, ETH, orderOf, world } from '../support/exchange-world.ts'

const ACCOUNTS = [ALICE, BOB, CAROL, DAVE]

const order = fc.record({
  account: fc.integer({ min: 0, max: 3 }),
  market: fc.integer({ min: 0, max: 1 }),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  steps: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -5, max: 5 }) },
    { arbitrary: fc.constantFrom(-90_000, 0.05), weight: 1 },
  ),
  sizeLots: fc.integer({ min: 0, max: 4_000 }),
  reduceOnly: fc.integer({ min: 0, max: 4 }).map((one) => one === 0),
  tif: fc.constantFrom('Gtc' as const, 'Gtc' as const, 'Alo' as const, 'Ioc' as const),
})
const cancel = fc.record({
  account: fc.integer({ min: 0, max: 3 }),
  market: fc.integer({ min: 0, max: 1 }),
  back: fc.integer({ min: -1, max: 20 }),
})

test('orders and cancels as numbers are the same commands: same events, answers, hash and state', () => {
  let tradeCount = 0
  let refusedCount = 0
  fc.assert(
    fc.property(
      fc.array(fc.oneof(order, order, cancel), { minLength: 1, maxLength: 60, size: 'max' }),
      (steps) => {
        const told = world(5_000)
        const direct = world(5_000)
        const sink = new EventCollector()
        direct.exchange.sink = sink
        const before = told.events.length
        for (const one of steps) {
          const assetId = [BTC, ETH][one.market] ?? BTC
          const account = ACCOUNTS[one.account] ?? ALICE
          if ('back' in one) {
            const oid = told.exchange.oidLast - one.back
            const answer = told.act(account, { kind: 'cancel', cancels: [{ assetId, ref: { oid } }] })
            const done = cancelDirect(direct.exchange, one.account, one.market, oid)
            expect(answer.kind === 'cancels' && answer.answers[0]?.kind === 'success').toBe(done)
            continue
          }
          const priceTicks = ([950_000, 300_000][one.market] ?? 0) + one.steps * 10
          const { side, sizeLots, tif, reduceOnly } = one
          const answer = told.place(
            account,
            orderOf({ assetId, side, priceTicks, sizeLots, tif, reduceOnly }),
          )
          const oid = placeDirect(
            direct.exchange,
            one.account,
            one.market,
            side === 'buy',
            priceTicks,
            sizeLots,
            tif,
            reduceOnly,
          )
          expect(oid).toBe(answer.kind === 'error' ? 0 : answer.oid)
          expect(direct.exchange.outcome.kind).toBe(answer.kind)
          if (answer.kind === 'error') {
            refusedCount += 1
            expect(direct.exchange.outcome.text).toBe(answer.text)
          }
          if (answer.kind === 'filled') expect(direct.exchange.outcome.totalLots).toBe(answer.totalLots)
        }
        expect(sink.events).toEqual(told.events.slice(before))
        expect(stateHash(direct.exchange)).toBe(stateHash(told.exchange))
        expect(fullStateHash(direct.exchange)).toBe(fullStateHash(told.exchange))
        expect(conservation(direct.exchange)).toBe(0)
        tradeCount += told.trades().length
      },
    ),
    { numRuns: 100 },
  )
  expect(tradeCount).toBeGreaterThan(40)
  expect(refusedCount).toBeGreaterThan(40)
})

test('an account or market that is not there is a bug of the caller', () => {
  const { exchange } = world()
  expect(() => placeDirect(exchange, 99, 0, true, 950_000, 100, 'Gtc', false)).toThrow(/by their places/)
  expect(() => cancelDirect(exchange, 0, 99, 1)).toThrow(/by their places/)
})
