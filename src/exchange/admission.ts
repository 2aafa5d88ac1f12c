/**
 * What an order must satisfy before it meets the book, in the venue's order and with the venue's words.
 *
 * in   a request and the account's holding in its market
 * out  null, or a refusal: the text of the answer and the status of the order
 * note prices of at most five significant figures: judged in price-index.ts by code of its own. The maker's rounding in
 *      core/units.ts is not used, so that a mistake there is refused here
 * Long because it is a list: one function per rule.
 */
import type { OrderRequest } from './command.ts'
import { setCredit } from './credit.ts'
import type { OrderStatusWord } from './event.ts'
import { refreshRates } from './fees.ts'
import { feeOf } from './integer-money.ts'
import {
  MIN_NOTIONAL_MICRO_USD,
  NOTIONAL_MICRO_USD_MAX,
  OPEN_ORDERS_BASE_MAX,
  OPEN_ORDERS_MAX,
  OPEN_ORDERS_PLAIN_ONLY,
  SIZE_LOTS_MAX,
  VOLUME_PER_OPEN_ORDER_MICRO_USD,
} from './limits.ts'
import { freeMargin, maxLeverageAt, orderHold } from './margin.ts'
import { bestAskTicks, bestBidTicks } from './oracle.ts'
import { NO_ASK, NO_BID } from './order-book.ts'
import { reducibleLots } from './order-life.ts'
import { isPriceNumber, priceIndexOf, priceText } from './price-index.ts'
import { checkDexCaps } from './size-caps.ts'
import type { Account, Exchange, Holding, Market } from './state.ts'

export interface Refusal {
  readonly text: string
  readonly status: OrderStatusWord
}

const refusal = (text: string, status: OrderStatusWord): Refusal => ({ text, status })

/**
 * Numbers and grid: what needs no account.
 * @param ofPosition a TP/SL order of a position group; its size may be 0, for all that the position will be
 */
export function checkShape(market: Market, order: OrderRequest, ofPosition: boolean): Refusal | null {
  const { assetId, grid } = market.instrument
  const { priceDecimals } = grid
  const mayBeZero = ofPosition && order.reduceOnly && order.trigger !== null
  if (order.sizeLots === 0 && !mayBeZero) return refusal('Order has zero size.', 'rejected')
  if (order.priceTicks === 0) return refusal('Order has zero price.', 'rejected')
  if (!Number.isSafeInteger(order.sizeLots) || order.sizeLots < 0 || order.sizeLots > SIZE_LOTS_MAX) {
    return refusal('Order has invalid size.', 'rejected')
  }
  if (!isPriceNumber(order.priceTicks, priceDecimals)) return refusal('Order has invalid price.', 'rejected')
  if (priceIndexOf(order.priceTicks, priceDecimals) < 0) {
    return refusal(`Price must be divisible by tick size. asset=${assetId}`, 'tickRejected')
  }
  if (order.priceTicks * order.sizeLots > NOTIONAL_MICRO_USD_MAX) {
    return refusal('Order has invalid size.', 'rejected')
  }
  if (market.instrument.isDelisted) return refusal(`Trading is halted. asset=${assetId}`, 'rejected')
  return null
}

/** The limit against mark and oracle. */
export function checkBands(exchange: Exchange, market: Market, order: OrderRequest): Refusal | null {
  const { referenceBandBps, oracleBandBps } = exchange.options
  const away = Math.abs(order.priceTicks - market.markTicks)
  if (away * 10_000 > referenceBandBps * market.markTicks) {
    const percent = referenceBandBps / 100
    const text = `Order price cannot be more than ${percent}% away from the reference price`
    return refusal(text, 'rejected')
  }
  if (oracleBandBps === null) return null
  const over =
    order.side === 'buy' ? order.priceTicks - market.oracleTicks : market.oracleTicks - order.priceTicks
  // Only the aggressive direction: a resting bid far below the oracle harms nobody.
  if (over * 10_000 <= oracleBandBps * market.oracleTicks) return null
  return refusal(`Price too far from oracle asset=${market.instrument.assetId}`, 'oracleRejected')
}

export function checkTrigger(market: Market, order: OrderRequest): Refusal | null {
  const { trigger } = order
  if (trigger === null) return null
  const refused = refusal(`Invalid TP/SL price. asset=${market.instrument.assetId}`, 'badTriggerPxRejected')
  if (priceIndexOf(trigger.triggerTicks, market.instrument.grid.priceDecimals) < 0) return refused
  const firesNow = firesAbove(order)
    ? market.markTicks >= trigger.triggerTicks
    : market.markTicks <= trigger.triggerTicks
  return firesNow ? refused : null
}

/** A take-profit sell and a stop buy fire when the mark rises; the other two when it falls. */
export function firesAbove(order: Pick<OrderRequest, 'side' | 'trigger'>): boolean {
  return (order.side === 'sell') === (order.trigger?.kind === 'tp')
}

/** The smallest order: ten dollars, unless it closes the whole position. */
export function checkMinimum(holding: Holding, order: OrderRequest): Refusal | null {
  // Size 0 came past the shape, so it stands for a whole position.
  if (order.priceTicks * order.sizeLots >= MIN_NOTIONAL_MICRO_USD || order.sizeLots === 0) return null
  const reducible = reducibleLots(holding, order.side)
  const closesAll =
    reducible > 0 && (order.reduceOnly ? order.sizeLots >= reducible : order.sizeLots === reducible)
  if (closesAll) return null
  const text = `Order must have minimum value of $10. asset=${order.assetId}`
  return refusal(text, 'minTradeNtlRejected')
}

