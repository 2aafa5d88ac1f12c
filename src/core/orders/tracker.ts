/**
 * The one store of our orders, with one writer: absorb. Every word of the venue about an order passes through here
 * once; what it meant is returned, never thrown, so that the engine can count it and ask for the truth.
 *
 * state  live and recently ended orders by client id; identities of fills already counted. All bounded by name.
 */
import { assert, isWhole } from '../assert.ts'
import type { NewOrder } from '../command.ts'
import type { FillInput } from '../input.ts'
import type { Side } from '../units.ts'
import { isTerminal, nextState } from './order-state.ts'
import type { OrderEventKind, OrderState, Outcome } from './order-state.ts'

/** Ended orders are kept for late messages; the oldest is forgotten first. */
export const ENDED_ORDERS_MAX = 2_000
/** Identities of counted fills; the venue repeats at most its last 2 000. */
export const SEEN_FILLS_MAX = 20_000

export interface Order {
  readonly cloid: string
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  readonly reduceOnly: boolean
  readonly placedTsMs: number
  readonly midAtPlacementTicks: number | null
  /** Placed by an earlier run and taken over at the start: its earlier fills are in the position already. */
  isAdopted: boolean
  state: OrderState
  oid: number | null
  /** Lots counted by fills. */
  filledLots: number
  /** Lots that the venue says have filled in all, once it has said the order ended; null before. */
  expectedLots: number | null
  /** Lots that an immediate answer reported and no fill has told yet, with their value. */
  unsettledLots: number
  unsettledMicroUsd: number
  /** The order that takes this one's place, or whose place this one takes, while a modify is in flight. */
  replacedBy: string | null
  replaces: string | null
  stateTsMs: number
  /** When to ask the venue next; 0: now. */
  queryTsMs: number
  queryCount: number
  /** Cancels asked for in a row, and when the first and the last of them was; 0: none. */
  cancelCount: number
  firstCancelTsMs: number
  lastCancelTsMs: number
}

export interface Tracker {
  /** Orders that may still do something, in the order of placing. */
  readonly live: Map<string, Order>
  /** Orders that ended, in the order of ending. */
  readonly ended: Map<string, Order>
  readonly cloidByOid: Map<number, string>
  readonly seenFills: Map<string, true>
}

export function initTracker(): Tracker {
  return { live: new Map(), ended: new Map(), cloidByOid: new Map(), seenFills: new Map() }
}

/** Registers an order before it is sent. */
export function addOrder(
  tracker: Tracker,
  order: NewOrder,
  at: { readonly tsMs: number; readonly midTicks: number | null; readonly replaces: string | null },
): Order {
  assert(!isKnown(tracker, order.cloid), 'a client id is used once')
  assert(isWhole(order.sizeLots) && order.sizeLots > 0, 'order size is a positive whole number of lots')
  const entry: Order = {
    cloid: order.cloid,
    side: order.side,
    priceTicks: order.priceTicks,
    sizeLots: order.sizeLots,
    reduceOnly: order.reduceOnly,
    placedTsMs: at.tsMs,
    midAtPlacementTicks: at.midTicks,
    isAdopted: false,
    state: 'placing',
    oid: null,
    filledLots: 0,
    expectedLots: null,
    unsettledLots: 0,
    unsettledMicroUsd: 0,
    replacedBy: null,
    replaces: at.replaces,
    stateTsMs: at.tsMs,
    queryTsMs: 0,
    queryCount: 0,
    cancelCount: 0,
    firstCancelTsMs: 0,
    lastCancelTsMs: 0,
  }
  tracker.live.set(order.cloid, entry)
  return entry
}

export function findOrder(tracker: Tracker, ref: { cloid: string | null; oid: number | null }): Order | null {
  if (ref.cloid !== null) {
    const order = byCloid(tracker, ref.cloid)
    if (order !== null) return order
  }
  const cloid = ref.oid === null ? undefined : tracker.cloidByOid.get(ref.oid)
  return cloid === undefined ? null : byCloid(tracker, cloid)
}

function byCloid(tracker: Tracker, cloid: string): Order | null {
  return tracker.live.get(cloid) ?? tracker.ended.get(cloid) ?? null
}

export function isKnown(tracker: Tracker, cloid: string): boolean {
  return tracker.live.has(cloid) || tracker.ended.has(cloid)
}

/** Learns the venue's id of an order. */
export function linkOid(tracker: Tracker, order: Order, oid: number): void {
  if (order.oid === oid) return
  if (order.oid !== null) tracker.cloidByOid.delete(order.oid)
  order.oid = oid
  tracker.cloidByOid.set(oid, order.cloid)
}

