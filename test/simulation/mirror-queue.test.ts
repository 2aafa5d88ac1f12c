import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cancelledAhead, parseQueueModel } from '../../src/core/queue/queue-models.ts'
import type { QueueModel } from '../../src/core/queue/queue-models.ts'
import { initMirror } from '../../src/simulation/mirror-state.ts'
import type { Mirror, MirrorLevel } from '../../src/simulation/mirror-state.ts'
import { isAheadOfForeign, segmentsOf } from '../../src/simulation/mirror-queue.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'

const instrument = defaultVenue().instruments.find((one) => one.coin === 'BTC')
const PRICE_TICKS = 600_000

/** A level of mirrored orders with ids 10, 20, 30 … and foreign orders between them. */
function levelWith(
  queue: QueueModel,
  sizes: readonly number[],
  foreignOids: readonly number[],
): [Mirror, MirrorLevel] {
  if (instrument === undefined) throw new Error('BTC is traded')
  const mirror = initMirror({ instrument, maker: '0xa', taker: '0xb', levelCountMax: 5, queue })
  mirror.foreign.buy.set(PRICE_TICKS, [...foreignOids])
  const orders = sizes.map((remainingLots, index) => ({
    cloid: `${index}`,
    oid: (index + 1) * 10,
    remainingLots,
  }))
  return [mirror, { side: 'buy', priceTicks: PRICE_TICKS, orders, lookWanted: 0 }]
}

const anyModel = fc
  .constantFrom('pessimistic', 'proportional', 'power:0.5', 'power:4', 'optimistic')
  .map((name) => {
    const model = parseQueueModel(name)
    if (model === null) throw new Error('the name is known')
    return model
  })

describe('a mirrored level that shrinks around orders of others', () => {
  test('loses exactly what it should, no part more than it has, and ahead of each other order what the model says', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(
        anyModel,
        sizes,
        fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 3 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (model, lots, places, share) => {
          const oids = places.map((place) => place * 10 + 5).sort((a, b) => a - b)
          const [mirror, level] = levelWith(model, lots, oids)
          const total = lots.reduce((sum, size) => sum + size, 0)
          const lost = Math.floor(share * total)
          const segments = segmentsOf(mirror, level, lost)
          expect(segments.reduce((sum, one) => sum + one.lostLots, 0)).toBe(lost)
          for (const { orders, lostLots } of segments) {
            expect(lostLots).toBeGreaterThanOrEqual(0)
            expect(lostLots).toBeLessThanOrEqual(orders.reduce((sum, order) => sum + order.remainingLots, 0))
          }
          for (const oid of oids) {
            const isAhead = (order: { readonly oid: number }): boolean => order.oid < oid
            const ahead = level.orders.filter(isAhead).reduce((sum, order) => sum + order.remainingLots, 0)
            const moved = segments
              .filter(({ orders }) => orders.some(isAhead))
              .reduce((sum, one) => sum + one.lostLots, 0)
            expect(Math.abs(moved - cancelledAhead(model, ahead, total - ahead, lost))).toBeLessThanOrEqual(
              1 + 1e-9,
            )
          }
        },
      ),
    )
  })

  test('knows which of its orders others stand behind', () => {
    const [mirror, level] = levelWith({ name: 'pessimistic' }, [3, 4, 7], [25])
    expect(level.orders.map((order) => isAheadOfForeign(mirror, level, order))).toEqual([true, true, false])
  })
})
