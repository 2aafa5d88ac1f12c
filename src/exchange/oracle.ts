/**
 * Oracle, mark and premium of a market.
 *
 * mark     median of (1) oracle + mean over 150 s of (mid − oracle), (2) the median of best bid, best ask and last
 *          trade, (3) the mean over 30 s of (2), in place of the perp prices of other venues, which are not heard here.
 *          While the book is empty there is no (2), and (1) alone is the mark
 * mean     of (1) and (3): num/den, with num ← num·e^(−t/τ) + sample·t, den ← den·e^(−t/τ) + t, over the time since the last sample
 * premium  main DEX: (max(impactBid − oracle, 0) − max(oracle − impactAsk, 0))/oracle
 *          builder DEX: (impactBid + impactAsk)/2/oracle − 1
 * clamp    builder DEX: at most 1 % within 2.5 s
 * deployer for 10 s after it has sent prices, the mark of its market is the median of the marks it sent (none, one or two)
 *          and (2)
 * source   https://hyperliquid.gitbook.io/hyperliquid-docs/trading/robust-price-indices
 */
import { NO_ASK, NO_BID, levelOf, lotsOfLevel, nextDown, nextUp, type Book } from './order-book.ts'
import { priceOfIndex } from './price-index.ts'
import type { Market, TimeMean } from './state.ts'

const BASIS_MEAN_MS = 150_000
const LOCAL_MEAN_MS = 30_000
/** Updates of a deployer's oracle come at least so far apart, and move the mark by at most this share. */
const ANCHOR_MS = 2_500
const ANCHOR_SHARE_MAX = 0.01
/** Without new prices of its deployer, a market has the venue's own again. */
const DEPLOYER_PRICES_MS = 10_000

/** 0 when the side is empty. */
export function bestBidTicks(market: Market): number {
  return market.book.bestBid === NO_BID
    ? 0
    : priceOfIndex(market.book.bestBid, market.instrument.grid.priceDecimals)
}

/** 0 when the side is empty. */
export function bestAskTicks(market: Market): number {
  return market.book.bestAsk === NO_ASK
    ? 0
    : priceOfIndex(market.book.bestAsk, market.instrument.grid.priceDecimals)
}

/** Ticks, halves possible; null while a side is empty. */
export function midTicks(market: Market): number | null {
  const bid = bestBidTicks(market)
  const ask = bestAskTicks(market)
  return bid === 0 || ask === 0 ? null : (bid + ask) / 2
}

/**
 * Median of best bid, best ask and last trade, of those that exist; 0 for an empty book, where the last trade is just old, and
 * for one side of a market that never traded: a lone far bid is nobody's price.
 */
function localPrice(bidTicks: number, askTicks: number, lastTradeTicks: number): number {
  if (bidTicks === 0 && askTicks === 0) return 0
  if (bidTicks === 0) return lastTradeTicks === 0 ? 0 : (askTicks + lastTradeTicks) / 2
  if (askTicks === 0) return lastTradeTicks === 0 ? 0 : (bidTicks + lastTradeTicks) / 2
  if (lastTradeTicks === 0) return (bidTicks + askTicks) / 2
  return medianOfThree(bidTicks, askTicks, lastTradeTicks)
}

