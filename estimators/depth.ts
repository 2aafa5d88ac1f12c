/**
 * How much rests near the mid: value within `withinBps` on each side, dollars.
 *
 * in      the L2 book
 * out     dollars on the thinner side; what the venue does not show (beyond 20 levels) counts as absent
 * state   none; either the levels within are added up, or those beyond are taken off what the book says the side is worth: whichever
 *         are fewer. Whole micro-dollars, so both give the same
 */
import { assert } from '../src/core/assert.ts'
import { midOf } from '../src/core/book/l2-book.ts'
import type { L2Book } from '../src/core/book/l2-book.ts'
import { BPS, MICRO_USD_PER_USD } from '../src/core/units.ts'

/** Needs a two-sided book. @param withinBps distance from the mid, > 0 */
export function thinnerDepthUsd(book: L2Book, withinBps: number): number {
  assert(withinBps > 0, 'depth: withinBps is positive')
  const mid = midOf(book)
  const reachTicks = mid * withinBps * BPS
  let thinnerMicroUsd = Infinity
  // Both sides in one loop: a sum that a call gives back is an object of its own, at every tick.
  for (let side = book.bids; ; side = book.asks) {
    const { first, count, ticks, lots } = side
    const end = first + count
    // The first level beyond: the middle one tells from which end it is nearer.
    const isMostWithin = Math.abs((ticks[first + (count >> 1)] ?? 0) - mid) <= reachTicks
    let microUsd = isMostWithin ? side.valueMicroUsd : 0
    if (isMostWithin) {
      for (let level = end - 1; level >= first; level -= 1) {
        const priceTicks = ticks[level] ?? 0
        if (Math.abs(priceTicks - mid) <= reachTicks) break
        microUsd -= priceTicks * (lots[level] ?? 0)
      }
    } else {
      for (let level = first; level < end; level += 1) {
        const priceTicks = ticks[level] ?? 0
        if (Math.abs(priceTicks - mid) > reachTicks) break
        microUsd += priceTicks * (lots[level] ?? 0)
      }
    }
    thinnerMicroUsd = Math.min(thinnerMicroUsd, microUsd)
    if (side === book.asks) return thinnerMicroUsd / MICRO_USD_PER_USD
  }
}
