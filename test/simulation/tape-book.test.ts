/** The rebuilt book: against a plain map, and at the borders between streams. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyDepth, applyTouch, initTapeBook, isSound, midE8Of } from '../../src/simulation/tape-book.ts'
import type { TapeSide } from '../../src/simulation/tape-book.ts'
import type { TapeDepth, TapeTouch } from '../../src/simulation/tape.ts'

const depth = (updateId: number, bids: number[], asks: number[], isSnapshot = false): TapeDepth => ({
  kind: 'depth',
  tsMs: 0,
  isSnapshot,
  updateId,
  bids,
  asks,
})
const touch = (updateId: number, bidE8: number, askE8: number): TapeTouch => ({
  kind: 'touch',
  tsMs: 0,
  updateId,
  bidE8,
  bidSizeE8: 11,
  askE8,
  askSizeE8: 12,
})

/** Best first, [price, size]. */
function levelsOf(side: TapeSide): number[][] {
  return side.keys.map((key, index) => [key * side.sign, side.sizesE8[index] ?? NaN]).reverse()
}

describe('tape book', () => {
  test('holds what a map of the same changes holds, best first', () => {
    const change = fc.tuple(fc.integer({ min: 1, max: 400 }), fc.constantFrom(0, 5, 7))
    fc.assert(
      fc.property(
        fc.array(fc.array(change, { maxLength: 16 }), { maxLength: 30, size: 'max' }),
        (batches) => {
          const book = initTapeBook()
          const levels = new Map<number, number>()
          for (const [index, batch] of batches.entries()) {
            applyDepth(book, depth(index + 1, batch.flat(), batch.flat()))
            for (const [price, size] of batch) {
              if (size === 0) levels.delete(price)
              else levels.set(price, size)
            }
          }
          const ascending = [...levels].sort((left, right) => left[0] - right[0])
          expect(levelsOf(book.asks)).toEqual(ascending)
          expect(levelsOf(book.bids)).toEqual(ascending.toReversed())
        },
      ),
    )
  })

  test('a touch removes what is better than it and sets its own level', () => {
    const book = initTapeBook()
    applyDepth(book, depth(10, [98, 1, 99, 2, 101, 3], [99, 4, 102, 5, 103, 6]))
    expect(isSound(book)).toBe(false)
    applyTouch(book, touch(11, 99, 102))
    expect(levelsOf(book.bids)).toEqual([
      [99, 11],
      [98, 1],
    ])
    expect(levelsOf(book.asks)).toEqual([
      [102, 12],
      [103, 6],
    ])
    expect(isSound(book)).toBe(true)
    expect(midE8Of(book)).toBe(100.5)
  })

  test('a depth change older than the touch does not put levels in front of it', () => {
    const book = initTapeBook()
    applyTouch(book, touch(50, 99, 102))
    applyDepth(book, depth(40, [100, 3, 97, 4], [101, 3]))
    expect(levelsOf(book.bids)).toEqual([
      [99, 11],
      [97, 4],
    ])
    expect(levelsOf(book.asks)).toEqual([[102, 12]])
  })

  test('a touch older than the depth is left out, and so is a crossed one', () => {
    const book = initTapeBook()
    applyDepth(book, depth(60, [100, 3], [101, 3]))
    applyTouch(book, touch(50, 99, 102))
    applyTouch(book, touch(70, 102, 102))
    expect(levelsOf(book.bids)).toEqual([[100, 3]])
  })

  test('a newer snapshot replaces everything, an older one only fills in', () => {
    const book = initTapeBook()
    applyDepth(book, depth(60, [100, 3, 90, 9], [101, 3]))
    applyDepth(book, depth(55, [100, 8, 95, 5], [105, 6], true))
    expect(levelsOf(book.bids)).toEqual([
      [100, 3],
      [95, 5],
      [90, 9],
    ])
    applyDepth(book, depth(65, [99, 1], [102, 2], true))
    expect(levelsOf(book.bids)).toEqual([[99, 1]])
    expect(levelsOf(book.asks)).toEqual([[102, 2]])
    applyDepth(book, depth(64, [99, 0], []))
    expect(levelsOf(book.bids)).toEqual([[99, 1]])
  })

  test('an empty book is not sound', () => {
    expect(isSound(initTapeBook())).toBe(false)
  })
})
