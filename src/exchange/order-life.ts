/**
 * The life of an order from its id to its end: slots, the account's own list, what rests and binds margin, history.
 * Every start and end of an order goes through here, so counts and sums cannot drift.
 * Long because every sum that an order takes part in is kept here and nowhere else.
 */
import { assert } from '../core/assert.ts'
import type { OrderRequest, TriggerSpec } from './command.ts'
import * as emit from './emit.ts'
import type { OrderStatusWord, OrderView } from './event.ts'
import * as orderBook from './order-book.ts'
import {
  childrenOf,
  firstOwn,
  FLAG_BUY,
  FLAG_NAMED,
  FLAG_REDUCE_ONLY,
  flagsOf,
  FLAG_WAITING,
  NO_SLOT,
  oidOf,
  ownOids,
  ownerOf,
  releaseSlot,
  remainingOf,
  slotOfOid,
  takeSlot,
  TIF_SHIFT,
  tifCode,
  UNPLACED,
  type FIELD_ORIGINAL_LOTS,
  type FIELD_PLACED_TS_MS,
  type FIELD_PRICE_TICKS,
  type FIELD_REMAINING_LOTS,
  type TriggerGroup,
  type TriggerState,
  type WORD_FLAGS,
  type WORD_OWN_PLACE,
  type WORD_OWNER,
  type WORD_RANK,
} from './order-index.ts'
import * as orderQueue from './order-queue.ts'
import { copyOrder } from './order-view.ts'
import * as plainLife from './plain-life.ts'
import type { Exchange, Holding } from './state.ts'
import { statusCode, type STATUS_FILLED, type STATUS_OPEN } from './status.ts'
import { addTrigger, removeTrigger } from './trigger-book.ts'

// Own constants are folded into the machine code, imported ones are looked up at every use, and so are functions.
const { announce } = emit
const { addToBook, reduceInBook, removeFromBook } = orderBook
const { dequeue, enqueue } = orderQueue
const { endPlain, isPlainFlags } = plainLife
const PRICE: typeof FIELD_PRICE_TICKS = 1
const ORIGINAL: typeof FIELD_ORIGINAL_LOTS = 2
const REMAINING: typeof FIELD_REMAINING_LOTS = 3
const PLACED: typeof FIELD_PLACED_TS_MS = 4
const RANK: typeof WORD_RANK = 10
const OWN_PLACE: typeof WORD_OWN_PLACE = 14
const FLAGS: typeof WORD_FLAGS = 11
const OWNER: typeof WORD_OWNER = 12
const BUY: typeof FLAG_BUY = 1
const REDUCE_ONLY: typeof FLAG_REDUCE_ONLY = 2
const WAITING: typeof FLAG_WAITING = 4
const NAMED: typeof FLAG_NAMED = 8
const OPEN: typeof STATUS_OPEN = 0
const FILLED: typeof STATUS_FILLED = 1

/** A fresh view of a live order. */
export function viewOfSlot(exchange: Exchange, slot: number): OrderView {
  exchange.shown.slot = slot
  return copyOrder(exchange.shown)
}

/** Side, reduce-only and time in force as the record keeps them. */
export function packFlags(isBuy: boolean, reduceOnly: boolean, tif: number): number {
  return (isBuy ? BUY : 0) | (reduceOnly ? REDUCE_ONLY : 0) | (tif << TIF_SHIFT)
}

function flagsOfRequest(order: OrderRequest): number {
  const named = order.cloid !== null || order.trigger !== null ? FLAG_NAMED : 0
  return packFlags(order.side === 'buy', order.reduceOnly, tifCode(order.tif)) | named
}

/** Says what became of an order that never had a slot. */
export function announceUnplaced(
  exchange: Exchange,
  holding: Holding,
  order: OrderRequest,
  oid: number,
  remainingLots: number,
  status: OrderStatusWord,
  placedTsMs: number = exchange.tsMs,
): void {
  const { pool } = exchange
  pool.cloid[UNPLACED] = order.cloid
  pool.trigger[UNPLACED] = order.trigger === null ? null : { spec: order.trigger, group: null, armed: false }
  const { priceTicks, sizeLots } = order
  const flags = flagsOfRequest(order)
  const code = statusCode(status)
  announceBare(exchange, holding, oid, priceTicks, sizeLots, remainingLots, flags, code, placedTsMs)
}

