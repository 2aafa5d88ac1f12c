/**
 * The life of an order from its id to its end: slots, the account's own list, what rests and binds margin, history.
 * Every start and end of an order goes through here, so counts and sums cannot drift.
 * Long because every sum that an order takes part in is kept here and nowhere else.
 */
import { assert } from '../core/assert.ts'
import type { OrderRequest, TriggerSpec } from './command.ts'
import { announce } from './emit.ts'
import type { OrderStatusWord, OrderView } from './event.ts'
import { addToBook, reduceInBook, removeFromBook } from './order-book.ts'
import {
  FLAG_BUY,
  FLAG_REDUCE_ONLY,
  FLAG_WAITING,
  NO_SLOT,
  releaseSlot,
  slotOfOid,
  takeSlot,
  tifCode,
  TIFS,
  type TriggerGroup,
  type TriggerState,
} from './order-index.ts'
import type { Exchange, Holding } from './state.ts'
import { addTrigger, removeTrigger } from './trigger-book.ts'

/** A fresh view of a live order. */
export function viewOfSlot(exchange: Exchange, slot: number): OrderView {
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
    remainingLots: pool.remainingLots[slot]!,
    reduceOnly: (flags & FLAG_REDUCE_ONLY) !== 0,
    tif: TIFS[pool.tif[slot]!]!,
    trigger: pool.trigger[slot]?.spec ?? null,
    cloid: pool.cloid[slot]!,
    placedTsMs: pool.placedTsMs[slot]!,
  }
}

/** The order in a slot told in the exchange's record; the next event changes it. */
export function showSlot(
  exchange: Exchange,
  slot: number,
  remainingLots: number = exchange.pool.remainingLots[slot]!,
): OrderView {
  const { pool, shown } = exchange
  const holding = pool.holding[slot]!
  const flags = pool.flags[slot]!
  shown.oid = pool.oid[slot]!
  shown.account = holding.account.address
  shown.assetId = holding.market.instrument.assetId
  shown.side = (flags & FLAG_BUY) !== 0 ? 'buy' : 'sell'
  shown.priceTicks = pool.priceTicks[slot]!
  shown.originalLots = pool.originalLots[slot]!
  shown.remainingLots = remainingLots
  shown.reduceOnly = (flags & FLAG_REDUCE_ONLY) !== 0
  shown.tif = TIFS[pool.tif[slot]!]!
  shown.trigger = pool.trigger[slot]?.spec ?? null
  shown.cloid = pool.cloid[slot]!
  shown.placedTsMs = pool.placedTsMs[slot]!
  return shown
}

/** An order that never had a slot, told in the exchange's record. */
export function showRequest(
  exchange: Exchange,
  holding: Holding,
  order: OrderRequest,
  oid: number,
  remainingLots: number,
): OrderView {
  const { shown } = exchange
  shown.oid = oid
  shown.account = holding.account.address
  shown.assetId = order.assetId
  shown.side = order.side
  shown.priceTicks = order.priceTicks
  shown.originalLots = order.sizeLots
  shown.remainingLots = remainingLots
  shown.reduceOnly = order.reduceOnly
  shown.tif = order.tif
  shown.trigger = order.trigger
  shown.cloid = order.cloid
  shown.placedTsMs = exchange.tsMs
  return shown
}

/** Gives an order a slot: in the book, or waiting when it has a trigger. */
export function startOrder(
  exchange: Exchange,
  holding: Holding,
  request: OrderRequest,
  oid: number,
  priceIndex: number,
  remainingLots: number,
  trigger: TriggerState | null,
): number {
  const pool = exchange.pool
  const slot = takeSlot(pool, oid)
  pool.priceTicks[slot] = request.priceTicks
  pool.priceIndex[slot] = priceIndex
  pool.originalLots[slot] = request.sizeLots
  pool.remainingLots[slot] = remainingLots
  pool.placedTsMs[slot] = exchange.tsMs
  pool.tif[slot] = tifCode(request.tif)
  pool.flags[slot] =
    (request.side === 'buy' ? FLAG_BUY : 0) |
    (request.reduceOnly ? FLAG_REDUCE_ONLY : 0) |
    (trigger === null ? 0 : FLAG_WAITING)
  pool.holding[slot] = holding
  // Free slots hold nulls.
  if (trigger !== null) pool.trigger[slot] = trigger
  if (request.cloid !== null) {
    pool.cloid[slot] = request.cloid
    holding.account.slotByCloid.set(request.cloid, slot)
  }

  pool.ownPrevious[slot] = holding.lastOrder
  pool.ownNext[slot] = NO_SLOT
  if (holding.lastOrder === NO_SLOT) holding.firstOrder = slot
  else pool.ownNext[holding.lastOrder] = slot
  holding.lastOrder = slot
  holding.orderCount += 1
  holding.account.openOrderCount += 1
  if (trigger === null) {
    addToBook(holding.market.book, slot)
    if (request.reduceOnly) holding.reduceOnlyCount += 1
    else bind(holding, request.side === 'buy', remainingLots, request.priceTicks)
  } else {
    if (trigger.group?.followsPosition === true) holding.positionTriggerCount += 1
    if (trigger.armed) listTrigger(exchange, slot)
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
  const view = showSlot(exchange, slot)
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
    announce(exchange, account, showSlot(exchange, slot), 'open')
    return
  }
  const view = showSlot(exchange, slot, 0)
  const children = pool.children[slot]!
  dropOrder(exchange, slot)
  announce(exchange, account, view, 'filled')
  if (children !== null) armGroup(exchange, children)
}

/** The lots by which an order of this side may reduce the position; 0 when it would increase it. */
export function reducibleLots(holding: Holding, side: 'buy' | 'sell'): number {
  const lots = side === 'buy' ? -holding.sizeLots : holding.sizeLots
  return lots > 0 ? lots : 0
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
