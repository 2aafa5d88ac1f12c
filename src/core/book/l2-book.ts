/**
 * The L2 book of one market in typed arrays: what the venue showed last. Snapshots replace it; touch messages, which
 * come more often, correct its inner edge.
 *
 * in      `book` and `touch` inputs, whole ticks and lots, best first
 * state   4 arrays of `BOOK_LEVELS_MAX` numbers; reused, nothing is allocated per message
 */
import { assert } from '../assert.ts'
import type { BookInput, TouchInput } from '../input.ts'

/** The venue shows at most 20 levels a side; touch messages may push one more in front. */
export const BOOK_LEVELS_MAX = 24

export interface BookSide {
  count: number
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
  return { count: 0, ticks: new Float64Array(BOOK_LEVELS_MAX), lots: new Float64Array(BOOK_LEVELS_MAX) }
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
  const count = Math.min(flat.length >> 1, BOOK_LEVELS_MAX)
  const { ticks, lots } = side
  let better = -direction * Infinity
  for (let level = 0; level < count; level += 1) {
    const here = flat[2 * level]!
    assert(direction === 1 ? here > better : here < better, 'book levels are sorted best first')
    better = here
    ticks[level] = here
    lots[level] = flat[2 * level + 1]!
  }
  side.count = count
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

function moveEdge(side: BookSide, ticks: number, lots: number, direction: 1 | -1): void {
  if (lots <= 0) {
    side.count = 0
    return
  }
  let better = 0
  while (better < side.count && (ticks - side.ticks[better]!) * direction > 0) better += 1
  const isHeld = better < side.count && side.ticks[better] === ticks
  shift(side, isHeld ? better : better - 1)
  side.ticks[0] = ticks
  side.lots[0] = lots
}

/** Removes `offset` levels at the front, or makes room for one when it is −1. */
function shift(side: BookSide, offset: number): void {
  const count = Math.min(side.count - offset, BOOK_LEVELS_MAX)
  const { ticks, lots } = side
  // Loops, because at this length a call of copyWithin costs more than the copying.
  if (offset > 0) {
    for (let level = 0; level < count; level += 1) {
      ticks[level] = ticks[level + offset]!
      lots[level] = lots[level + offset]!
    }
  } else if (offset < 0) {
    for (let level = count - 1; level > 0; level -= 1) {
      ticks[level] = ticks[level - 1]!
      lots[level] = lots[level - 1]!
    }
  }
  side.count = count
}

function dropCrossed(side: BookSide, oppositeTicks: number | null, direction: 1 | -1): void {
  if (oppositeTicks === null) return
  let crossed = 0
  while (crossed < side.count && (side.ticks[crossed]! - oppositeTicks) * direction <= 0) crossed += 1
  if (crossed > 0) shift(side, crossed)
}

/** True when both sides have a level: only then is there a mid. */
export function isTwoSided(book: L2Book): boolean {
  return book.bids.count > 0 && book.asks.count > 0
}

/** Middle of the touch, real number of ticks. Needs a two-sided book. */
export function midOf(book: L2Book): number {
  assert(isTwoSided(book), 'a mid needs both sides')
  return (book.bids.ticks[0]! + book.asks.ticks[0]!) / 2
}