/**
 * The same in numbers. Client id and trigger are read from the slot only when the flags say that the order has some.
 * @param code as of `statusCode`
 */
export function announceBare(
  exchange: Exchange,
  holding: Holding,
  oid: number,
  priceTicks: number,
  sizeLots: number,
  remainingLots: number,
  flags: number,
  code: number,
  placedTsMs: number = exchange.tsMs,
): void {
  const { pool } = exchange
  const { records } = pool
  records[UNPLACED] = oid
  records[PRICE] = priceTicks
  records[ORIGINAL] = sizeLots
  records[REMAINING] = remainingLots
  records[PLACED] = placedTsMs
  pool.words[FLAGS] = flags
  pool.words[OWNER] = holding.ownerIndex
  announce(exchange, holding, UNPLACED, code)
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
  const { pool } = exchange
  const flags = flagsOfRequest(request) | (trigger === null ? 0 : WAITING)
  const { priceTicks, sizeLots, cloid } = request
  const slot = restOrder(exchange, holding, oid, priceTicks, priceIndex, sizeLots, remainingLots, flags)
  if (cloid !== null) {
    pool.cloid[slot] = cloid
    holding.account.slotByCloid.set(cloid, slot)
  }
  if (trigger === null) return slot
  pool.trigger[slot] = trigger
  if (trigger.group?.followsPosition === true) holding.positionTriggerCount += 1
  if (trigger.armed) listTrigger(exchange, slot)
  return slot
}

/** The numbers of an order into a slot, its owner's list and, unless it waits, the book. @returns the slot */
function restOrder(
  exchange: Exchange,
  holding: Holding,
  oid: number,
  priceTicks: number,
  rank: number,
  originalLots: number,
  remainingLots: number,
  flags: number,
): number {
  const { pool } = exchange
  const slot = takeSlot(pool, oid)
  const { records, words } = pool
  const at = slot << 3
  const word = slot << 4
  records[at | PRICE] = priceTicks
  records[at | ORIGINAL] = originalLots
  records[at | REMAINING] = remainingLots
  records[at | PLACED] = exchange.tsMs
  words[word | RANK] = rank
  words[word | FLAGS] = flags
  words[word | OWNER] = holding.ownerIndex
  words[word | OWN_PLACE] = enqueue(pool.queues, pool.ownEnds, holding.ownerIndex << 1, slot)
  holding.orderCount += 1
  holding.account.openOrderCount += 1
  if ((flags & WAITING) === 0) {
    addToBook(holding.market.book, slot)
    if ((flags & REDUCE_ONLY) !== 0) holding.reduceOnlyCount += 1
    else bind(holding, (flags & BUY) !== 0, remainingLots, priceTicks)
  }
  return slot
}

function listTrigger(exchange: Exchange, slot: number): void {
  const { pool } = exchange
  const { spec } = pool.trigger[slot]!
  const entry = { triggerTicks: spec.triggerTicks, oid: oidOf(pool, slot) }
  addTrigger(ownerOf(pool, slot).market.triggers, firesAbove(flagsOf(pool, slot), spec), entry)
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
  const holding = ownerOf(pool, slot)
  const flags = pool.words[(slot << 4) | FLAGS]!
  if ((flags & WAITING) !== 0) {
    pool.records[(slot << 3) | REMAINING]! -= lots
    return
  }
  reduceInBook(holding.market.book, slot, lots)
  if ((flags & REDUCE_ONLY) === 0)
    bind(holding, (flags & BUY) !== 0, -lots, pool.records[(slot << 3) | PRICE]!)
}

/** Takes an order out of the book and of all lists. Its slot still tells what it was. */
function unlinkOrder(exchange: Exchange, slot: number): void {
  const pool = exchange.pool
  const holding = ownerOf(pool, slot)
  const flags = pool.words[(slot << 4) | FLAGS]!
  if ((flags & WAITING) === 0) {
    removeFromBook(holding.market.book, slot)
    if ((flags & REDUCE_ONLY) !== 0) holding.reduceOnlyCount -= 1
    else {
      const { records } = pool
      bind(holding, (flags & BUY) !== 0, -records[(slot << 3) | REMAINING]!, records[(slot << 3) | PRICE]!)
    }
  } else unlistTrigger(exchange, slot)
  dequeue(pool.queues, pool.ownEnds, holding.ownerIndex << 1, pool.words[(slot << 4) | OWN_PLACE]!)
  holding.orderCount -= 1
  holding.account.openOrderCount -= 1
  if ((flags & NAMED) !== 0) {
    const cloid = pool.cloid[slot]!
    if (cloid !== null) holding.account.slotByCloid.delete(cloid)
  }
}

