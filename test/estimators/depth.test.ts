import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { thinnerDepthUsd } from '../../estimators/depth.ts'
import { applySnapshot, initBook } from '../../src/core/book/l2-book.ts'
import type { L2Book } from '../../src/core/book/l2-book.ts'

function bookOf(bids: readonly number[], asks: readonly number[]): L2Book {
  const book = initBook()
  expect(applySnapshot(book, { kind: 'book', venueTsMs: 5, bids, asks })).toBe('applied')
  return book
}

describe('depth', () => {
  // Mid 640 000 ticks: 5 bps are 320 ticks. A tick times a lot is a micro-dollar.
  const book = bookOf([639_990, 3_000, 639_700, 2_000, 639_600, 90_000], [640_010, 4_000, 640_300, 5_000])

  test('is the value within reach on the thinner side, dollars', () => {
    expect(thinnerDepthUsd(book, 5)).toBeCloseTo((639_990 * 3_000 + 639_700 * 2_000) / 1e6, 6)
  })

  test('grows with the reach until the other side is the thinner one', () => {
    expect(thinnerDepthUsd(book, 0.2)).toBeCloseTo((639_990 * 3_000) / 1e6, 6)
    expect(thinnerDepthUsd(book, 50)).toBeCloseTo((640_010 * 4_000 + 640_300 * 5_000) / 1e6, 6)
  })

  test('is the plain sum over the levels within reach, however many they are', () => {
    const side = fc.array(
      fc.record({ step: fc.integer({ min: 1, max: 60 }), lots: fc.integer({ min: 1, max: 1e7 }) }),
      {
        minLength: 1,
        maxLength: 20,
      },
    )
    fc.assert(
      fc.property(side, side, fc.double({ min: 0.1, max: 20, noNaN: true }), (below, above, withinBps) => {
        const flatOf = (levels: typeof below, direction: 1 | -1): number[] => {
          let ticks = 640_000
          return levels.flatMap(({ step, lots }) => [(ticks += direction * step), lots])
        }
        const [bids, asks] = [flatOf(below, -1), flatOf(above, 1)]
        const mid = ((bids[0] ?? 0) + (asks[0] ?? 0)) / 2
        const within = (flat: readonly number[]): number =>
          flat.reduce((sum, ticks, at) => {
            const isWithin = at % 2 === 0 && Math.abs(ticks - mid) <= mid * withinBps * 1e-4
            return isWithin ? sum + ticks * (flat[at + 1] ?? 0) : sum
          }, 0)
        expect(thinnerDepthUsd(bookOf(bids, asks), withinBps)).toBe(
          Math.min(within(bids), within(asks)) / 1e6,
        )
      }),
    )
  })
})
