/**
 * The life of an order from its id to its end: slots, the account's own list, what rests and binds margin, history.
 * Every start and end of an order goes through here, so counts and sums cannot drift.
 * Long because every sum that an order takes part in is kept here and nowhere else.
 */
import { assert } from '../core/assert.ts'
import { signOf } from '../core/units.ts'
import type { OrderRequest, TriggerSpec } from './command.ts'
import type { OrderStatusWord, OrderView } from './event.ts'
import { ENDED_ORDERS_MAX } from './limits.ts'
import { addToBook, reduceInBook, removeFromBook } from './order-book.ts'
import {
  FLAG_BUY,
  FLAG_REDUCE_ONLY,
  FLAG_WAITING,
  NO_SLOT,
  releaseSlot,
  slotOfOid,
  takeSlot,
  TIFS,
  type TriggerGroup,
  type TriggerState,
} from './order-index.ts'
import type { Account, Exchange, Holding } from './state.ts'
import { addTrigger, removeTrigger } from './trigger-book.ts'

/** A fresh view; `remainingLots` may run ahead of the slot when a fill is about to end the order. */
export function viewOfSlot(
  exchange: Exchange,
  slot: number,
  remainingLots: number = exchange.pool.remainingLots[slot]!,
): OrderView {
  const pool = exchange.pool
  const holding = pool.holding[slot]!
  const flags = pool.flags[slot]!
  return {
    oid: pool.oid[slot]!,
    account: holding.account.address,
    assetId: holding.market.instrument.assetId,
    side: (flags & FLAG_BUY) !== 0 ? 'buy' : 'sell',
    priceTicks: pool.priceTicks[slot]!,
    originalLots: pool.originalLots[slot]!,
    remainingLots,
    reduceOnly: (flags & FLAG_REDUCE_ONLY) !== 0,
    tif: TIFS[pool.tif[slot]!]!,
    trigger: pool.trigger[slot]?.spec ?? null,
    cloid: pool.cloid[slot]!,
    placedTsMs: pool.placedTsMs[slot]!,
  }
}

export function viewOfRequest(
  exchange: Exchange,
  holding: Holding,
  order: OrderRequest,
  oid: number,
  remainingLots: number,
): OrderView {
  return {
    oid,
    account: holding.account.address,
    assetId: order.assetId,
    side: order.side,
    priceTicks: order.priceTicks,
    originalLots: order.sizeLots,
    remainingLots,
    reduceOnly: order.reduceOnly,
    tif: order.tif,
    trigger: order.trigger,
    cloid: order.cloid,
    placedTsMs: exchange.tsMs,
  }
}

/** Says that an order changed, and keeps it in the account's history when it ended. */
export function announce(
  exchange: Exchange,
  account: Account,
  order: OrderView,
  status: OrderStatusWord,
): void {
  exchange.events.push({ kind: 'order', tsMs: exchange.tsMs, status, order })
  if (status === 'open' || status === 'triggered') return
  const ended = { order, status, statusTsMs: exchange.tsMs }
  if (account.ended.length < ENDED_ORDERS_MAX) account.ended.push(ended)
  else account.ended[account.endedNext] = ended
  account.endedNext = (account.endedNext + 1) % ENDED_ORDERS_MAX
}

export interface NewOrder {
  readonly request: OrderRequest
  readonly oid: number
  readonly priceIndex: number
  readonly remainingLots: number
  readonly trigger: TriggerState | null
}

