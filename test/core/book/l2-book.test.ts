import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  applySnapshot,
  applyTouch,
  BOOK_LEVELS_MAX,
  initBook,
  midOf,
} from '../../../src/core/book/l2-book.ts'
import type { L2Book } from '../../../src/core/book/l2-book.ts'

const levels = fc.uniqueArray(fc.integer({ min: 2, max: 90 }), { minLength: 0, maxLength: 20 })
const lots = fc.integer({ min: 2, max: 900 })

function sideOf(book: L2Book, side: 'bids' | 'asks'): [number, number][] {
  const { first, ticks, lots: sizes, count } = book[side]
  return Array.from({ length: count }, (_, index) => [ticks[first + index] ?? 0, sizes[first + index] ?? 0])
}

function snapshotOf(bids: readonly number[], asks: readonly number[], venueTsMs: number) {
  const flat = (list: readonly number[]): number[] => list.flatMap((ticks) => [ticks, 5])
  return { kind: 'book' as const, venueTsMs, bids: flat(bids), asks: flat(asks) }
}

describe('the L2 book', () => {
  test('a touch moves the inner edge as an obvious list would', () => {
    fc.assert(
      fc.property(
        levels,
        levels,
        fc.integer({ min: 3, max: 180 }),
        fc.integer({ min: 1, max: 40 }),
        lots,
        lots,
        (below, above, bid, gap, bidLots, askLots) => {
          const bids = [...below].sort((a, b) => b - a)
          const asks = above.map((ticks) => ticks + 91).sort((a, b) => a - b)
          const book = initBook()
          expect(applySnapshot(book, snapshotOf(bids, asks, 7))).toBe('applied')
          const ask = bid + gap
          const touch = {
            kind: 'touch' as const,
            venueTsMs: 9,
            bidTicks: bid,
            bidLots,
            askTicks: ask,
            askLots,
          }
          expect(applyTouch(book, touch)).toBe('applied')
          const expectedBids = [[bid, bidLots], ...bids.filter((t) => t < bid).map((t) => [t, 5])]
          const expectedAsks = [[ask, askLots], ...asks.filter((t) => t > ask).map((t) => [t, 5])]
          expect(sideOf(book, 'bids')).toEqual(expectedBids)
          expect(sideOf(book, 'asks')).toEqual(expectedAsks)
          expect(midOf(book)).toBe((bid + ask) / 2)
        },
      ),
    )
  })

  test('many touches between two snapshots do to it what they do to an obvious list, and to its worth', () => {
    const touch = fc.record({
      bid: fc.integer({ min: 3, max: 120 }),
      gap: fc.integer({ min: 1, max: 9 }),
      bidLots: fc.oneof({ weight: 12, arbitrary: lots }, fc.constant(0)),
      askLots: fc.oneof({ weight: 12, arbitrary: lots }, fc.constant(0)),
    })
    fc.assert(
      fc.property(levels, levels, fc.array(touch, { maxLength: 150 }), (below, above, touches) => {
        const bids = [...below].sort((a, b) => b - a)
        const asks = above.map((ticks) => ticks + 91).sort((a, b) => a - b)
        const book = initBook()
        applySnapshot(book, snapshotOf(bids, asks, 7))
        let expected = [bids, asks].map((side) => side.map((ticks): [number, number] => [ticks, 5]))
        for (const { bid, gap, bidLots, askLots } of touches) {
          const ask = bid + gap
          const message = { venueTsMs: 9, bidTicks: bid, bidLots, askTicks: ask, askLots }
          expect(applyTouch(book, { kind: 'touch', ...message })).toBe('applied')
          const [before = [], beforeAsks = []] = expected
          const inward = (ticks: number): boolean => askLots === 0 || ticks < ask
          const outward = (ticks: number): boolean => bidLots === 0 || ticks > bid
          const bidsNow = [[bid, bidLots] as [number, number], ...before.filter(([ticks]) => ticks < bid)]
          const asksNow = [[ask, askLots] as [number, number], ...beforeAsks.filter(([ticks]) => ticks > ask)]
          expected = [
            bidLots === 0 ? [] : bidsNow.slice(0, BOOK_LEVELS_MAX).filter(([ticks]) => inward(ticks)),
            askLots === 0 ? [] : asksNow.slice(0, BOOK_LEVELS_MAX).filter(([ticks]) => outward(ticks)),
          ]
          expect([sideOf(book, 'bids'), sideOf(book, 'asks')]).toEqual(expected)
          const worth = expected.map((side) => side.reduce((sum, [ticks, sizes]) => sum + ticks * sizes, 0))
          expect([book.bids.valueMicroUsd, book.asks.valueMicroUsd]).toEqual(worth)
        }
      }),
    )
  })

  test.each([1, -1])(
    'a price that runs without a snapshot keeps the best levels (direction %i)',
    (direction) => {
      const book = initBook()
      applySnapshot(book, snapshotOf([1_000, 990], [1_003, 1_010], 7))
      for (let step = 1; step <= 200; step += 1) {
        const bidTicks = 1_000 + direction * step
        const touch = { venueTsMs: 9, bidTicks, bidLots: step, askTicks: bidTicks + 3, askLots: step + 1 }
        applyTouch(book, { kind: 'touch', ...touch })
        const [followed, left] = direction === 1 ? [book.bids, book.asks] : [book.asks, book.bids]
        const behind = sideOf(book, direction === 1 ? 'bids' : 'asks')
        // The two of the snapshot go last; the side that the price runs into has no more than its touch and what lies behind it.
        expect(followed.count).toBe(Math.min(step + 2, BOOK_LEVELS_MAX))
        expect(behind.map(([ticks]) => ticks).slice(0, step)).toEqual(
          Array.from({ length: Math.min(step, BOOK_LEVELS_MAX) }, (_, back) =>
            direction === 1 ? bidTicks - back : bidTicks + 3 + back,
          ),
        )
        expect(followed.valueMicroUsd).toBe(behind.reduce((sum, [ticks, sizes]) => sum + ticks * sizes, 0))
        expect(left.count).toBeLessThanOrEqual(3)
      }
    },
  )

  test('an older message changes nothing and a crossed one is refused', () => {
    const book = initBook()
    applySnapshot(book, snapshotOf([50], [60], 100))
    expect(applySnapshot(book, snapshotOf([40], [70], 99))).toBe('older')
    expect(applySnapshot(book, snapshotOf([60], [60], 101))).toBe('crossed')
    expect(sideOf(book, 'bids')).toEqual([[50, 5]])
  })

  test('an empty side in a touch empties the side', () => {
    const book = initBook()
    applySnapshot(book, snapshotOf([50, 40], [60], 100))
    applyTouch(book, { kind: 'touch', venueTsMs: 101, bidTicks: 0, bidLots: 0, askTicks: 60, askLots: 3 })
    expect(book.bids.count).toBe(0)
    expect(sideOf(book, 'asks')).toEqual([[60, 3]])
  })
})
