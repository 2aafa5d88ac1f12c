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
import { announce } from './emit.ts'
import { holdingFor } from './genesis.ts'
import * as matching from './matching.ts'
import * as mmp from './mmp.ts'
import { NO_ASK, NO_BID } from './order-book.ts'
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
  slotOfOid,
  TIF_SHIFT,
  tifCode,
  type TriggerGroup,
} from './order-index.ts'
import {
  announceBare,
  announceUnplaced,
  endOrder,
  endOwnOrders,
  reduceOrder,
  reducibleLots,
  startOrder,
} from './order-life.ts'
import * as plainBounds from './plain-bounds.ts'
import * as plainLife from './plain-life.ts'
import { priceIndexOf } from './price-index.ts'
import { checkLargest } from './size-caps.ts'
import type { Account, Exchange, Holding, Market } from './state.ts'
import { statusCode, type STATUS_FILLED, type STATUS_OPEN } from './status.ts'

// Own constants are folded into the machine code, imported ones are looked up at every use, and so are functions.
const { heldBackText, isHeldBack } = mmp
const { matchTaker, takerOf } = matching
const { plainRank } = plainBounds
const { restPlain } = plainLife
const OPEN: typeof STATUS_OPEN = 0
const FILLED: typeof STATUS_FILLED = 1
const IOC_CANCELED = statusCode('iocCancelRejected')
const BUY: typeof FLAG_BUY = 1
const TIF_BITS: typeof TIF_SHIFT = 4
const GTC = 0
const ALO = 2

export interface Place {
  /** The group a trigger belongs to; null: alone. */
  readonly group: TriggerGroup | null
  /** False for children of a parent that has not filled. */
  readonly armed: boolean
}

export const ALONE: Place = { group: null, armed: true }

function fail(exchange: Exchange, text: string): void {
  exchange.outcome.kind = 'error'
  exchange.outcome.text = text
}

function done(
  exchange: Exchange,
  kind: Exclude<OrderAnswer['kind'], 'error'>,
  oid: number,
  cloid: string | null,
): void {
  const { outcome } = exchange
  outcome.kind = kind
  outcome.oid = oid
  outcome.cloid = cloid
}

/** The answer to the order placed last, as an object that may be kept. */
export function lastAnswer(exchange: Exchange): OrderAnswer {
  const { kind, oid, cloid, totalLots, notionalMicroUsd, text } = exchange.outcome
  if (kind === 'error') return { kind, text }
  return kind === 'filled' ? { kind, oid, cloid, totalLots, notionalMicroUsd } : { kind, oid, cloid }
}

/** The outcome is told in `exchange.outcome`. */
export function placeOrder(exchange: Exchange, account: Account, request: OrderRequest, place: Place): void {
  const market = exchange.marketByAssetId.get(request.assetId)
  if (market === undefined) fail(exchange, `Order has invalid asset. asset=${request.assetId}`)
  else placeIn(exchange, account, market, request, place)
}

export function placeIn(
  exchange: Exchange,
  account: Account,
  market: Market,
  request: OrderRequest,
  place: Place,
): void {
  const { recent } = account
  if (recent !== null && recent.market === market && isPlain(request)) {
    const { side, priceTicks, sizeLots, tif } = request
    if (placePlain(exchange, recent, side === 'buy', priceTicks, sizeLots, tifCode(tif))) return
  }
  placeByRules(exchange, account, market, request, place)
}

function isPlain(request: OrderRequest): boolean {
  return request.trigger === null && request.cloid === null && !request.reduceOnly
}

/**
 * The way of most orders: they surely pass every rule.
 * @param tif as of `tifCode`
 * @returns false when nothing happened, since the rules must decide
 */
export function placePlain(
  exchange: Exchange,
  holding: Holding,
  isBuy: boolean,
  priceTicks: number,
  sizeLots: number,
  tif: number,
): boolean {
  if (isHeldBack(exchange, holding)) return false
  const { book } = holding.market
  const { bestBid, bestAsk } = book
  const rank = plainRank(exchange, holding, isBuy, priceTicks, sizeLots)
  if (rank === 0) return false
  // An empty ask side ranks above every price, an empty bid side below.
  const meets = isBuy ? bestAsk <= rank : bestBid >= rank
  const rests = tif === GTC || tif === ALO
  if (meets ? tif === ALO : !rests) return false
  if (!rests && priceTicks * sizeLots > book.bounds.marketNotionalMaxMicroUsd) return false
  const oid = exchange.oidLast + 1
  exchange.oidLast = oid
  const flags = (isBuy ? 1 : 0) | (tif << TIF_BITS)
  if (meets) {
    takePlain(exchange, holding, oid, priceTicks, rank, sizeLots, flags, rests)
    return true
  }
  restPlain(exchange, holding, priceTicks, rank, sizeLots, sizeLots, flags)
  done(exchange, 'resting', oid, null)
  return true
}

