/** What the position could become: fills counted, fills announced, and every order that may still fill. One function for all. */
import { isTwoSided, midOf } from './book/l2-book.ts'
import { openLots } from './orders/tracker.ts'
import type { EngineState } from './state.ts'
import { signOf } from './units.ts'

export interface Exposure {
  /** Counted and announced fills, signed. */
  positionLots: number
  /** What open, uncertain and half-cancelled orders of ours may still buy and sell. */
  openBuyLots: number
  openSellLots: number
  /** Best prices among orders of ours that may still fill; null without any. */
  ownBidTicks: number | null
  ownAskTicks: number | null
  openOrderCount: number
  uncertainCount: number
}

export function exposureOf(state: EngineState): Exposure {
  const exposure: Exposure = {
    positionLots: state.ledger.positionLots,
    openBuyLots: 0,
    openSellLots: 0,
    ownBidTicks: null,
    ownAskTicks: null,
    openOrderCount: 0,
    uncertainCount: 0,
  }
  for (const order of state.tracker.live.values()) {
    exposure.positionLots += signOf(order.side) * order.unsettledLots
    const lots = openLots(order)
    if (order.state === 'uncertain') exposure.uncertainCount += 1
    if (order.side === 'buy') exposure.openBuyLots += lots
    else exposure.openSellLots += lots
    // What the venue has ended may owe us a fill, but it rests no more: it crosses nothing.
    if (order.state === 'cancelConfirmed') continue
    exposure.openOrderCount += 1
    if (order.side === 'buy') exposure.ownBidTicks = Math.max(exposure.ownBidTicks ?? 0, order.priceTicks)
    else exposure.ownAskTicks = Math.min(exposure.ownAskTicks ?? Number.MAX_SAFE_INTEGER, order.priceTicks)
  }
  return exposure
}

/** Middle of the touch, or null without two sides. */
export function midTicksOf(state: EngineState): number | null {
  return isTwoSided(state.book) ? midOf(state.book) : null
}
