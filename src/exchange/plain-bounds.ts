/**
 * Which plain orders surely pass every rule of admission, told by a few comparisons: most orders of a maker do.
 *
 * market  bounds of price and size from mark, oracle, bands and tick size, made anew when one of them changed
 * purse   its credit (credit.ts), from which each order admitted here takes the most that it can bind
 * out     the rank of the price, or 0, which says nothing: then the rules themselves decide (admission.ts)
 *
 * A rule added to admission must be added here, or be the kind that fails here first; the tests compare the two.
 */
import { setCredit } from './credit.ts'
import {
  BUILDER_OPEN_INTEREST_UNITS_MAX,
  NOTIONAL_MICRO_USD_MAX,
  type MIN_NOTIONAL_MICRO_USD,
  type OPEN_ORDERS_BASE_MAX,
  type SIZE_LOTS_MAX,
} from './limits.ts'
import { freeMargin } from './margin.ts'
import { rangeAround } from './price-index.ts'
import { orderValueMax } from './size-caps.ts'
import type { Exchange, Holding, Market, Purse } from './state.ts'

/** Micro-dollars: holds are rounded up. */
const ORDER_GUARD_MICRO_USD = 2
const PER_PPB = 1e-9
// Own constants are folded into the machine code, imported ones are looked up at every use.
const NOTIONAL_MIN: typeof MIN_NOTIONAL_MICRO_USD = 10_000_000
const SIZE_MAX: typeof SIZE_LOTS_MAX = 1_000_000_000_000
const OPEN_ORDERS_SAFE: typeof OPEN_ORDERS_BASE_MAX = 1000

function refreshBounds(exchange: Exchange, market: Market): void {
  const { instrument, markTicks, oracleTicks } = market
  const { bounds } = market.book
  const { referenceBandBps, oracleBandBps } = exchange.options
  const range = rangeAround(markTicks, instrument.grid.priceDecimals)
  // A tick less on each side: the rules multiply, this divides.
  const away = Math.floor((referenceBandBps * markTicks) / 10_000) - 1
  const beyond = oracleBandBps === null ? Infinity : Math.floor((oracleBandBps * oracleTicks) / 10_000) - 1
  // A cap over all markets of a DEX is left to its rule.
  const isClosed = instrument.isDelisted || market.dex.spec.openInterestCapMicroUsd !== undefined
  const low = isClosed ? Infinity : Math.max(range.lowTicks, markTicks - away)
  const high = Math.min(range.highTicks, markTicks + away)
  bounds.instrument = instrument
  bounds.markTicks = markTicks
  bounds.oracleTicks = oracleTicks
  bounds.buyMinTicks = low
  bounds.buyMaxTicks = Math.min(high, oracleTicks + beyond)
  bounds.sellMinTicks = Math.max(low, oracleTicks - beyond)
  bounds.sellMaxTicks = high
  bounds.stepTicks = range.stepTicks
  bounds.rankOffset = range.rankOffset
  bounds.firstTierEndMicroUsd = instrument.marginTiers[1]?.lowerBoundMicroUsd ?? Infinity
  bounds.firstTierLeverage = instrument.marginTiers[0]!.maxLeverage
  bounds.openInterestCapMicroUsd = instrument.openInterestCapMicroUsd ?? Infinity
  bounds.openInterestLotsMax =
    instrument.dexIndex === 0 ? Infinity : BUILDER_OPEN_INTEREST_UNITS_MAX * 10 ** instrument.grid.szDecimals
  bounds.notionalMaxMicroUsd = Math.min(
    NOTIONAL_MICRO_USD_MAX,
    orderValueMax(instrument.marginTiers[0]!.maxLeverage, false),
  )
  bounds.marketNotionalMaxMicroUsd = orderValueMax(instrument.marginTiers[0]!.maxLeverage, true)
}

/**
 * @param holding of an account that is no backstop; the order is not reduce-only and has neither client id nor trigger
 * @returns the rank of the price when the order surely passes every rule but that of its time in force; else 0
 */
export function plainRank(
  exchange: Exchange,
  holding: Holding,
  isBuy: boolean,
  priceTicks: number,
  sizeLots: number,
): number {
  const { market, purse } = holding
  const { bounds } = market.book
  if (
    bounds.markTicks !== market.markTicks ||
    bounds.oracleTicks !== market.oracleTicks ||
    bounds.instrument !== market.instrument
  ) {
    // Once more from the start: what follows then knows that nothing was called before it.
    refreshBounds(exchange, market)
    return plainRank(exchange, holding, isBuy, priceTicks, sizeLots)
  }
  if (priceTicks < (isBuy ? bounds.buyMinTicks : bounds.sellMinTicks)) return 0
  if (!(priceTicks <= (isBuy ? bounds.buyMaxTicks : bounds.sellMaxTicks))) return 0
  const rank = bounds.rankOffset + priceTicks / bounds.stepTicks
  const wholeRank = rank | 0
  if (wholeRank !== rank) return 0
  const notional = priceTicks * sizeLots
  if (!(sizeLots <= SIZE_MAX) || Math.floor(sizeLots) !== sizeLots) return 0
  if (!(notional >= NOTIONAL_MIN) || notional > bounds.notionalMaxMicroUsd) return 0
  if (holding.account.openOrderCount >= OPEN_ORDERS_SAFE) return 0

  const mark = bounds.markTicks
  const openLots = market.openInterestLots + sizeLots
  if (openLots * mark > bounds.openInterestCapMicroUsd || openLots > bounds.openInterestLotsMax) return 0
  const before = isBuy ? holding.sizeLots : -holding.sizeLots
  if (holding.leverage > bounds.firstTierLeverage) return 0
  if (Math.abs(before + sizeLots) * mark >= bounds.firstTierEndMicroUsd) return 0
  const bound = boundByOrder(holding, isBuy, before, priceTicks, sizeLots, mark)
  if (holding.ratesDay !== exchange.day) return 0
  const { takerPpb, makerPpb } = holding
  const ppb = takerPpb > makerPpb ? takerPpb : makerPpb
  const fee = ppb > 0 ? ppb * notional * PER_PPB : 0
  const left = purse.creditMicroUsd - bound
  if (left >= fee && purse.creditEpoch === purse.dex.markEpoch) {
    purse.creditMicroUsd = left
    return wholeRank
  }
  return takeNewCredit(purse, bound, fee) ? wholeRank : 0
}

/** Sets the credit anew. @returns whether it covers what the order binds and its fee */
function takeNewCredit(purse: Purse, bound: number, fee: number): boolean {
  setCredit(purse, freeMargin(purse))
  const left = purse.creditMicroUsd - bound
  if (!(left >= fee)) return false
  purse.creditMicroUsd = left
  return true
}

/**
 * The most that an order adds to the hold. While orders of its side first close a position, a cheap order can open with
 * the average price of the side, so that counts when it is higher.
 * @param before lots of the position in the direction of the order
 */
function boundByOrder(
  holding: Holding,
  isBuy: boolean,
  before: number,
  priceTicks: number,
  sizeLots: number,
  markTicks: number,
): number {
  let price = isBuy ? priceTicks : Math.max(priceTicks, markTicks)
  const resting = isBuy ? holding.buyLots : holding.sellLots
  if (before < 0 && resting > 0) {
    price = Math.max(price, (isBuy ? holding.buyMicroUsd : holding.sellMicroUsd) / resting)
  }
  return (price * sizeLots) / holding.leverage + ORDER_GUARD_MICRO_USD
}
