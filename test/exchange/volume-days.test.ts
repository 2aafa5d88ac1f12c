import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createExchange } from '../../src/exchange/exchange.ts'
import { countMaker, countTaker, rolledDays } from '../../src/exchange/fees.ts'
import { accountFor } from '../../src/exchange/genesis.ts'
import { ALICE, SPEC, START_MS } from '../support/exchange-world.ts'

const DAYS_KEPT = 15

test('the volume of each of the last fifteen days is what was counted on it, however long nobody traded or looked', () => {
  const step = fc.record({
    daysLater: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 }), fc.integer({ min: 13, max: 17 })),
    isTaker: fc.boolean(),
    microUsd: fc.integer({ min: 1, max: 2 ** 40 }),
    looks: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const exchange = createExchange(SPEC, { startTsMs: START_MS })
      const account = accountFor(exchange, ALICE)
      const counted = new Map<number, { takerMicroUsd: number; makerMicroUsd: number }>()
      for (const { daysLater, isTaker, microUsd, looks } of steps) {
        exchange.day += daysLater
        const { day } = exchange
        const known = counted.get(day) ?? { takerMicroUsd: 0, makerMicroUsd: 0 }
        counted.set(day, known)
        if (isTaker) countTaker(exchange, account, microUsd)
        else countMaker(account, day, microUsd)
        known[isTaker ? 'takerMicroUsd' : 'makerMicroUsd'] += microUsd
        if (!looks) continue
        const expected = Array.from({ length: DAYS_KEPT }, (_, index) => {
          const back = day - (DAYS_KEPT - 1) + index
          return { day: back, ...(counted.get(back) ?? { takerMicroUsd: 0, makerMicroUsd: 0 }) }
        })
        expect(rolledDays(exchange, account.volume)).toEqual(expected)
      }
    }),
  )
})
