import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applySnapshot, applyTouch, initBook, midOf } from '../../../src/core/book/l2-book.ts'
import type { L2Book } from '../../../src/core/book/l2-book.ts'

const levels = fc.uniqueArray(fc.integer({ min: 2, max: 90 }), { minLength: 0, maxLength: 20 })
const lots = fc.integer({ min: 2, max: 900 })

function sideOf(book: L2Book, side: 'bids' | 'asks'): [number, number][] {
  const { ticks, lots: sizes, count } = book[side]
  return Array.from({ length: count }, (_, index) => [ticks[index] ?? 0, sizes[index] ?? 0])
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
