/**
 * Holds the nearest levels of the recorded book as orders of one maker account on one market of ours.
 *
 *   Recorded prices snap to this venue's coarser grid, bids down and asks up, and add up there. A level that grows gets a
 *   further order at its end; one that shrinks loses its newest orders first, or, where somebody else's order stands among
 *   them, what the queue model says. What stays keeps its place in the queue.
 *
 * Everything is post-only. Where the recorded book has moved through a resting order that is not ours, a taker account
 * takes that order, as the recorded buyer or seller would have: the other side is filled at its own price.
 * state   a stack of orders per mirrored level
 */
import type { Side } from '../core/units.ts'
import type { ExchangeCommand, OrderRef, OrderRequest } from '../exchange/command.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { lotsMin, toCommand } from './agent-account.ts'
import { bestOf, crossingOf } from './mirror-crossing.ts'
import { fillDesired } from './mirror-levels.ts'
import { isAheadOfForeign, segmentsOf } from './mirror-queue.ts'
import { drop, lotsOf } from './mirror-state.ts'
import type { DesiredSide, Mirror, MirrorLevel, MirrorOrder } from './mirror-state.ts'
import { nextCloid } from './participant.ts'
import type { TapeBook } from './tape-book.ts'

/** Orders that make up one level; then the newest grows instead. */
const ORDERS_PER_LEVEL_MAX = 4

/** Pushes what turns our orders into the recorded book. */
export function syncMirror(mirror: Mirror, book: TapeBook, exchange: Exchange, out: ExchangeCommand[]): void {
  const { desiredBids, desiredAsks } = mirror
  fillDesired(mirror, book.bids, desiredBids)
  fillDesired(mirror, book.asks, desiredAsks)
  // Looked at before our own levels change: they must be told from foreign ones.
  const crossingBuy = crossingOf(mirror, 'buy', desiredBids, exchange)
  const crossingSell = crossingOf(mirror, 'sell', desiredAsks, exchange)
  // The side that moves away goes first, so that the other one does not meet our own old orders.
  const isUp = (bestOf(desiredBids) ?? 0) >= bestAskOf(mirror)
  if (isUp) pushSide(mirror, 'sell', desiredAsks, out)
  pushSide(mirror, 'buy', desiredBids, out)
  if (!isUp) pushSide(mirror, 'sell', desiredAsks, out)
  if (crossingBuy !== null) out.push(crossingBuy)
  if (crossingSell !== null) out.push(crossingSell)
}

interface Changes {
  /** Orders that belong nowhere any more. */
  readonly stale: string[]
  readonly wanted: OrderRequest[]
  readonly modifies: { ref: OrderRef; order: OrderRequest }[]
}

function pushSide(mirror: Mirror, side: Side, desired: DesiredSide, out: ExchangeCommand[]): void {
  const { maker } = mirror
  const { assetId } = mirror.instrument
  const changes: Changes = { stale: [], wanted: [], modifies: [] }
  syncSide(mirror, side, desired, changes)
  const { stale, wanted, modifies } = changes
  // A stale order moves to where one is wanted: post-only modifies run before cancels, so the way is free in this block.
  const movedCount = Math.min(stale.length, wanted.length)
  const moves: Changes['modifies'] = []
  for (let index = 0; index < movedCount; index += 1) {
    const order = wanted[index]
    if (order !== undefined) moves.push({ ref: { cloid: stale[index] ?? '' }, order })
  }
  for (const change of modifies) moves.push(change)
  if (moves.length > 0) out.push(toCommand(maker, { kind: 'modify', modifies: moves, always: true }))
  if (wanted.length > movedCount) {
    out.push(toCommand(maker, { kind: 'order', orders: wanted.slice(movedCount), grouping: 'na' }))
  }
  if (stale.length > movedCount) {
    const cancels = stale.slice(movedCount).map((cloid) => ({ assetId, ref: { cloid } }))
    out.push(toCommand(maker, { kind: 'cancel', cancels }))
  }
}

function bestAskOf(mirror: Mirror): number {
  let best = Infinity
  for (const priceTicks of mirror.asks.keys()) if (priceTicks < best) best = priceTicks
  return best
}

