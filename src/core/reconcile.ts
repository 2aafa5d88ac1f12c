/**
 * Step 5: desired against live, into the fewest commands. Levels are paired from the inside out; a live quote near enough
 * to its wish stays (it has a place in the queue), one that is too tight is moved at once, one too wide when it is old
 * enough. An order that waits for an answer keeps its place and is not touched: one message in flight per order.
 */
import type { Command, NewOrder } from './command.ts'
import type { DesiredLevel } from './contracts.ts'
import { makeCloid } from './orders/cloid.ts'
import { isActive } from './orders/order-state.ts'
import { openLots } from './orders/tracker.ts'
import type { Order } from './orders/tracker.ts'
import type { EngineSettings } from './settings.ts'
import type { EngineState } from './state.ts'
import { BPS, signOf } from './units.ts'
import type { Side } from './units.ts'

/** A live quote is refilled when less than this share of its wished size is left. */
export const SIZE_SHARE_MIN = 0.5
/** Size above the wish by more than this share is taken off at once. */
export const SIZE_SHARE_MAX = 1.05

export function reconcile(state: EngineState, settings: EngineSettings, out: Command[]): void {
  const { ladder } = state
  reconcileSide(state, settings, 'buy', ladder.bids, ladder.bidCount, out)
  reconcileSide(state, settings, 'sell', ladder.asks, ladder.askCount, out)
}

function reconcileSide(
  state: EngineState,
  settings: EngineSettings,
  side: Side,
  levels: readonly DesiredLevel[],
  count: number,
  out: Command[],
): void {
  const slots = slotsOf(state, side)
  const mayPlace = state.tsMs >= state.backoff[side].untilTsMs
  for (let index = 0; index < Math.max(slots.length, count); index += 1) {
    const live = slots[index]
    const want = index < count ? levels[index] : undefined
    if (live !== undefined && !isActive(live.state)) continue
    if (live !== undefined && want === undefined) cancel(live, out)
    else if (live === undefined && want !== undefined && mayPlace) place(state, side, want, out)
    else if (live !== undefined && want !== undefined && mustMove(state, settings, live, want)) {
      if (mayPlace && live.oid !== null) modify(state, live, live.oid, want, out)
      else if (isTooTight(live, want, toleranceTicks(settings, want))) cancel(live, out)
    }
  }
}

/** Orders of ours on this side that rest or may come to rest, best price first. */
function slotsOf(state: EngineState, side: Side): Order[] {
  const slots: Order[] = []
  for (const order of state.tracker.live.values()) {
    const isLeaving = order.state === 'cancelPending' || order.state === 'cancelConfirmed'
    if (order.side !== side || isLeaving || order.expectedLots !== null) continue
    slots.push(order)
  }
  const sign = signOf(side)
  return slots.sort((a, b) => sign * (b.priceTicks - a.priceTicks) || a.placedTsMs - b.placedTsMs)
}

function mustMove(state: EngineState, settings: EngineSettings, live: Order, want: DesiredLevel): boolean {
  const tolerance = toleranceTicks(settings, want)
  if (isTooTight(live, want, tolerance)) return true
  if (openLots(live) > want.sizeLots * SIZE_SHARE_MAX) return true
  if (state.tsMs - live.placedTsMs < settings.minOrderAgeMs) return false
  const isTooWide = Math.abs(live.priceTicks - want.priceTicks) > tolerance
  return isTooWide || openLots(live) < want.sizeLots * SIZE_SHARE_MIN
}

function toleranceTicks(settings: EngineSettings, want: DesiredLevel): number {
  return settings.maxBpsDiff * BPS * want.priceTicks
}

/** Nearer to the market than wished by more than the tolerance: it would fill at a loss of edge. */
function isTooTight(live: Order, want: DesiredLevel, tolerance: number): boolean {
  return signOf(live.side) * (live.priceTicks - want.priceTicks) > tolerance
}

function cancel(live: Order, out: Command[]): void {
  out.push({ kind: 'cancel', cloid: live.cloid, oid: live.oid })
}

function place(state: EngineState, side: Side, want: DesiredLevel, out: Command[]): void {
  out.push({ kind: 'place', order: newOrder(state, side, want) })
}

function modify(state: EngineState, live: Order, oid: number, want: DesiredLevel, out: Command[]): void {
  out.push({
    kind: 'modify',
    targetCloid: live.cloid,
    targetOid: oid,
    order: newOrder(state, live.side, want),
  })
}

function newOrder(state: EngineState, side: Side, want: DesiredLevel): NewOrder {
  state.cloidCounter += 1
  const network = state.market?.network ?? 'local'
  return {
    cloid: makeCloid({ network, epoch: state.epoch, counter: state.cloidCounter }),
    side,
    priceTicks: want.priceTicks,
    sizeLots: want.sizeLots,
    tif: 'alo',
    reduceOnly: want.reduceOnly,
  }
}
