/**
 * Market events that the estimators have not heard yet. An estimator costs most when it is called for one event at a time: its code
 * and its numbers have left the processor's cache by the next one. So events wait, a few numbers each, and are heard together.
 *
 * in      events in time order
 * out     the same events, in the same order
 * state   at most `WAITING_MAX` events of `WIDTH` numbers; JSON-safe
 */
import { assert } from '../src/core/assert.ts'
import type { L2Book } from '../src/core/book/l2-book.ts'
import type { Side } from '../src/core/units.ts'

/** Few enough that who reads the numbers waits for no more than about a microsecond. */
export const WAITING_MAX = 8
/** What happened; small numbers, because they are kept among numbers. */
export const TIMER = 0
export const TOUCH = 1
export const ONE_SIDED = 2
export const BUY = 3
export const SELL = 4
export const CONTEXT = 5
export const REFERENCE = 6

/** What, when, and four numbers. */
const WIDTH = 6

export interface WaitingEvents {
  count: number
  readonly numbers: number[]
}

/**
 * One event, written over by the next. `TOUCH`: ticks and lots of the bid, then of the ask; a trade: ticks and lots; `CONTEXT`: the
 * funding rate; `REFERENCE`: the mid.
 */
export interface HeardEvent {
  what: number
  tsMs: number
  a: number
  b: number
  c: number
  d: number
}

export function initWaiting(): WaitingEvents {
  return { count: 0, numbers: new Array<number>(WAITING_MAX * WIDTH).fill(0) }
}

/** A two-sided book is its touch; what else it holds was looked at when it came. */
export function noteTouch(waiting: WaitingEvents, tsMs: number, book: L2Book): void {
  const { bids, asks } = book
  const { numbers } = waiting
  const at = placeOf(waiting)
  numbers[at] = TOUCH
  numbers[at + 1] = tsMs
  numbers[at + 2] = bids.ticks[bids.first] ?? 0
  numbers[at + 3] = bids.lots[bids.first] ?? 0
  numbers[at + 4] = asks.ticks[asks.first] ?? 0
  numbers[at + 5] = asks.lots[asks.first] ?? 0
}

export function noteTrade(
  waiting: WaitingEvents,
  tsMs: number,
  aggressor: Side,
  priceTicks: number,
  sizeLots: number,
): void {
  const { numbers } = waiting
  const at = placeOf(waiting)
  numbers[at] = aggressor === 'buy' ? BUY : SELL
  numbers[at + 1] = tsMs
  numbers[at + 2] = priceTicks
  numbers[at + 3] = sizeLots
}

export function noteNumber(waiting: WaitingEvents, what: number, tsMs: number, number: number): void {
  const { numbers } = waiting
  const at = placeOf(waiting)
  numbers[at] = what
  numbers[at + 1] = tsMs
  numbers[at + 2] = number
}

function placeOf(waiting: WaitingEvents): number {
  const { count } = waiting
  assert(count < WAITING_MAX, 'no more events wait than there is room for')
  waiting.count = count + 1
  return count * WIDTH
}

export function readWaiting({ numbers }: WaitingEvents, index: number, out: HeardEvent): void {
  const at = index * WIDTH
  out.what = numbers[at] ?? 0
  out.tsMs = numbers[at + 1] ?? 0
  out.a = numbers[at + 2] ?? 0
  out.b = numbers[at + 3] ?? 0
  out.c = numbers[at + 4] ?? 0
  out.d = numbers[at + 5] ?? 0
}
