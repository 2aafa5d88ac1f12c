/**
 * From a request to an answer: admission, matching, resting; cancel and modify. One order at a time.
 *
 *   request ─ checks ─┬─ refused                      → error, in history when its numbers make an order
 *                     ├─ trigger                      → waits, off the book
 *                     └─ executed ─┬─ full            → filled
 *                                  ├─ Gtc, Alo        → rests (a partial fill answers "resting", as on the venue)
 *                                  └─ Ioc             → filled with the smaller size, or an error when nothing traded
 * Long because place, modify and cancel are one path with many short ends.
 */
import type { OrderAnswer, OrderRef, OrderRequest } from './command.ts'
import {
  checkBands,
  checkMargin,
  checkMinimum,
  checkOpenInterest,
  checkOpenOrders,
  checkPostOnly,
  checkShape,
  checkTrigger,
  crosses,
  type Refusal,
} from './admission.ts'
import { holdingFor } from './genesis.ts'
import { matchTaker, type Taker } from './matching.ts'
import { NO_ASK, NO_BID } from './order-book.ts'
import {
  FLAG_BUY,
  FLAG_REDUCE_ONLY,
  FLAG_WAITING,
  NO_SLOT,
  slotOfOid,
  TIFS,
  type TriggerGroup,
} from './order-index.ts'
import {
  announce,
  endOrder,
  reduceOrder,
  reducibleLots,
  startOrder,
  viewOfRequest,
  viewOfSlot,
} from './order-life.ts'
import { priceIndexOf } from './price-index.ts'
import type { Account, Exchange, Holding } from './state.ts'

export interface Place {
  /** The group a trigger belongs to; null: alone. */
  readonly group: TriggerGroup | null
  /** False for children of a parent that has not filled. */
  readonly armed: boolean
}

export const ALONE: Place = { group: null, armed: true }

const error = (text: string): OrderAnswer => ({ kind: 'error', text })

export function placeOrder(
  exchange: Exchange,
  account: Account,
  request: OrderRequest,
  place: Place,
): OrderAnswer {
  const market = exchange.marketByAssetId.get(request.assetId)
  if (market === undefined) return error(`Order has invalid asset. asset=${request.assetId}`)
  const misshapen = checkShape(market, request)
  // Numbers that make no order leave no trace in the history.
  if (misshapen !== null && misshapen.status === 'rejected') return error(misshapen.text)

  const holding = holdingFor(exchange, account, market)
  exchange.oidLast += 1
  const oid = exchange.oidLast
  const priceIndex = priceIndexOf(request.priceTicks, market.instrument.grid.priceDecimals)
  const refused = misshapen ?? checkOrder(exchange, holding, request, place, priceIndex)
  if (refused !== null) {
    const view = viewOfRequest(exchange, holding, request, oid, request.sizeLots)
    announce(exchange, account, view, refused.status)
    return error(refused.text)
  }
  if (request.trigger !== null) {
    const trigger = { spec: request.trigger, group: place.group, armed: place.armed }
    const slot = startOrder(exchange, holding, {
      request,
      oid,
      priceIndex,
      remainingLots: request.sizeLots,
      trigger,
    })
    place.group?.oids.push(oid)
    announce(exchange, account, viewOfSlot(exchange, slot), 'open')
    return { kind: place.armed ? 'waitingForTrigger' : 'waitingForFill', oid, cloid: request.cloid }
  }
  return executeOrder(exchange, holding, request, oid)
}

function checkOrder(
  exchange: Exchange,
  holding: Holding,
  request: OrderRequest,
  place: Place,
  priceIndex: number,
): Refusal | null {
  const { market, account } = holding
  const isTrigger = request.trigger !== null
  const early = (isTrigger ? null : checkBands(exchange, market, request)) ?? checkTrigger(market, request)
  if (early !== null) return early
  if (request.cloid !== null && account.slotByCloid.has(request.cloid)) {
    return { text: `Order has a client id that is in use. asset=${request.assetId}`, status: 'rejected' }
  }
  // A child's position comes with its parent, so it is judged when it fires.
  if (request.reduceOnly && place.armed && reducibleLots(holding, request.side) === 0) {
    const text = `Reduce only order would increase position. asset=${request.assetId}`
    return { text, status: 'reduceOnlyRejected' }
  }
  const common = (place.armed ? checkMinimum(holding, request) : null) ?? checkOpenOrders(account, request)
  if (common !== null || isTrigger) return common
  return (
    checkPostOnly(market, request, priceIndex) ??
    checkOpenInterest(holding, request) ??
    checkMargin(exchange, holding, request) ??
    checkTakerOnly(holding, request, priceIndex)
  )
}

/** Orders that never rest need something to match. */
function checkTakerOnly(holding: Holding, request: OrderRequest, priceIndex: number): Refusal | null {
  const { market } = holding
  if (request.tif !== 'Ioc' && request.tif !== 'FrontendMarket') return null
  if (crosses(market, request.side, priceIndex)) return null
  const { bestBid, bestAsk } = market.book
  const empty = request.side === 'buy' ? bestAsk === NO_ASK : bestBid === NO_BID
  if (empty && request.tif === 'FrontendMarket') {
    const text = `No liquidity available for market order. asset=${request.assetId}`
    return { text, status: 'marketOrderNoLiquidityRejected' }
  }
  return { text: noMatchText(request.assetId), status: 'iocCancelRejected' }
}

function noMatchText(assetId: number): string {
  return `Order could not immediately match against any resting orders. asset=${assetId}`
}

