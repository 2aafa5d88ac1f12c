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
})
