/**
 * Turns prints back into market orders: several prints of one aggressor at one instant are one order, measured at its
 * deepest print from the mid before the trade.
 *
 * in      mids and prints in time order
 * out     one (aggressor, depth fraction) per order, when something later shows that it is complete
 * state   the order being collected, the mid and the one before it
 *
 * The book that a trade left behind may reach us before its print. A mid that changed at the very time of the print is
 * therefore taken to be after it, and the one before is used.
 */
import { MICRO_USD_PER_USD } from '../src/core/units.ts'
import type { Side } from '../src/core/units.ts'

export interface MarketOrdersState {
  midTicks: number
  midTsMs: number
  midBeforeTicks: number
  /** The order being collected; null between orders. */
  openAggressor: Side | null
  openTsMs: number
  openMidTicks: number
  openDeepestTicks: number
  openLots: number
  openMicroUsd: number
}

/** A whole market order as it hit the book. */
export interface MarketOrder {
  aggressor: Side
  tsMs: number
  /** How far it went from the mid before it, fraction of that mid; ≤ 0 when the mid was stale. */
  depthFraction: number
  sizeLots: number
  /** What it traded in all, dollars. */
  valueUsd: number
}

export function initMarketOrders(): MarketOrdersState {
  return {
    midTicks: 0,
    midTsMs: 0,
    midBeforeTicks: 0,
    openAggressor: null,
    openTsMs: 0,
    openMidTicks: 0,
    openDeepestTicks: 0,
    openLots: 0,
    openMicroUsd: 0,
  }
}

export function observeMid(state: MarketOrdersState, tsMs: number, midTicks: number): void {
  if (midTicks === state.midTicks) return
  // Several changes within one instant keep the mid from before the instant.
  if (tsMs > state.midTsMs || state.midBeforeTicks === 0) state.midBeforeTicks = state.midTicks
  state.midTicks = midTicks
  state.midTsMs = tsMs
}

/** @returns true when `out` holds an order that this print showed to be complete */
export function observePrint(
  state: MarketOrdersState,
  print: {
    readonly tsMs: number
    readonly aggressor: Side
    readonly priceTicks: number
    readonly sizeLots: number
  },
  out: MarketOrder,
): boolean {
  const isSameOrder = state.openAggressor === print.aggressor && state.openTsMs === print.tsMs
  if (isSameOrder) {
    const isDeeper =
      print.aggressor === 'buy'
        ? print.priceTicks > state.openDeepestTicks
        : print.priceTicks < state.openDeepestTicks
    if (isDeeper) state.openDeepestTicks = print.priceTicks
    state.openLots += print.sizeLots
    state.openMicroUsd += print.priceTicks * print.sizeLots
    return false
  }
  const isComplete = closeOrder(state, out)
  state.openAggressor = print.aggressor
  state.openTsMs = print.tsMs
  state.openMidTicks =
    print.tsMs === state.midTsMs && state.midBeforeTicks > 0 ? state.midBeforeTicks : state.midTicks
  state.openDeepestTicks = print.priceTicks
  state.openLots = print.sizeLots
  state.openMicroUsd = print.priceTicks * print.sizeLots
  return isComplete
}

/** Time went on: an order of an earlier instant is complete. @returns true when `out` holds it */
export function flushOrder(state: MarketOrdersState, tsMs: number, out: MarketOrder): boolean {
  return tsMs > state.openTsMs && closeOrder(state, out)
}

function closeOrder(state: MarketOrdersState, out: MarketOrder): boolean {
  const { openAggressor, openMidTicks } = state
  state.openAggressor = null
  if (openAggressor === null || openMidTicks === 0) return false
  const direction = openAggressor === 'buy' ? 1 : -1
  out.aggressor = openAggressor
  out.tsMs = state.openTsMs
  out.depthFraction = (direction * (state.openDeepestTicks - openMidTicks)) / openMidTicks
  out.sizeLots = state.openLots
  out.valueUsd = state.openMicroUsd / MICRO_USD_PER_USD
  return true
}