/** Gives an order a slot: in the book, or waiting when it has a trigger. */
export function startOrder(exchange: Exchange, holding: Holding, order: NewOrder): number {
  const pool = exchange.pool
  const { request } = order
  const slot = takeSlot(pool, order.oid)
  pool.priceTicks[slot] = request.priceTicks
  pool.priceIndex[slot] = order.priceIndex
  pool.originalLots[slot] = request.sizeLots
  pool.remainingLots[slot] = order.remainingLots
  pool.placedTsMs[slot] = exchange.tsMs
  pool.tif[slot] = TIFS.indexOf(request.tif)
  pool.flags[slot] =
    (request.side === 'buy' ? FLAG_BUY : 0) |
    (request.reduceOnly ? FLAG_REDUCE_ONLY : 0) |
    (order.trigger === null ? 0 : FLAG_WAITING)
  pool.holding[slot] = holding
  pool.cloid[slot] = request.cloid
  pool.trigger[slot] = order.trigger
  if (request.cloid !== null) holding.account.slotByCloid.set(request.cloid, slot)

  pool.ownPrevious[slot] = holding.lastOrder
  pool.ownNext[slot] = NO_SLOT
  if (holding.lastOrder === NO_SLOT) holding.firstOrder = slot
  else pool.ownNext[holding.lastOrder] = slot
  holding.lastOrder = slot
  holding.orderCount += 1
  holding.account.openOrderCount += 1
  if (order.trigger === null) {
    addToBook(holding.market.book, slot)
    if (request.reduceOnly) holding.reduceOnlyCount += 1
    else bind(holding, request.side === 'buy', order.remainingLots, request.priceTicks)
  } else {
    if (order.trigger.group?.followsPosition === true) holding.positionTriggerCount += 1
    if (order.trigger.armed) listTrigger(exchange, slot)
  }
  return slot
}

function listTrigger(exchange: Exchange, slot: number): void {
  const { pool } = exchange
  const { spec } = pool.trigger[slot]!
  const entry = { triggerTicks: spec.triggerTicks, oid: pool.oid[slot]! }
  addTrigger(pool.holding[slot]!.market.triggers, firesAbove(pool.flags[slot]!, spec), entry)
}

/** A take-profit sell and a stop buy fire when the mark rises; the other two when it falls. */
function firesAbove(flags: number, spec: TriggerSpec): boolean {
  return ((flags & FLAG_BUY) === 0) === (spec.kind === 'tp')
}

/** The parent filled: its children wait for their triggers now. */
export function armGroup(exchange: Exchange, group: TriggerGroup): void {
  for (const oid of group.oids) {
    const slot = slotOfOid(exchange.pool, oid)
    if (slot === NO_SLOT) continue
    const trigger = exchange.pool.trigger[slot]
    if (!trigger || trigger.armed) continue
    trigger.armed = true
    listTrigger(exchange, slot)
  }
}

/** Ends what is left of a group, but for one order. */
export function endGroup(
  exchange: Exchange,
  group: TriggerGroup,
  status: OrderStatusWord,
  exceptOid = 0,
): void {
  for (const oid of group.oids) {
    const slot = oid === exceptOid ? NO_SLOT : slotOfOid(exchange.pool, oid)
    if (slot !== NO_SLOT) endOrder(exchange, slot, status)
  }
}

/** Adds (or with negative lots removes) resting size to what may still open. */
function bind(holding: Holding, isBuy: boolean, lots: number, priceTicks: number): void {
  if (isBuy) {
    holding.buyLots += lots
    holding.buyMicroUsd += lots * priceTicks
  } else {
    holding.sellLots += lots
    holding.sellMicroUsd += lots * priceTicks
  }
}

/** Makes a resting order smaller in place. */
export function reduceOrder(exchange: Exchange, slot: number, lots: number): void {
  const pool = exchange.pool
  const holding = pool.holding[slot]!
  const flags = pool.flags[slot]!
  if ((flags & FLAG_WAITING) !== 0) {
    pool.remainingLots[slot]! -= lots
    return
  }
  reduceInBook(holding.market.book, slot, lots)
  if ((flags & FLAG_REDUCE_ONLY) === 0) bind(holding, (flags & FLAG_BUY) !== 0, -lots, pool.priceTicks[slot]!)
}

