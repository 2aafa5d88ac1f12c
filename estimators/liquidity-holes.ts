/**
 * Holes in the ladder of the book: the widest stretch without an order on one side, beginning near the mid.
 *
 * in      one side of the L2 book
 * out     bps of the mid beyond one price step, ≥ 0; 0 is a ladder without a gap
 * state   none; one pass over at most 24 levels
 * source  docs/math/book.md
 *
 * Value within some distance says nothing of where it rests: a side with all of it at the far end gives way at once.
 */
import { assert } from '../src/core/assert.ts'
import type { BookSide } from '../src/core/book/l2-book.ts'
import { BPS } from '../src/core/units.ts'

/** Of the twenty levels that the venue shows. With fewer, the ladder really ends at the last one; with more, it may go on. */
const SHOWN_COUNT_MIN = 10

/** @param reachTicks how far from the mid a hole must begin, > 0. @param stepTicks distance of valid prices around the mid */
export function widestHoleBps(
  side: BookSide,
  midTicks: number,
  reachTicks: number,
  stepTicks: number,
): number {
  assert(midTicks > 0 && reachTicks > 0, 'holes: mid and reach are positive')
  const { first, count, ticks } = side
  if (count === 0) return 0
  const end = first + count
  let innerTicks = ticks[first] ?? 0
  if (Math.abs(innerTicks - midTicks) > reachTicks) return 0
  let widestTicks = stepTicks
  for (let place = first + 1; place < end && Math.abs(innerTicks - midTicks) <= reachTicks; place += 1) {
    const outerTicks = ticks[place] ?? 0
    const gapTicks = Math.abs(outerTicks - innerTicks)
    if (gapTicks > widestTicks) widestTicks = gapTicks
    innerTicks = outerTicks
  }
  if (count < SHOWN_COUNT_MIN) {
    // Behind the last level of all there is nothing any more.
    const beyondTicks = reachTicks - Math.abs(innerTicks - midTicks)
    if (beyondTicks > widestTicks) widestTicks = beyondTicks
  }
  return (widestTicks - stepTicks) / midTicks / BPS
}