/** Matches an admitted order and rests what remains. The id may be that of a trigger that fired. */
export function executeOrder(
  exchange: Exchange,
  holding: Holding,
  request: OrderRequest,
  oid: number,
): OrderAnswer {
  const { market, account } = holding
  const { cloid } = request
  const priceIndex = priceIndexOf(request.priceTicks, market.instrument.grid.priceDecimals)
  const lots = request.reduceOnly
    ? Math.min(request.sizeLots, reducibleLots(holding, request.side))
    : request.sizeLots
  const taker: Taker = {
    holding,
    oid,
    cloid,
    isBuy: request.side === 'buy',
    limitIndex: priceIndex,
    remainingLots: lots,
    filledLots: 0,
    notionalMicroUsd: 0,
    liquidation: null,
  }
  matchTaker(exchange, taker)
  const { filledLots, notionalMicroUsd, remainingLots } = taker
  const rests = request.tif === 'Gtc' || request.tif === 'Alo'
  if (remainingLots > 0 && rests) {
    const slot = startOrder(exchange, holding, { request, oid, priceIndex, remainingLots, trigger: null })
    announce(exchange, account, viewOfSlot(exchange, slot), 'open')
    return { kind: 'resting', oid, cloid }
  }
  const view = viewOfRequest(exchange, holding, request, oid, remainingLots)
  if (filledLots === 0) {
    // All it met was its own orders, or makers without margin.
    announce(exchange, account, view, 'iocCancelRejected')
    return error(noMatchText(request.assetId))
  }
  announce(exchange, account, view, 'filled')
  return { kind: 'filled', oid, cloid, totalLots: filledLots, notionalMicroUsd }
}

/** @returns the slot of an account's own live order in this market, or NO_SLOT */
export function slotOfRef(
  exchange: Exchange,
  account: Account,
  ref: OrderRef,
  assetId: number | null,
): number {
  const { pool } = exchange
  const slot = 'oid' in ref ? slotOfOid(pool, ref.oid) : (account.slotByCloid.get(ref.cloid) ?? NO_SLOT)
  if (slot === NO_SLOT) return NO_SLOT
  const holding = pool.holding[slot]!
  if (holding.account !== account) return NO_SLOT
  return assetId === null || holding.market.instrument.assetId === assetId ? slot : NO_SLOT
}

export type CancelAnswer = { readonly kind: 'success' } | { readonly kind: 'error'; readonly text: string }

export function cancelOrder(
  exchange: Exchange,
  account: Account,
  assetId: number,
  ref: OrderRef,
): CancelAnswer {
  const slot = slotOfRef(exchange, account, ref, assetId)
  if (slot === NO_SLOT) {
    return { kind: 'error', text: `Order was never placed, already canceled, or filled. asset=${assetId}` }
  }
  endOrder(exchange, slot, 'canceled')
  return { kind: 'success' }
}

/** Cancel and place; a smaller size at the same price keeps id and place. What cannot be an order leaves the old one alone. */
export function modifyOrder(
  exchange: Exchange,
  account: Account,
  ref: OrderRef,
  request: OrderRequest,
  always: boolean,
): OrderAnswer {
  const market = exchange.marketByAssetId.get(request.assetId)
  const misshapen = market === undefined ? null : checkShape(market, request)
  if (misshapen !== null) return error(misshapen.text)
  const slot = slotOfRef(exchange, account, ref, request.assetId)
  if (slot === NO_SLOT) {
    if (always) return placeOrder(exchange, account, request, ALONE)
    return error(`Cannot modify canceled or filled order. asset=${request.assetId}`)
  }
  if (keepsPlace(exchange, slot, request)) return shrinkInPlace(exchange, slot, request)
  endOrder(exchange, slot, 'canceled')
  return placeOrder(exchange, account, request, ALONE)
}

function keepsPlace(exchange: Exchange, slot: number, request: OrderRequest): boolean {
  const { pool } = exchange
  const flags = pool.flags[slot]!
  return (
    (flags & FLAG_WAITING) === 0 &&
    request.trigger === null &&
    (request.tif === 'Gtc' || request.tif === 'Alo') &&
    TIFS[pool.tif[slot]!] === request.tif &&
    ((flags & FLAG_BUY) !== 0) === (request.side === 'buy') &&
    ((flags & FLAG_REDUCE_ONLY) !== 0) === request.reduceOnly &&
    pool.cloid[slot] === request.cloid &&
    pool.priceTicks[slot] === request.priceTicks &&
    request.sizeLots <= pool.remainingLots[slot]!
  )
}

function shrinkInPlace(exchange: Exchange, slot: number, request: OrderRequest): OrderAnswer {
  const { pool } = exchange
  const holding = pool.holding[slot]!
  const refused = checkMinimum(holding, request)
  if (refused !== null) return error(refused.text)
  const less = pool.remainingLots[slot]! - request.sizeLots
  if (less > 0) {
    reduceOrder(exchange, slot, less)
    // What was filled stays the difference between the two sizes.
    pool.originalLots[slot]! -= less
    announce(exchange, holding.account, viewOfSlot(exchange, slot), 'open')
  }
  return { kind: 'resting', oid: pool.oid[slot]!, cloid: pool.cloid[slot]! }
}

/** Ends all orders of an account, on one DEX or everywhere, oldest market first. @returns how many */
export function endAllOrders(
  exchange: Exchange,
  account: Account,
  status: 'scheduledCancel' | 'liquidatedCanceled',
  only: (holding: Holding) => boolean = () => true,
): number {
  let count = 0
  for (const holding of account.holdings.values()) {
    if (!only(holding)) continue
    while (holding.firstOrder !== NO_SLOT) {
      endOrder(exchange, holding.firstOrder, status)
      count += 1
    }
  }
  return count
}
