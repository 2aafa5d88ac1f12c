/**
 * A changed order: a smaller size at the same price keeps its id and its place in the queue; every other change cancels the
 * old order and places the new one at the end of the queue, under a new id.
 */
import { checkMinimum, checkShape } from './admission.ts'
import { slotOfRef } from './canceling.ts'
import type { OrderRef, OrderRequest } from './command.ts'
import { announce } from './emit.ts'
import {
  FIELD_ORIGINAL_LOTS,
  FLAG_BUY,
  FLAG_REDUCE_ONLY,
  FLAG_WAITING,
  flagsOf,
  NO_SLOT,
  oidOf,
  ownerOf,
  priceOf,
  remainingOf,
  TIF_SHIFT,
  tifCode,
} from './order-index.ts'
import { endOrder, reduceOrder } from './order-life.ts'
import { done, fail } from './outcome.ts'
import { ALONE, placeOrder, type Place } from './placing.ts'
import type { Account, Exchange } from './state.ts'
import { STATUS_OPEN } from './status.ts'

/**
 * Changes a live order. Numbers that cannot be an order leave the old one alone. The outcome is told in `exchange.outcome`.
 * @param always true: places the order also when the old one lives no longer
 */
export function modifyOrder(
  exchange: Exchange,
  account: Account,
  ref: OrderRef,
  request: OrderRequest,
  always: boolean,
): void {
  const market = exchange.marketByAssetId.get(request.assetId)
  const slot = slotOfRef(exchange, account, ref, request.assetId)
  const ofPosition = slot !== NO_SLOT && exchange.pool.trigger[slot]?.group?.followsPosition === true
  const misshapen = market === undefined ? null : checkShape(market, request, ofPosition)
  if (misshapen !== null) return fail(exchange, misshapen.text)
  if (slot === NO_SLOT) {
    if (always) return placeOrder(exchange, account, request, ALONE)
    return fail(exchange, `Cannot modify canceled or filled order. asset=${request.assetId}`)
  }
  if (keepsPlace(exchange, slot, request)) return shrinkInPlace(exchange, slot, request)
  const place = request.trigger === null ? ALONE : placeOfTrigger(exchange, slot)
  endOrder(exchange, slot, 'canceled')
  return placeOrder(exchange, account, request, place)
}

/** A changed TP/SL order stays with its siblings, and goes on waiting for its parent. The old one leaves the group. */
function placeOfTrigger({ pool }: Exchange, slot: number): Place {
  const trigger = (flagsOf(pool, slot) & FLAG_WAITING) === 0 ? null : pool.trigger[slot]
  if (!trigger) return ALONE
  const { group, armed } = trigger
  if (group !== null) group.oids.splice(group.oids.indexOf(oidOf(pool, slot)), 1)
  return { group, armed }
}

function keepsPlace(exchange: Exchange, slot: number, request: OrderRequest): boolean {
  const { pool } = exchange
  const flags = flagsOf(pool, slot)
  return (
    (flags & FLAG_WAITING) === 0 &&
    request.trigger === null &&
    (request.tif === 'Gtc' || request.tif === 'Alo') &&
    ((flags >> TIF_SHIFT) & 3) === tifCode(request.tif) &&
    ((flags & FLAG_BUY) !== 0) === (request.side === 'buy') &&
    ((flags & FLAG_REDUCE_ONLY) !== 0) === request.reduceOnly &&
    pool.cloid[slot] === request.cloid &&
    priceOf(pool, slot) === request.priceTicks &&
    request.sizeLots <= remainingOf(pool, slot)
  )
}

function shrinkInPlace(exchange: Exchange, slot: number, request: OrderRequest): void {
  const { pool } = exchange
  const holding = ownerOf(pool, slot)
  const refused = checkMinimum(holding, request)
  if (refused !== null) return fail(exchange, refused.text)
  const less = remainingOf(pool, slot) - request.sizeLots
  if (less > 0) {
    reduceOrder(exchange, slot, less)
    // What was filled stays the difference between the two sizes.
    pool.records[slot * 8 + FIELD_ORIGINAL_LOTS]! -= less
    announce(exchange, holding, slot, STATUS_OPEN)
  }
  done(exchange, 'resting', oidOf(pool, slot), pool.cloid[slot]!)
}