/** Moves an order by one event; ended orders are remembered for late messages. */
export function move(tracker: Tracker, order: Order, event: OrderEventKind, tsMs: number): Outcome {
  const wasTerminal = isTerminal(order.state)
  const next = nextState(order.state, event, order.filledLots > 0)
  if (next.outcome === 'moved' && next.state !== order.state) {
    order.state = next.state
    order.stateTsMs = tsMs
    order.queryTsMs = 0
    order.queryCount = 0
    if (isTerminal(order.state)) remember(tracker, order)
  }
  assert(!wasTerminal || isTerminal(order.state), 'an ended order stays ended')
  return next.outcome
}

/** What a fill did. `duplicate`: it was counted before and must not move money again. */
export type FillOutcome = 'counted' | 'duplicate' | 'external' | 'lateFill' | 'overfilled'

/**
 * Counts a fill once, whichever way it comes, in whatever state the order is.
 * @returns what it was, and the order when it is ours
 */
export function applyFill(
  tracker: Tracker,
  fill: FillInput,
  tsMs: number,
): { readonly outcome: FillOutcome; readonly order: Order | null } {
  assert(isWhole(fill.sizeLots) && fill.sizeLots > 0, 'fill size is a positive whole number of lots')
  const order = findOrder(tracker, fill)
  const identity = `${fill.tid}:${fill.oid}`
  if (tracker.seenFills.has(identity)) return { outcome: 'duplicate', order }
  tracker.seenFills.set(identity, true)
  forgetOldest(tracker.seenFills)
  if (order === null) return { outcome: 'external', order }

  linkOid(tracker, order, fill.oid)
  settle(order, fill.sizeLots)
  order.filledLots += fill.sizeLots
  if (order.filledLots > order.sizeLots) return { outcome: 'overfilled', order }
  const outcome = move(tracker, order, order.filledLots === order.sizeLots ? 'fillRest' : 'fillPart', tsMs)
  endWhenAllArrived(tracker, order, tsMs)
  return { outcome: outcome === 'lateFill' ? 'lateFill' : 'counted', order }
}

/** An immediate answer said `totalLots` filled: count what no fill has told yet, so that exposure is right at once. */
export function noteImmediateFill(
  order: Order,
  of: { readonly totalLots: number; readonly averagePriceTicks: number },
): void {
  const missingLots = Math.max(0, Math.min(of.totalLots, order.sizeLots) - order.filledLots)
  order.unsettledLots = missingLots
  order.unsettledMicroUsd = Math.round(missingLots * of.averagePriceTicks)
  order.expectedLots = Math.max(of.totalLots, order.filledLots)
}

/**
 * The venue said the order ended with `remainingLots` unfilled. Fills up to there may still be on their way. Of a reduce-only
 * order the remainder tells nothing: the venue shrinks it with the position, without a fill.
 */
export function noteVenueEnd(tracker: Tracker, order: Order, remainingLots: number, tsMs: number): void {
  if (order.reduceOnly && remainingLots > 0) return
  order.expectedLots = Math.max(order.sizeLots - remainingLots, order.filledLots)
  endWhenAllArrived(tracker, order, tsMs)
}

/** A fill that was announced by an immediate answer has come: skip = min(announced, size). */
function settle(order: Order, sizeLots: number): void {
  const skipLots = Math.min(order.unsettledLots, sizeLots)
  if (skipLots === 0) return
  const value = Math.round((order.unsettledMicroUsd * skipLots) / order.unsettledLots)
  order.unsettledLots -= skipLots
  order.unsettledMicroUsd = order.unsettledLots === 0 ? 0 : order.unsettledMicroUsd - value
}

/** An order that the venue ended is over for us once all of its announced fills were counted. */
function endWhenAllArrived(tracker: Tracker, order: Order, tsMs: number): void {
  if (order.state !== 'cancelConfirmed' || order.expectedLots === null) return
  if (order.filledLots >= order.expectedLots) move(tracker, order, 'windowPassed', tsMs)
}

/** Lots that may still move our position: the worst case that exposure counts. */
export function openLots(order: Order): number {
  if (isTerminal(order.state)) return 0
  const endLots = order.expectedLots ?? order.sizeLots
  return Math.max(0, endLots - order.filledLots - order.unsettledLots)
}

function remember(tracker: Tracker, order: Order): void {
  tracker.live.delete(order.cloid)
  tracker.ended.set(order.cloid, order)
  if (tracker.ended.size <= ENDED_ORDERS_MAX) return
  for (const [cloid, oldest] of tracker.ended) {
    if (oldest.oid !== null) tracker.cloidByOid.delete(oldest.oid)
    tracker.ended.delete(cloid)
    return
  }
}

function forgetOldest(seen: Map<string, true>): void {
  if (seen.size <= SEEN_FILLS_MAX) return
  for (const key of seen.keys()) {
    seen.delete(key)
    return
  }
}
