/**
 * From a request to an answer, one order at a time.
 *
 *   request ─┬─ surely passes every rule (plain-placing.ts)
 *            └─ rules ─┬─ refused        → error; in history when its numbers make an order
 *                      ├─ trigger        → waits, off the book
 *                      └─ executed ─┬─ full       → filled
 *                                   ├─ Gtc, Alo   → rests (a partial fill answers "resting", as on the venue)
 *                                   └─ Ioc        → filled with the smaller size, or an error when nothing traded
 * Long because the rules and what follows them are one path with many short ends.
 */
import type { OrderRequest } from './command.ts'
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
import { matchTaker, takerOf } from './matching.ts'
import { heldBackText, isHeldBack } from './mmp.ts'
import { NO_ASK, NO_BID } from './order-book.ts'
import { tifCode, type TriggerGroup } from './order-index.ts'
import { announceUnplaced, reducibleLots, startOrder } from './order-life.ts'
import { done, fail, noMatchText } from './outcome.ts'
import { isPlain, placePlain } from './plain-placing.ts'
import { priceIndexOf } from './price-index.ts'
import { checkLargest } from './size-caps.ts'
import type { Account, Exchange, Holding, Market } from './state.ts'
import type { STATUS_OPEN } from './status.ts'

// An own constant is folded into the machine code, an imported one is looked up at every use.
const OPEN: typeof STATUS_OPEN = 0

export interface Place {
  /** The group a trigger belongs to; null: alone. */
  readonly group: TriggerGroup | null
  /** False for children of a parent that has not filled. */
  readonly armed: boolean
}

export const ALONE: Place = { group: null, armed: true }

/** Places one order in any market. What became of it is told in `exchange.outcome`. */
export function placeOrder(exchange: Exchange, account: Account, request: OrderRequest, place: Place): void {
  const market = exchange.marketByAssetId.get(request.assetId)
  if (market === undefined) fail(exchange, `Order has invalid asset. asset=${request.assetId}`)
  else placeIn(exchange, account, market, request, place)
}

function placeIn(
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

export function placeByRules(
  exchange: Exchange,
  account: Account,
  market: Market,
  request: OrderRequest,
  place: Place,
): void {
  const misshapen = checkShape(market, request, place.group?.followsPosition === true)
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