function syncSide(mirror: Mirror, side: Side, desired: DesiredSide, changes: Changes): void {
  const levels = side === 'buy' ? mirror.bids : mirror.asks
  mirror.lookCount += 1
  const look = mirror.lookCount
  const { count, priceTicks: prices, lots: wishes } = desired
  for (let index = 0; index < count; index += 1) {
    const level = levels.get(prices[index] ?? 0)
    if (level !== undefined) level.lookWanted = look
  }
  for (const level of levels.values()) {
    if (level.lookWanted !== look) shrink(mirror, level, lotsOf(level), changes)
  }
  for (let index = 0; index < count; index += 1) {
    const priceTicks = prices[index] ?? 0
    let level = levels.get(priceTicks)
    if (level === undefined) {
      level = { side, priceTicks, orders: [], lookWanted: look }
      levels.set(priceTicks, level)
    }
    const excessLots = lotsOf(level) - (wishes[index] ?? 0)
    if (excessLots > 0) shrink(mirror, level, excessLots, changes)
    else if (excessLots < 0) grow(mirror, level, -excessLots, changes)
  }
}

function grow(mirror: Mirror, level: MirrorLevel, lots: number, changes: Changes): void {
  const newest = level.orders.at(-1)
  const isSmall = lots < lotsMin(level.priceTicks)
  if (newest !== undefined && isAheadOfForeign(mirror, level, newest)) {
    // It grows by losing its place, which would let the others past; a level that is short by less than an order stays so.
    if (!isSmall) add(mirror, level, lots, changes)
  } else if (newest !== undefined && (isSmall || level.orders.length >= ORDERS_PER_LEVEL_MAX)) {
    replace(mirror, level, newest, newest.remainingLots + lots, changes)
  } else add(mirror, level, lots, changes)
}

function add(mirror: Mirror, level: MirrorLevel, lots: number, changes: Changes): void {
  const order: MirrorOrder = { cloid: nextCloid(mirror.cloids), oid: Infinity, remainingLots: lots }
  level.orders.push(order)
  mirror.levelByCloid.set(order.cloid, level)
  changes.wanted.push(toRequest(mirror, level, order))
}

/** Takes lots away. An order that would fall below the venue's minimum goes whole, unless others stand behind it. */
function shrink(mirror: Mirror, level: MirrorLevel, lots: number, changes: Changes): void {
  const minLots = lotsMin(level.priceTicks)
  for (const { orders, lostLots } of segmentsOf(mirror, level, lots)) {
    let restLots = lostLots
    for (let index = orders.length - 1; index >= 0 && restLots > 0; index -= 1) {
      const newest = orders[index]
      if (newest === undefined) break
      const takenLots = Math.min(restLots, newest.remainingLots)
      const keptLots = newest.remainingLots - takenLots
      restLots -= takenLots
      if (keptLots >= minLots) reduceOrder(mirror, level, newest, keptLots, changes)
      else if (keptLots > 0 && isAheadOfForeign(mirror, level, newest)) {
        // Those behind must not be let past by the rounding: it keeps the least that an order may have.
        if (newest.remainingLots > minLots) reduceOrder(mirror, level, newest, minLots, changes)
      } else {
        changes.stale.push(newest.cloid)
        drop(mirror, level, newest)
      }
    }
  }
}

/** A smaller size under the same id keeps its place. */
function reduceOrder(
  mirror: Mirror,
  level: MirrorLevel,
  order: MirrorOrder,
  lots: number,
  changes: Changes,
): void {
  order.remainingLots = lots
  changes.modifies.push({ ref: { cloid: order.cloid }, order: toRequest(mirror, level, order) })
}

/** A larger size is a new order, at the end. */
function replace(
  mirror: Mirror,
  level: MirrorLevel,
  order: MirrorOrder,
  lots: number,
  changes: Changes,
): void {
  const ref: OrderRef = { cloid: order.cloid }
  mirror.levelByCloid.delete(order.cloid)
  order.cloid = nextCloid(mirror.cloids)
  order.oid = Infinity
  order.remainingLots = lots
  mirror.levelByCloid.set(order.cloid, level)
  changes.modifies.push({ ref, order: toRequest(mirror, level, order) })
}

function toRequest(mirror: Mirror, level: MirrorLevel, order: MirrorOrder): OrderRequest {
  return {
    assetId: mirror.instrument.assetId,
    side: level.side,
    priceTicks: level.priceTicks,
    sizeLots: order.remainingLots,
    reduceOnly: false,
    tif: 'Alo',
    trigger: null,
    cloid: order.cloid,
  }
}