function medianOfThree(a: number, b: number, c: number): number {
  if (a < b) return b < c ? b : a < c ? c : a
  return a < c ? a : b < c ? c : b
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

function addSample(mean: TimeMean, sample: number, gapMs: number, tauMs: number): void {
  const decay = Math.exp(-gapMs / tauMs)
  mean.numerator = mean.numerator * decay + sample * gapMs
  mean.denominator = mean.denominator * decay + gapMs
}

function valueOf(mean: TimeMean, otherwise: number): number {
  return mean.denominator > 0 ? mean.numerator / mean.denominator : otherwise
}

/** Brings the mark to exchange time. @returns true when it changed */
export function updateMark(market: Market, tsMs: number): boolean {
  const bid = bestBidTicks(market)
  const ask = bestAskTicks(market)
  const local = localPrice(bid, ask, market.lastTradeTicks)
  const gapMs = tsMs - market.meanTsMs
  if (gapMs > 0) {
    if (bid !== 0 && ask !== 0) {
      addSample(market.basisMean, (bid + ask) / 2 - market.oracleTicks, gapMs, BASIS_MEAN_MS)
    }
    if (local > 0) addSample(market.localMean, local, gapMs, LOCAL_MEAN_MS)
    market.meanTsMs = tsMs
  }
  const byOracle = market.oracleTicks + valueOf(market.basisMean, 0)
  const ownMark = local === 0 ? byOracle : medianOfThree(byOracle, local, valueOf(market.localMean, local))
  const deployed = deployerMarks(market, tsMs)
  const price = deployed === null ? ownMark : markOfDeployer(deployed, local, ownMark)
  const mark = Math.max(
    1,
    market.instrument.dexIndex === 0 ? Math.round(price) : clamped(market, price, tsMs),
  )
  if (mark === market.markTicks) return false
  market.markTicksLast = market.markTicks
  market.markTicks = mark
  market.dex.markEpoch += 1
  return true
}

/** @returns the marks of the market's deployer while its prices hold; null when there are none */
export function deployerMarks(market: Market, tsMs: number): readonly number[] | null {
  const { desk } = market.dex
  if (desk === null) return null
  const prices = desk.prices.get(market.instrument.assetId)
  return prices !== undefined && tsMs - prices.tsMs <= DEPLOYER_PRICES_MS ? prices.markTicks : null
}

function markOfDeployer(marks: readonly number[], local: number, ownMark: number): number {
  const prices = local === 0 ? [...marks] : [...marks, local]
  return prices.length === 0 ? ownMark : median(prices)
}

/** On a builder DEX the mark moves at most 1 % from where it stood when the window of 2.5 s began. */
function clamped(market: Market, price: number, tsMs: number): number {
  if (tsMs - market.anchorTsMs >= ANCHOR_MS) {
    market.anchorTicks = market.markTicks
    market.anchorTsMs = tsMs
  }
  const most = market.anchorTicks * ANCHOR_SHARE_MAX
  // A step of one tick is always possible, however low the price is.
  const low = Math.min(Math.ceil(market.anchorTicks - most), market.anchorTicks - 1)
  const high = Math.max(Math.floor(market.anchorTicks + most), market.anchorTicks + 1)
  return Math.min(Math.max(Math.round(price), low), high)
}

/** The average price at which `notionalMicroUsd` would execute against one side, ticks; null when the side is too thin. */
export function impactTicks(market: Market, side: 'bid' | 'ask', notionalMicroUsd: number): number | null {
  const book = market.book
  const decimals = market.instrument.grid.priceDecimals
  let index = side === 'bid' ? book.bestBid : book.bestAsk
  let left = notionalMicroUsd
  let lots = 0
  while (index !== NO_BID && index !== NO_ASK) {
    const price = priceOfIndex(index, decimals)
    const levelLots = lotsOfLevel(book, levelOf(book, index))
    if (price * levelLots >= left) return notionalMicroUsd / (lots + left / price)
    left -= price * levelLots
    lots += levelLots
    index = nextLevel(book, index, side)
  }
  return null
}

function nextLevel(book: Book, index: number, side: 'bid' | 'ask'): number {
  return side === 'bid' ? nextDown(book, index) : nextUp(book, index)
}

export interface ImpactPrices {
  readonly impactBidTicks: number | null
  readonly impactAskTicks: number | null
  readonly oracleTicks: number
}

/** The premium of the main DEX; a side too thin for an impact price adds nothing. */
export function mainPremium(of: ImpactPrices): number {
  const above = of.impactBidTicks === null ? 0 : Math.max(of.impactBidTicks - of.oracleTicks, 0)
  const below = of.impactAskTicks === null ? 0 : Math.max(of.oracleTicks - of.impactAskTicks, 0)
  return (above - below) / of.oracleTicks
}

/** The premium of a builder DEX; 0 while a side is too thin. */
export function builderPremium(of: ImpactPrices): number {
  if (of.impactBidTicks === null || of.impactAskTicks === null) return 0
  return (0.5 * (of.impactBidTicks + of.impactAskTicks)) / of.oracleTicks - 1
}

export function impactPrices(market: Market): ImpactPrices {
  const notional = market.instrument.impactNotionalMicroUsd
  return {
    impactBidTicks: impactTicks(market, 'bid', notional),
    impactAskTicks: impactTicks(market, 'ask', notional),
    oracleTicks: market.oracleTicks,
  }
}

export function premiumOf(market: Market): number {
  const prices = impactPrices(market)
  return market.instrument.dexIndex === 0 ? mainPremium(prices) : builderPremium(prices)
}
