/**
 * The short way of most orders: plain ones (no trigger, no client id, not reduce-only) that surely pass every rule.
 *
 * `plainRank` proves with a few comparisons that no rule could refuse; what it cannot prove is left to placing.ts, which asks
 * every rule in turn. Both ways end in the same orders, events and hash.
 */
import type { OrderRequest } from './command.ts'
import * as matching from './matching.ts'
import * as mmp from './mmp.ts'
import type { FLAG_BUY, TIF_SHIFT } from './order-index.ts'
import * as orderLife from './order-life.ts'
import * as outcome from './outcome.ts'
import * as plainBounds from './plain-bounds.ts'
import * as plainLife from './plain-life.ts'
import type { Exchange, Holding } from './state.ts'
import { statusCode, type STATUS_FILLED } from './status.ts'

// Own constants are folded into the machine code, imported ones are looked up at every use, and so are functions.
const { isHeldBack } = mmp
const { matchTaker, takerOf } = matching
const { announceBare } = orderLife
const { done, fail, noMatchText } = outcome
const { plainRank } = plainBounds
const { restPlain } = plainLife
const FILLED: typeof STATUS_FILLED = 1
const IOC_CANCELED = statusCode('iocCancelRejected')
const BUY: typeof FLAG_BUY = 1
const TIF_BITS: typeof TIF_SHIFT = 4
const GTC = 0
const ALO = 2

/** Whether a request may try the short way. */
export function isPlain(request: OrderRequest): boolean {
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