export function openOrdersMax(account: Account): number {
  const earned = Math.floor(account.tradedMicroUsd / VOLUME_PER_OPEN_ORDER_MICRO_USD)
  return Math.min(OPEN_ORDERS_BASE_MAX + earned, OPEN_ORDERS_MAX)
}

export function checkOpenOrders(account: Account, order: OrderRequest): Refusal | null {
  const open = account.openOrderCount
  const special = order.reduceOnly || order.trigger !== null
  if (open < openOrdersMax(account) && !(special && open >= OPEN_ORDERS_PLAIN_ONLY)) return null
  return refusal(`Too many open orders. asset=${order.assetId}`, 'tooManyOpenOrdersRejected')
}

/** Post-only orders may not touch the other side, not even an own order. */
export function checkPostOnly(market: Market, order: OrderRequest, priceIndex: number): Refusal | null {
  if (order.tif !== 'Alo' || !crosses(market, order.side, priceIndex)) return null
  const { priceDecimals } = market.instrument.grid
  const bid = priceText(bestBidTicks(market), priceDecimals)
  const ask = priceText(bestAskTicks(market), priceDecimals)
  const text = `Post only order would have immediately matched, bbo was ${bid}@${ask}. asset=${order.assetId}`
  return refusal(text, 'badAloPxRejected')
}

export function crosses(market: Market, side: 'buy' | 'sell', priceIndex: number): boolean {
  const { bestBid, bestAsk } = market.book
  return side === 'buy'
    ? bestAsk !== NO_ASK && bestAsk <= priceIndex
    : bestBid !== NO_BID && bestBid >= priceIndex
}

/** Lots of the order that would open, were it the first of its side to fill. */
function openingLots(holding: Holding, order: OrderRequest): number {
  return Math.max(0, order.sizeLots - reducibleLots(holding, order.side))
}

/** While a market's open interest is at its cap, nothing may open, and no price may lead the oracle. */
export function checkOpenInterest(holding: Holding, order: OrderRequest): Refusal | null {
  const { market } = holding
  const cap = market.instrument.openInterestCapMicroUsd
  if ((cap === null && market.dex.spec.index === 0) || order.reduceOnly) return null
  const opening = openingLots(holding, order)
  const overDex = checkDexCaps(market, opening)
  if (overDex !== null || cap === null) return overDex
  if (opening === 0) return null
  const openInterest = market.openInterestLots * market.markTicks
  if (openInterest >= cap) {
    const flips = reducibleLots(holding, order.side) > 0
    const leads =
      order.side === 'buy' ? order.priceTicks > market.oracleTicks : order.priceTicks < market.oracleTicks
    if (leads) {
      const text = 'Order rejected due to price more aggressive than oracle while at open interest cap'
      return refusal(text, 'tooAggressiveAtOpenInterestCapRejected')
    }
    const text = 'Order would increase open interest while open interest is capped'
    return refusal(
      text,
      flips ? 'positionFlipAtOpenInterestCapRejected' : 'positionIncreaseAtOpenInterestCapRejected',
    )
  }
  if (openInterest + opening * market.markTicks <= cap) return null
  return refusal('Order would increase open interest too quickly', 'openInterestIncreaseRejected')
}

/** Margin for what the order may open, its fee included, and the leverage its tier allows. */
export function checkMargin(exchange: Exchange, holding: Holding, order: OrderRequest): Refusal | null {
  const opening = order.reduceOnly ? 0 : openingLots(holding, order)
  const restingSide = order.side === 'buy' ? holding.buyLots : holding.sellLots
  // An order that only closes still opens when orders of its side already close the position.
  if (order.reduceOnly || (opening === 0 && restingSide === 0)) return null
  const { market, purse } = holding
  if (holding.account.isBackstop) return null
  const isBuy = order.side === 'buy'
  const price = isBuy ? order.priceTicks : Math.max(order.priceTicks, market.markTicks)
  const notional = price * order.sizeLots
  const tiers = market.instrument.marginTiers
  const positionAfter =
    Math.abs(holding.sizeLots + (isBuy ? order.sizeLots : -order.sizeLots)) * market.markTicks
  if (holding.leverage > maxLeverageAt(tiers, positionAfter)) {
    const text = 'Order would cause position to exceed margin tier limit at current leverage'
    return refusal(text, 'perpMaxPositionRejected')
  }
  const before = holding.orderCount === 0 ? 0 : orderHold(holding)
  const after = orderHold(holding, isBuy ? order.sizeLots : 0, isBuy ? 0 : order.sizeLots, notional)
  if (after === 0) return null
  refreshRates(exchange, holding)
  const fee = feeOf(notional, order.tif === 'Alo' ? Math.max(0, holding.makerPpb) : holding.takerPpb)
  const left = freeMargin(purse) - (after - before)
  if (left - fee >= 0) {
    setCredit(purse, left)
    return null
  }
  return refusal(`Insufficient margin to place order. asset=${order.assetId}`, 'perpMarginRejected')
}