/** Matches an admitted plain order and rests what remains, as `executeOrder` does. */
function takePlain(
  exchange: Exchange,
  holding: Holding,
  oid: number,
  priceTicks: number,
  rank: number,
  sizeLots: number,
  flags: number,
  rests: boolean,
): void {
  const taker = takerOf(holding, oid, null, (flags & BUY) !== 0, rank, sizeLots)
  matchTaker(exchange, taker)
  const { remainingLots, filledLots } = taker
  if (remainingLots > 0 && rests) {
    restPlain(exchange, holding, priceTicks, rank, sizeLots, remainingLots, flags)
    return done(exchange, 'resting', oid, null)
  }
  announceBare(
    exchange,
    holding,
    oid,
    priceTicks,
    sizeLots,
    remainingLots,
    flags,
    filledLots > 0 ? FILLED : IOC_CANCELED,
  )
  if (filledLots === 0) return fail(exchange, noMatchText(holding.market.instrument.assetId))
  done(exchange, 'filled', oid, null)
  exchange.outcome.totalLots = filledLots
  exchange.outcome.notionalMicroUsd = taker.notionalMicroUsd
}

export function placeByRules(
  exchange: Exchange,
  account: Account,
  market: Market,
  request: OrderRequest,
  place: Place,
): void {
  const misshapen = checkShape(market, request)
  // Numbers that make no order leave no trace in the history.
  if (misshapen !== null && misshapen.status === 'rejected') return fail(exchange, misshapen.text)

  const holding = holdingFor(exchange, account, market)
  exchange.oidLast += 1
  const oid = exchange.oidLast
  const priceIndex = priceIndexOf(request.priceTicks, market.instrument.grid.priceDecimals)
  const refused = misshapen ?? checkOrder(exchange, holding, request, place, priceIndex)
  if (refused !== null) {
    announceUnplaced(exchange, holding, request, oid, request.sizeLots, refused.status)
    return fail(exchange, refused.text)
  }
  if (request.trigger !== null) {
    const { group, armed } = place
    const spec =
      group?.followsPosition === true ? { ...request.trigger, ofPosition: true as const } : request.trigger
    const trigger = { spec, group, armed }
    const slot = startOrder(exchange, holding, request, oid, priceIndex, request.sizeLots, trigger)
    place.group?.oids.push(oid)
    announce(exchange, holding, slot, OPEN)
    return done(exchange, place.armed ? 'waitingForTrigger' : 'waitingForFill', oid, request.cloid)
  }
  executeOrder(exchange, holding, request, oid, priceIndex)
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
  if (!request.reduceOnly && isHeldBack(exchange, holding)) {
    return { text: heldBackText(holding), status: 'rejected' }
  }
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
  const common =
    (place.armed ? checkMinimum(holding, request) : null) ??
    checkLargest(market, request) ??
    checkOpenOrders(account, request)
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
  priceIndex: number,
): void {
  const { cloid } = request
  const lots = request.reduceOnly
    ? Math.min(request.sizeLots, reducibleLots(holding, request.side))
    : request.sizeLots
  let filledLots = 0
  let notionalMicroUsd = 0
  let remainingLots = lots
  // Most orders rest without a match, and need no taker.
  if (crosses(holding.market, request.side, priceIndex)) {
    const isBuy = request.side === 'buy'
    const taker = takerOf(holding, oid, cloid, isBuy, priceIndex, lots)
    matchTaker(exchange, taker)
    filledLots = taker.filledLots
    notionalMicroUsd = taker.notionalMicroUsd
    remainingLots = taker.remainingLots
  }
  const rests = request.tif === 'Gtc' || request.tif === 'Alo'
  if (remainingLots > 0 && rests) {
    const slot = startOrder(exchange, holding, request, oid, priceIndex, remainingLots, null)
    announce(exchange, holding, slot, OPEN)
    return done(exchange, 'resting', oid, cloid)
  }
  if (filledLots === 0) {
    // All it met was its own orders, or makers without margin.
    announceUnplaced(exchange, holding, request, oid, remainingLots, 'iocCancelRejected')
    return fail(exchange, noMatchText(request.assetId))
  }
  announceUnplaced(exchange, holding, request, oid, remainingLots, 'filled')
  done(exchange, 'filled', oid, cloid)
  exchange.outcome.totalLots = filledLots
  exchange.outcome.notionalMicroUsd = notionalMicroUsd
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
  const holding = ownerOf(pool, slot)
  if (holding.account !== account) return NO_SLOT
  return assetId === null || holding.market.instrument.assetId === assetId ? slot : NO_SLOT
}

export function unknownOrderText(assetId: number): string {
  return `Order was never placed, already canceled, or filled. asset=${assetId}`
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
    return { kind: 'error', text: unknownOrderText(assetId) }
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
): void {
  const market = exchange.marketByAssetId.get(request.assetId)
  const misshapen = market === undefined ? null : checkShape(market, request)
  if (misshapen !== null) return fail(exchange, misshapen.text)
  const slot = slotOfRef(exchange, account, ref, request.assetId)
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
    announce(exchange, holding, slot, OPEN)
  }
  done(exchange, 'resting', oidOf(pool, slot), pool.cloid[slot]!)
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
    if (only(holding)) count += endOwnOrders(exchange, holding, status)
  }
  return count
}
