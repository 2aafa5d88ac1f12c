/**
 * The L2 book of one market in typed arrays: what the venue showed last. Snapshots replace it; touch messages, which
 * come more often, correct its inner edge.
 *
 * in      `book` and `touch` inputs, whole ticks and lots, best first
 * state   4 arrays of `PLACES` numbers; reused, nothing is allocated per message
 *
 *     0 …           first …      first + count − 1 … PLACES − 1
 *     room in front  best level → worst level
 *
 * A better level takes the place in front of the best, and one that goes leaves its place there: no other level moves. What a side is
 * worth is kept along; ticks × lots are whole micro-dollars, so that adding and taking off leave no remainder.
 */
import { assert } from '../assert.ts'
import type { BookInput, TouchInput } from '../input.ts'

/** The venue shows at most 20 levels a side; touch messages may push one more in front. */
export const BOOK_LEVELS_MAX = 24
/** Places before the best level of a snapshot: for more changes than come between two of them. */
const FRONT_PLACES = 40
const PLACES = FRONT_PLACES + BOOK_LEVELS_MAX

export interface BookSide {
  count: number
  /** The place of the best level in both arrays; worse ones follow. */
  first: number
  /** Sum over the levels. */
  valueMicroUsd: number
  readonly ticks: Float64Array
  readonly lots: Float64Array
}

export interface L2Book {
  readonly bids: BookSide
  readonly asks: BookSide
  /** The venue's time of the last message applied; 0 before the first. */
  venueTsMs: number
}

/** What became of a message. */
export type BookOutcome = 'applied' | 'older' | 'crossed'

export function initBook(): L2Book {
  return { bids: initSide(), asks: initSide(), venueTsMs: 0 }
}

function initSide(): BookSide {
  const [ticks, lots] = [new Float64Array(PLACES), new Float64Array(PLACES)]
  return { count: 0, first: 0, valueMicroUsd: 0, ticks, lots }
}

/** Replaces the book. An older or crossed snapshot changes nothing. */
export function applySnapshot(book: L2Book, input: BookInput): BookOutcome {
  if (input.venueTsMs < book.venueTsMs) return 'older'
  const { bids, asks } = input
  if (bids.length > 0 && asks.length > 0 && bids[0]! >= asks[0]!) return 'crossed'
  book.venueTsMs = input.venueTsMs
  copySide(book.bids, bids, -1)
  copySide(book.asks, asks, 1)
  return 'applied'
}

function copySide(side: BookSide, flat: readonly number[], direction: 1 | -1): void {
  const end = Math.min(flat.length, 2 * BOOK_LEVELS_MAX) & ~1
  const { ticks, lots } = side
  let place = FRONT_PLACES
  let better = -direction * Infinity
  let microUsd = 0
  let at = 0
  for (; at < end; at += 2) {
    const here = flat[at]!
    const hereLots = flat[at + 1]!
    if (!((here - better) * direction > 0)) break
    better = here
    ticks[place] = here
    lots[place] = hereLots
    microUsd += here * hereLots
    place += 1
  }
  // Asserted once behind the loop: each sentence in it would cost every level.
  assert(at === end, 'book levels are sorted best first')
  side.first = FRONT_PLACES
  side.count = place - FRONT_PLACES
  side.valueMicroUsd = microUsd
}

/** Moves the inner edge to the touch: better levels go, the touch level is inserted or resized. */
export function applyTouch(book: L2Book, input: TouchInput): BookOutcome {
  if (input.venueTsMs < book.venueTsMs) return 'older'
  if (input.bidLots > 0 && input.askLots > 0 && input.bidTicks >= input.askTicks) return 'crossed'
  book.venueTsMs = input.venueTsMs
  moveEdge(book.bids, input.bidTicks, input.bidLots, -1)
  moveEdge(book.asks, input.askTicks, input.askLots, 1)
  // A touch that jumped through the other side's old levels leaves them on the wrong side: they are gone.
  dropCrossed(book.bids, input.askLots > 0 ? input.askTicks : null, -1)
  dropCrossed(book.asks, input.bidLots > 0 ? input.bidTicks : null, 1)
  return 'applied'
}

function moveEdge(side: BookSide, priceTicks: number, sizeLots: number, direction: 1 | -1): void {
  if (sizeLots <= 0) {
    side.count = 0
    side.valueMicroUsd = 0
    return
  }
  const { ticks, lots } = side
  while (side.count > 0 && (priceTicks - ticks[side.first]!) * direction > 0) dropBest(side)
  const isHeld = side.count > 0 && ticks[side.first] === priceTicks
  if (!isHeld) addBest(side)
  const { first } = side
  side.valueMicroUsd += priceTicks * (isHeld ? sizeLots - lots[first]! : sizeLots)
  ticks[first] = priceTicks
  lots[first] = sizeLots
}

function dropBest(side: BookSide): void {
  const { first, ticks, lots } = side
  side.valueMicroUsd -= ticks[first]! * lots[first]!
  side.first = first + 1
  side.count -= 1
}

/** Makes a place in front; of more levels than are held the worst goes. */
function addBest(side: BookSide): void {
  if (side.first === 0) moveBack(side)
  if (side.count === BOOK_LEVELS_MAX) {
    const worst = side.first + side.count - 1
    side.valueMicroUsd -= side.ticks[worst]! * side.lots[worst]!
    side.count -= 1
  }
  side.first -= 1
  side.count += 1
}

/** The room in front is used up: the levels go where a snapshot would put them. */
function moveBack(side: BookSide): void {
  side.ticks.copyWithin(FRONT_PLACES, 0, side.count)
  side.lots.copyWithin(FRONT_PLACES, 0, side.count)
  side.first = FRONT_PLACES
}

function dropCrossed(side: BookSide, oppositeTicks: number | null, direction: 1 | -1): void {
  if (oppositeTicks === null) return
  while (side.count > 0 && (side.ticks[side.first]! - oppositeTicks) * direction <= 0) dropBest(side)
}

/** True when both sides have a level: only then is there a mid. */
export function isTwoSided(book: L2Book): boolean {
  return book.bids.count > 0 && book.asks.count > 0
}

/** Middle of the touch, real number of ticks. Needs a two-sided book. */
export function midOf(book: L2Book): number {
  assert(isTwoSided(book), 'a mid needs both sides')
  return (bestTicks(book.bids) + bestTicks(book.asks)) / 2
}

/** Price of the best level of a side that has one. */
export function bestTicks({ ticks, first }: BookSide): number {
  return ticks[first]!
}
