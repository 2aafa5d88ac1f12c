/**
 * The price of a quote as a sum of named terms that adds up exactly, and its place on the venue's grid.
 *
 * in      terms as fractions of the fair price, positive away from the market; the touch
 * out     a level: price in ticks, terms in whole micro-ticks; `touch` and `rounding` are filled in here
 *
 * Terms are rounded to micro-ticks one by one, and `rounding` takes the rest, so the sum is exact by construction;
 * it is asserted all the same.
 */
import { assert, isWhole } from '../../src/core/assert.ts'
import { MICRO_TICKS_PER_TICK, WATERFALL_TERMS } from '../../src/core/contracts.ts'
import type { DesiredLevel, WaterfallTerm } from '../../src/core/contracts.ts'
import type { Grid } from '../../src/core/units.ts'
import { snapAskUp, snapBidDown } from '../../src/core/units.ts'

/** One number per `WATERFALL_TERMS`, fractions of the fair price. */
export type Terms = Float64Array

export function initTerms(): Terms {
  return new Float64Array(WATERFALL_TERMS.length)
}

/** Place of each term in a `Terms` array. */
export const TERM: Readonly<Record<WaterfallTerm, number>> = Object.fromEntries(
  WATERFALL_TERMS.map((name, index) => [name, index]),
) as Record<WaterfallTerm, number>

export function sumTerms(terms: Terms): number {
  let sum = 0
  for (let index = 0; index < terms.length; index += 1) sum += terms[index] ?? 0
  return sum
}

/** What a quote must respect. Ticks; 0: that side of the book is empty. */
export interface Touch {
  readonly bestBidTicks: number
  readonly bestAskTicks: number
}

/**
 * Writes price and terms of one level. `terms` has everything but `touch` and `rounding`.
 * @returns false when no valid price is left: below one tick, or nothing between us and the opposite touch
 */
export function writeLevel(
  quote: 'bid' | 'ask',
  fairMicroTicks: number,
  terms: Terms,
  grid: Grid,
  touch: Touch,
  out: DesiredLevel,
): boolean {
  toMicroTicks(fairMicroTicks, terms, out.termsMicroTicks)
  return placeLevel(quote, fairMicroTicks, sumTerms(out.termsMicroTicks), grid, touch, out)
}

/** The terms in whole micro-ticks: what the levels of a side have in common. */
export function toMicroTicks(fairMicroTicks: number, terms: Terms, out: Float64Array): void {
  for (let index = 0; index < terms.length; index += 1) {
    const term = terms[index] ?? 0
    // Most terms are nothing most of the time.
    out[index] = term === 0 ? 0 : microTicksOf(fairMicroTicks, term)
  }
}

/** One term in whole micro-ticks. */
export function microTicksOf(fairMicroTicks: number, term: number): number {
  // Adding zero turns −0 into 0, which would otherwise print as −0 in a waterfall.
  return Math.round(term * (fairMicroTicks / MICRO_TICKS_PER_TICK) * MICRO_TICKS_PER_TICK) + 0
}

/**
 * As `writeLevel`, where `out` has its terms already, all but `touch` and `rounding`, which are 0.
 * @param sumMicroTicks of its terms; whole numbers, so that it is the same however it was added up
 */
export function placeLevel(
  quote: 'bid' | 'ask',
  fairMicroTicks: number,
  sumMicroTicks: number,
  grid: Grid,
  touch: Touch,
  out: DesiredLevel,
): boolean {
  const sign = quote === 'bid' ? -1 : 1
  const rawTicks = (fairMicroTicks + sign * sumMicroTicks) / MICRO_TICKS_PER_TICK
  if (!(rawTicks >= 1)) return false
  const wishedTicks = quote === 'bid' ? snapBidDown(rawTicks, grid) : snapAskUp(rawTicks, grid)
  const priceTicks =
    quote === 'bid' ? behindAsk(wishedTicks, touch, grid) : behindBid(wishedTicks, touch, grid)
  if (priceTicks < 1) return false
  out.priceTicks = priceTicks
  const touchMicroTicks = sign * (priceTicks - wishedTicks) * MICRO_TICKS_PER_TICK + 0
  out.termsMicroTicks[TERM.touch] = touchMicroTicks
  const restMicroTicks = sign * (priceTicks * MICRO_TICKS_PER_TICK - fairMicroTicks) - sumMicroTicks
  out.termsMicroTicks[TERM.rounding] = restMicroTicks - touchMicroTicks + 0
  assertAddsUp(quote, fairMicroTicks, out)
  return true
}

/** Post-only: never at or beyond the best ask. */
function behindAsk(priceTicks: number, touch: Touch, grid: Grid): number {
  if (touch.bestAskTicks === 0 || priceTicks < touch.bestAskTicks) return priceTicks
  return touch.bestAskTicks <= 1 ? 0 : snapBidDown(touch.bestAskTicks - 1, grid)
}

function behindBid(priceTicks: number, touch: Touch, grid: Grid): number {
  if (priceTicks > touch.bestBidTicks) return priceTicks
  return snapAskUp(touch.bestBidTicks + 1, grid)
}

/** The terms of a level add up to its price, to the millionth of a tick. */
export function assertAddsUp(quote: 'bid' | 'ask', fairMicroTicks: number, level: DesiredLevel): void {
  const sum = sumTerms(level.termsMicroTicks)
  const sign = quote === 'bid' ? -1 : 1
  const priceMicroTicks = level.priceTicks * MICRO_TICKS_PER_TICK
  assert(isWhole(priceMicroTicks) && isWhole(sum), 'a price in micro-ticks is a whole number')
  assert(fairMicroTicks + sign * sum === priceMicroTicks, 'the terms of a quote add up exactly to its price')
}
