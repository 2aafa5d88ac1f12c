/**
 * Whether anybody but us makes this market, and what stands for its price when nobody does.
 *
 * A book that has one side, or none, or on one side nothing but our own orders, has no price of its own: its middle would be our
 * own opinion, or nothing, and who waits for a better one waits for ever where he is the first to quote. The venue's mark comes
 * from elsewhere, so quotes stand around it: wider, and as small as before anything was measured.
 */
import { bestTicks } from './book/l2-book.ts'
import type { BookSide } from './book/l2-book.ts'
import type { Estimates } from './contracts.ts'
import { midTicksOf } from './exposure.ts'
import type { Exposure } from './exposure.ts'
import { openLots } from './orders/tracker.ts'
import type { EngineState } from './state.ts'
import type { Side } from './units.ts'

/** A mark that nobody confirmed for so long says nothing, ms: venues tell it every few seconds. */
export const MARK_AGE_MS_MAX = 30_000
/** The book shows orders of ours for a while after they have gone: until then they could be taken for those of others. */
const GHOST_MS = 2_000

/** Looks once a cycle; before the first book nothing is known of others. */
export function noteAlone(state: EngineState, exposure: Exposure): void {
  const { book } = state
  if (!state.hasBook) return
  const hasOthers =
    showsOthers(state, 'buy', book.bids, exposure.ownBidTicks) &&
    showsOthers(state, 'sell', book.asks, exposure.ownAskTicks)
  if (!hasOthers) state.aloneUntilTsMs = state.tsMs + GHOST_MS
}

export function isAlone(state: EngineState): boolean {
  return state.tsMs < state.aloneUntilTsMs
}

/** The mark while it is fresh, ticks; null: not known, or old. */
export function freshMarkTicks({ markTicks, contextTsMs, tsMs }: EngineState): number | null {
  return markTicks !== null && tsMs - contextTsMs <= MARK_AGE_MS_MAX ? markTicks : null
}

/** What prices are measured from: the mark while we are alone, else the mid; null: there is neither. */
export function anchorTicks(state: EngineState): number | null {
  return isAlone(state) ? freshMarkTicks(state) : midTicksOf(state)
}

/** The mark takes the place of the fair price, and says that it is no measurement. */
export function standOnMark(state: EngineState, markTicks: number, estimates: Estimates): void {
  const { fairTicks } = estimates
  fairTicks.value = markTicks
  fairTicks.status = 'prior'
  fairTicks.tsMs = state.contextTsMs
  fairTicks.confidence = 0
  // A touch that is there, ours or not, is not to be crossed.
  estimates.bestBidTicks = state.book.bids.count > 0 ? bestTicks(state.book.bids) : 0
  estimates.bestAskTicks = state.book.asks.count > 0 ? bestTicks(state.book.asks) : 0
}

/** True when some level of this side holds more than we have there. */
function showsOthers(
  state: EngineState,
  side: Side,
  { first, count, ticks, lots }: BookSide,
  ownTicks: number | null,
): boolean {
  for (let level = first; level < first + count; level += 1) {
    const priceTicks = ticks[level] ?? 0
    // Before our best order, or without any of ours, every level is somebody's.
    if (ownTicks === null || (side === 'buy' ? priceTicks > ownTicks : priceTicks < ownTicks)) return true
    if ((lots[level] ?? 0) > ownLotsAt(state, side, priceTicks)) return true
  }
  return false
}

function ownLotsAt(state: EngineState, side: Side, priceTicks: number): number {
  let lots = 0
  for (const order of state.tracker.live.values()) {
    if (order.side === side && order.priceTicks === priceTicks) lots += openLots(order)
  }
  return lots
}