function unlistTrigger(exchange: Exchange, slot: number): void {
  const { pool } = exchange
  const holding = ownerOf(pool, slot)
  const trigger = pool.trigger[slot]!
  if (trigger.group?.followsPosition === true) holding.positionTriggerCount -= 1
  if (!trigger.armed) return
  const entry = { triggerTicks: trigger.spec.triggerTicks, oid: oidOf(pool, slot) }
  removeTrigger(holding.market.triggers, firesAbove(flagsOf(pool, slot), trigger.spec), entry)
}

/** Takes an order out of the book and of all lists, without a word. */
export function dropOrder(exchange: Exchange, slot: number): void {
  unlinkOrder(exchange, slot)
  releaseSlot(exchange.pool, slot)
}

/** Ends a live order with a status and says so. */
export function endOrder(exchange: Exchange, slot: number, status: OrderStatusWord): void {
  const { pool } = exchange
  if (isPlainFlags(pool.words[(slot << 4) | FLAGS]!))
    return endPlain(exchange, ownerOf(pool, slot), slot, statusCode(status))
  const children = leave(exchange, slot, statusCode(status))
  if (children !== null) endGroup(exchange, children, 'canceled')
}

/** Ends all orders of an account in a market, oldest first. @returns how many, without those that another one ended */
export function endOwnOrders(exchange: Exchange, holding: Holding, status: OrderStatusWord): number {
  let count = 0
  for (;;) {
    const slot = firstOwn(exchange.pool, holding.ownerIndex)
    if (slot === NO_SLOT) return count
    endOrder(exchange, slot, status)
    count += 1
  }
}

/** Out of all lists, a last word, and the slot is free. @returns the orders that waited for this one */
function leave(exchange: Exchange, slot: number, code: number): TriggerGroup | null {
  const { pool } = exchange
  const children = childrenOf(pool, slot)
  unlinkOrder(exchange, slot)
  announce(exchange, ownerOf(pool, slot), slot, code)
  releaseSlot(pool, slot)
  return children
}

/** Counts a fill against a resting order; ends it when it is full. */
export function fillOrder(exchange: Exchange, slot: number, lots: number): void {
  const { pool } = exchange
  const remaining = pool.records[(slot << 3) | REMAINING]!
  assert(lots > 0 && lots <= remaining, 'a fill is at most what remains of the order')
  if (lots < remaining) {
    reduceOrder(exchange, slot, lots)
    announce(exchange, ownerOf(pool, slot), slot, OPEN)
    return
  }
  if (isPlainFlags(pool.words[(slot << 4) | FLAGS]!))
    return endPlain(exchange, ownerOf(pool, slot), slot, FILLED)
  const children = childrenOf(pool, slot)
  unlinkOrder(exchange, slot)
  pool.records[(slot << 3) | REMAINING] = 0
  announce(exchange, ownerOf(pool, slot), slot, FILLED)
  releaseSlot(pool, slot)
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
  if (holding.reduceOnlyCount !== 0 || holding.positionTriggerCount !== 0) fitOrders(exchange, holding)
}

function fitOrders(exchange: Exchange, holding: Holding): void {
  const { pool } = exchange
  for (const oid of ownOids(pool, holding.ownerIndex)) {
    const slot = slotOfOid(pool, oid)
    if (slot !== NO_SLOT) fitOrder(exchange, holding, slot)
  }
}

function fitOrder(exchange: Exchange, holding: Holding, slot: number): void {
  const { pool } = exchange
  const flags = flagsOf(pool, slot)
  const allowed = reducibleLots(holding, (flags & FLAG_BUY) !== 0 ? 'buy' : 'sell')
  if ((flags & FLAG_WAITING) !== 0) {
    if (allowed === 0 && pool.trigger[slot]?.group?.followsPosition === true) {
      endOrder(exchange, slot, 'reduceOnlyCanceled')
    }
  } else if ((flags & FLAG_REDUCE_ONLY) !== 0) {
    const excess = remainingOf(pool, slot) - allowed
    if (allowed === 0) endOrder(exchange, slot, 'reduceOnlyCanceled')
    else if (excess > 0) reduceOrder(exchange, slot, excess)
  }
}
