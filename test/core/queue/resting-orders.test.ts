import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BookInput, TouchInput, TradeInput } from '../../../src/core/input.ts'
import {
  addResting,
  initRestingOrders,
  removeResting,
  takeMarket,
} from '../../../src/core/queue/resting-orders.ts'
import type { RestingFill } from '../../../src/core/queue/resting-orders.ts'
import type { QueueModel } from '../../../src/core/queue/queue-models.ts'

const bookAt = (venueTsMs: number, bids: number[], asks: number[]): BookInput => ({
  kind: 'book',
  venueTsMs,
  bids,
  asks,
})
const sale = (venueTsMs: number, priceTicks: number, sizeLots: number): TradeInput => ({
  ...{ kind: 'trade', venueTsMs, tid: venueTsMs, aggressor: 'sell', priceTicks, sizeLots },
})
const touchAt = (
  venueTsMs: number,
  bidTicks: number,
  bidLots: number,
  askTicks: number,
  askLots: number,
): TouchInput => ({
  ...{ kind: 'touch', venueTsMs, bidTicks, bidLots, askTicks, askLots },
})

function openWith(
  name: 'pessimistic' | 'proportional' | 'optimistic',
  ...bids: [id: string, ticks: number, lots: number][]
) {
  const resting = initRestingOrders({ name })
  takeMarket(resting, bookAt(100, [500, 20, 490, 30], [510, 25]))
  for (const [id, priceTicks, sizeLots] of bids)
    addResting(resting, { id, side: 'buy', priceTicks, sizeLots, joinTsMs: 105 })
  return resting
}
const lotsOf = (fills: readonly RestingFill[]): [string, number][] =>
  fills.map(({ id, sizeLots }) => [id, sizeLots])

describe('orders that rest on paper', () => {
  test('a print fills what reaches past the queue ahead, the older order first, and the rest waits', () => {
    const resting = openWith('pessimistic', ['a', 500, 7], ['b', 500, 9])
    expect(lotsOf(takeMarket(resting, sale(110, 500, 24)))).toEqual([['a', 4]])
    expect(lotsOf(takeMarket(resting, sale(120, 500, 8)))).toEqual([
      ['a', 3],
      ['b', 5],
    ])
    expect(removeResting(resting, 'a')).toBeNull()
    expect(removeResting(resting, 'b')).toBe(4)
  })

  test('a print behind our price fills us before anybody there', () => {
    const resting = openWith('pessimistic', ['far', 490, 6], ['near', 495, 5])
    expect(lotsOf(takeMarket(resting, sale(110, 490, 33)))).toEqual([['near', 5]])
    expect(lotsOf(takeMarket(resting, sale(120, 490, 9)))).toEqual([['far', 6]])
  })

  test('a book that shows the other side at our price fills no more than it shows, once', () => {
    const resting = openWith('pessimistic', ['a', 500, 11])
    expect(lotsOf(takeMarket(resting, touchAt(110, 480, 5, 500, 8)))).toEqual([['a', 8]])
    expect(lotsOf(takeMarket(resting, touchAt(111, 481, 5, 500, 8)))).toEqual([])
    expect(lotsOf(takeMarket(resting, touchAt(112, 481, 5, 500, 9)))).toEqual([['a', 1]])
  })

  test('what happened before the order arrived does not fill it, and books from before put everything ahead of it', () => {
    const resting = openWith('optimistic', ['a', 500, 11])
    expect(takeMarket(resting, sale(105, 500, 90))).toEqual([])
    takeMarket(resting, bookAt(104, [500, 45], [510, 25]))
    expect(resting.orders[0]?.place?.aheadLots).toBe(45)
    takeMarket(resting, bookAt(106, [500, 60], [510, 25]))
    expect(resting.orders[0]?.place?.aheadLots).toBe(45)
  })

  test('a touch says nothing of the levels behind it', () => {
    const resting = openWith('optimistic', ['deep', 490, 4])
    takeMarket(resting, touchAt(110, 500, 3, 510, 25))
    expect(resting.orders[0]?.place?.aheadLots).toBe(30)
    takeMarket(resting, touchAt(111, 490, 12, 510, 25))
    expect(resting.orders[0]?.place?.aheadLots).toBe(12)
  })

  test('behind the last level that the venue shows, nothing is known, and all of it is ahead once it shows', () => {
    const resting = initRestingOrders({ name: 'optimistic' })
    const bids = Array.from({ length: 20 }, (_, index) => [500 - 3 * index, 10]).flat()
    takeMarket(resting, bookAt(100, bids, [510, 25]))
    addResting(resting, { id: 'a', side: 'buy', priceTicks: 400, sizeLots: 5, joinTsMs: 105 })
    expect(resting.orders[0]?.place).toBeNull()
    takeMarket(resting, bookAt(110, [402, 3, 400, 17], [510, 25]))
    expect(resting.orders[0]?.place?.aheadLots).toBe(17)
  })

  test('over all orders, prints fill no more than their size, and the models stay in order', () => {
    const order = fc.record({
      ticks: fc.integer({ min: 495, max: 500 }),
      lots: fc.integer({ min: 1, max: 40 }),
    })
    const event = fc.oneof(
      fc.record({
        kind: fc.constant('sale' as const),
        ticks: fc.integer({ min: 494, max: 500 }),
        lots: fc.integer({ min: 1, max: 80 }),
      }),
      fc.record({
        kind: fc.constant('book' as const),
        lots: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 6, maxLength: 6 }),
      }),
    )
    fc.assert(
      fc.property(
        fc.array(order, { minLength: 1, maxLength: 5 }),
        fc.array(event, { maxLength: 30 }),
        (orders, events) => {
          const run = (model: QueueModel): number[] => {
            const resting = initRestingOrders(model)
            const bookOf = (tsMs: number, lots: readonly number[]): BookInput =>
              bookAt(
                tsMs,
                lots.flatMap((size, index) => [500 - index, size]),
                [510, 25],
              )
            takeMarket(resting, bookOf(0, [20, 30, 40, 50, 60, 70]))
            orders.forEach(({ ticks, lots }, index) => {
              addResting(resting, {
                id: `${index}`,
                side: 'buy',
                priceTicks: ticks,
                sizeLots: lots,
                joinTsMs: 1,
              })
            })
            const filled = orders.map(() => 0)
            events.forEach((one, index) => {
              const tsMs = 2 + 3 * index
              const input = one.kind === 'sale' ? sale(tsMs, one.ticks, one.lots) : bookOf(tsMs, one.lots)
              const fills = takeMarket(resting, input)
              const sum = fills.reduce((total, fill) => total + fill.sizeLots, 0)
              expect(sum).toBeLessThanOrEqual(one.kind === 'sale' ? one.lots : 0)
              for (const { id, sizeLots } of fills) filled[Number(id)] = (filled[Number(id)] ?? 0) + sizeLots
            })
            return filled
          }
          const [least, middle, most] = [
            run({ name: 'pessimistic' }),
            run({ name: 'power', exponent: 3 }),
            run({ name: 'optimistic' }),
          ]
          middle.forEach((lots, index) => {
            expect(lots).toBeGreaterThanOrEqual(least[index] ?? NaN)
            expect(lots).toBeLessThanOrEqual(most[index] ?? NaN)
          })
        },
      ),
    )
  })
})
