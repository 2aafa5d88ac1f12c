/**
 * The venue's word on the whole account, compared with ours. Its position wins, but not before it has said the same twice
 * and no fill can still be on its way; orders that we miss or that we should not have are found here.
 */
import { midTicksOf } from './exposure.ts'
import type { AccountInput, OpenOrder } from './input.ts'
import { noteMarginSample } from './keep-margin.ts'
import { adjustPosition } from './ledger/ledger.ts'
import { epochOf } from './orders/cloid.ts'
import { isActive, isTerminal } from './orders/order-state.ts'
import { addOrder, findOrder, linkOid, move } from './orders/tracker.ts'
import type { EngineSettings } from './settings.ts'
import type { EngineState } from './state.ts'
import { signOf } from './units.ts'

/** A difference must last this long before the venue's position is taken over, ms. */
export const MISMATCH_PATIENCE_MS = 500
/** A change of an order younger than this need not be in the venue's listing yet, ms. */
const LISTING_GRACE_MS = 2_000

export function absorbAccount(state: EngineState, input: AccountInput, settings: EngineSettings): void {
  const isFirst = state.accountFirst === null
  if (isFirst) {
    state.accountFirst = input
    takeOver(state, input)
  } else if (input.venueTsMs >= state.lastFillVenueTsMs) {
    comparePosition(state, input)
  }
  noteMarginSample(state, input)
  state.accountLast = input
  state.accountTsMs = state.tsMs
  state.lastResyncTsMs = state.tsMs
  if (isFirst && settings.startOrders === 'adopt') adoptOrders(state, input.openOrders)
  compareOrders(state, input.openOrders)
}

/** The position held before the run is taken at the price of now; without a price there is nothing to value it with yet. */
function takeOver(state: EngineState, input: AccountInput): void {
  const priceTicks = midTicksOf(state) ?? state.markTicks
  if (input.positionLots === state.ledger.positionLots) return
  if (priceTicks === null) {
    state.positionMismatchLots = input.positionLots - state.ledger.positionLots
    state.resyncBecause = 'a position is held but there is no price to value it'
    return
  }
  adjustPosition(state.ledger, { positionLots: input.positionLots, priceTicks })
  state.counters.adjustments += 1
}

function comparePosition(state: EngineState, input: AccountInput): void {
  const announced = announcedLots(state)
  const ours = state.ledger.positionLots
  const difference = input.positionLots - ours
  if (difference === 0 || difference === announced) {
    state.positionMismatchLots = 0
    return
  }
  if (difference !== state.positionMismatchLots) {
    state.positionMismatchLots = difference
    state.mismatchSinceTsMs = state.tsMs
    state.resyncBecause = 'the position differs from the venue'
    return
  }
  const priceTicks = midTicksOf(state) ?? state.markTicks
  if (priceTicks === null || state.tsMs - state.mismatchSinceTsMs < MISMATCH_PATIENCE_MS) {
    state.resyncBecause = 'the position differs from the venue'
    return
  }
  adjustPosition(state.ledger, { positionLots: input.positionLots, priceTicks })
  state.positionMismatchLots = 0
  state.counters.adjustments += 1
}

/** Fills that immediate answers announced and the stream has not told yet, signed. */
function announcedLots(state: EngineState): number {
  let lots = 0
  for (const order of state.tracker.live.values()) lots += signOf(order.side) * order.unsettledLots
  return lots
}

/** What an earlier run of ours left is taken for our own, with what remains of it; the next cycle keeps, moves or cancels it. */
function adoptOrders(state: EngineState, listed: readonly OpenOrder[]): void {
  if (state.market === null) return
  for (const { cloid, oid, side, priceTicks, remainingLots, reduceOnly } of listed) {
    if (cloid === null || epochOf(cloid, state.market.network) === null) continue
    const order = addOrder(
      state.tracker,
      { cloid, side, priceTicks, sizeLots: remainingLots, tif: 'alo', reduceOnly },
      { tsMs: state.tsMs, midTicks: midTicksOf(state), replaces: null },
    )
    order.isAdopted = true
    linkOid(state.tracker, order, oid)
    move(state.tracker, order, 'accepted', state.tsMs)
  }
}

function compareOrders(state: EngineState, listed: readonly OpenOrder[]): void {
  const foreign: OpenOrder[] = []
  const orphans: OpenOrder[] = []
  const seen = new Set<string>()
  const missing: string[] = []
  let mismatchCount = 0
  for (const entry of listed) {
    const order = findOrder(state.tracker, entry)
    if (order !== null) {
      seen.add(order.cloid)
      linkOid(state.tracker, order, entry.oid)
      // The venue said that it ended, and it rests all the same: it has no place in our plans, so it goes.
      if (isTerminal(order.state) && state.tsMs - order.stateTsMs >= LISTING_GRACE_MS) {
        orphans.push(entry)
        mismatchCount += 1
      }
    } else if (state.market !== null && epochOf(entry.cloid, state.market.network) !== null) {
      orphans.push(entry)
    } else {
      foreign.push(entry)
    }
  }
  state.foreignOrders = foreign
  state.orphans = orphans
  for (const order of state.tracker.live.values()) {
    const isExpected = isActive(order.state) && state.tsMs - order.stateTsMs >= LISTING_GRACE_MS
    if (!isExpected || seen.has(order.cloid)) continue
    missing.push(order.cloid)
    if (order.queryTsMs === 0) order.queryTsMs = state.tsMs
    // Missing once may be a fill that is still on its way.
    if (state.missingCloids.includes(order.cloid)) mismatchCount += 1
  }
  state.missingCloids = missing
  state.orderMismatchCount = mismatchCount
  if (missing.length > 0) state.resyncBecause ??= "orders are missing in the venue's list"
}