/** Takes an order out of the book and of all lists, without a word. */
export function dropOrder(exchange: Exchange, slot: number): void {
  const pool = exchange.pool
  const holding = pool.holding[slot]!
  const flags = pool.flags[slot]!
  const remaining = pool.remainingLots[slot]!
  if ((flags & FLAG_WAITING) === 0) {
    removeFromBook(holding.market.book, slot)
    if ((flags & FLAG_REDUCE_ONLY) !== 0) holding.reduceOnlyCount -= 1
    else if (remaining > 0) bind(holding, (flags & FLAG_BUY) !== 0, -remaining, pool.priceTicks[slot]!)
  } else {
    const trigger = pool.trigger[slot]!
    if (trigger.group?.followsPosition === true) holding.positionTriggerCount -= 1
    if (trigger.armed) {
      const entry = { triggerTicks: trigger.spec.triggerTicks, oid: pool.oid[slot]! }
      removeTrigger(holding.market.triggers, firesAbove(flags, trigger.spec), entry)
    }
  }
  const before = pool.ownPrevious[slot]!
  const after = pool.ownNext[slot]!
  if (before === NO_SLOT) holding.firstOrder = after
  else pool.ownNext[before] = after
  if (after === NO_SLOT) holding.lastOrder = before
  else pool.ownPrevious[after] = before
  holding.orderCount -= 1
  holding.account.openOrderCount -= 1
  const cloid = pool.cloid[slot]!
  if (cloid !== null) holding.account.slotByCloid.delete(cloid)
  releaseSlot(pool, slot)
}

/** Ends a live order with a status and says so. */
export function endOrder(exchange: Exchange, slot: number, status: OrderStatusWord): void {
  const account = exchange.pool.holding[slot]!.account
  const view = viewOfSlot(exchange, slot)
  const children = exchange.pool.children[slot]!
  dropOrder(exchange, slot)
  announce(exchange, account, view, status)
  if (children !== null) endGroup(exchange, children, 'canceled')
}

/** Counts a fill against a resting order; ends it when it is full. */
export function fillOrder(exchange: Exchange, slot: number, lots: number): void {
  const pool = exchange.pool
  const remaining = pool.remainingLots[slot]!
  assert(lots > 0 && lots <= remaining, 'a fill is at most what remains of the order')
  const account = pool.holding[slot]!.account
  if (lots < remaining) {
    reduceOrder(exchange, slot, lots)
    announce(exchange, account, viewOfSlot(exchange, slot), 'open')
    return
  }
  const view = viewOfSlot(exchange, slot, 0)
  const children = pool.children[slot]!
  dropOrder(exchange, slot)
  announce(exchange, account, view, 'filled')
  if (children !== null) armGroup(exchange, children)
}

/** The lots by which an order of this side may reduce the position; 0 when it would increase it. */
export function reducibleLots(holding: Holding, side: 'buy' | 'sell'): number {
  return Math.max(0, -signOf(side) * holding.sizeLots)
}

/**
 * After the position changed: resting reduce-only orders shrink to it, and end when nothing is left to reduce;
 * triggers that belong to the position end with it.
 */
export function fitToPosition(exchange: Exchange, holding: Holding): void {
  if (holding.reduceOnlyCount === 0 && holding.positionTriggerCount === 0) return
  const pool = exchange.pool
  let slot = holding.firstOrder
  while (slot !== NO_SLOT) {
    const after = pool.ownNext[slot]!
    const flags = pool.flags[slot]!
    const allowed = reducibleLots(holding, (flags & FLAG_BUY) !== 0 ? 'buy' : 'sell')
    if ((flags & FLAG_WAITING) !== 0) {
      if (allowed === 0 && pool.trigger[slot]?.group?.followsPosition === true) {
        endOrder(exchange, slot, 'reduceOnlyCanceled')
      }
    } else if ((flags & FLAG_REDUCE_ONLY) !== 0) {
      const excess = pool.remainingLots[slot]! - allowed
      if (allowed === 0) endOrder(exchange, slot, 'reduceOnlyCanceled')
      else if (excess > 0) reduceOrder(exchange, slot, excess)
    }
    slot = after
  }
}
