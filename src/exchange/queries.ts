/**
 * Read-only views of the exchange, in ticks, lots and micro-dollars. Nothing here changes the state.
 * Long because each view stands beside its types: one place to look for whoever reads the exchange.
 */
import { rawMicroUsd } from './accounting.ts'
import { slotOfRef } from './canceling.ts'
import type { Address, OrderRef } from './command.ts'
import type { OrderStatusWord, OrderView, TwapView } from './event.ts'
import { ratesOf, scaledRates, tierRates, rolledDays, type FeeRates, type VolumeDay } from './fees.ts'
import { currentRate } from './funding.ts'
import { newestEnded } from './history.ts'
import {
  crossEquity,
  crossMaintenance,
  crossMarginUsed,
  isolatedEquity,
  isolatedEquityOf,
  liquidationPrice,
  maintenanceOfHolding,
  positionMargin,
  totalNotional,
  withdrawable,
} from './margin.ts'
import { bestAskTicks, bestBidTicks, impactPrices, midTicks, premiumOf } from './oracle.ts'
import { countOfLevel, levelOf, lotsOfLevel, NO_ASK, NO_BID, nextDown, nextUp } from './order-book.ts'
import { FLAG_BUY, firstOwn, flagsOf, nextOwn, NO_SLOT, priceOf } from './order-index.ts'
import { viewOfSlot } from './order-life.ts'
import { positionNotional, unrealisedMicroUsd } from './position.ts'
import { priceOfIndex } from './price-index.ts'
import type { Exchange, Holding, Market, Purse } from './state.ts'
import { twapView } from './twap.ts'
import { InvariantError } from '../core/assert.ts'

export type { FeeRates, VolumeDay } from './fees.ts'
export { openOrdersMax } from './admission.ts'

export interface BookLevel {
  readonly priceTicks: number
  readonly sizeLots: number
  readonly orderCount: number
}

export interface BookSnapshot {
  /** Best first. */
  readonly bids: BookLevel[]
  readonly asks: BookLevel[]
}

/** Best prices with their size; 0 everywhere for an empty side. */
export interface Touch {
  readonly bidTicks: number
  readonly bidLots: number
  readonly bidCount: number
  readonly askTicks: number
  readonly askLots: number
  readonly askCount: number
}

export interface FoundOrder {
  readonly order: OrderView
  readonly status: OrderStatusWord
  readonly statusTsMs: number
}

export interface MarginSummary {
  readonly accountValueMicroUsd: number
  readonly totalNotionalMicroUsd: number
  /** Cash less the cost of longs plus that of shorts; may be far below zero. */
  readonly rawUsdMicroUsd: number
  /** Positions and the hold of resting orders. */
  readonly marginUsedMicroUsd: number
}

export interface PositionView {
  readonly assetId: number
  /** Signed. */
  readonly sizeLots: number
  /** Average entry, a real number. */
  readonly entryPriceTicks: number
  readonly costMicroUsd: number
  readonly positionValueMicroUsd: number
  readonly unrealizedPnlMicroUsd: number
  /** Profit over the initial margin at entry, a fraction. */
  readonly returnOnEquity: number
  readonly marginUsedMicroUsd: number
  readonly liquidationTicks: number | null
  readonly leverage: {
    readonly isCross: boolean
    readonly value: number
    /** Null when cross. */
    readonly isolatedRawMicroUsd: number | null
  }
  /** Of the market. */
  readonly maxLeverage: number
  /** Paid positive. */
  readonly cumFunding: {
    readonly allTimeMicroUsd: number
    readonly sinceOpenMicroUsd: number
    readonly sinceChangeMicroUsd: number
  }
}

export interface AccountState {
  readonly whole: MarginSummary
  readonly cross: MarginSummary
  readonly crossMaintenanceMarginMicroUsd: number
  readonly withdrawableMicroUsd: number
  /** Open positions in the order the account first touched their markets. */
  readonly positions: PositionView[]
}

export interface InstrumentContext {
  readonly markTicks: number
  readonly oracleTicks: number
  /** Halves possible; null while a side is empty. */
  readonly midTicks: number | null
  /** Fraction per hour that the running hour would pay. */
  readonly fundingPerHour: number
  readonly premium: number
  readonly openInterestLots: number
  /** Real numbers; null while a side is too thin. */
  readonly impactBidTicks: number | null
  readonly impactAskTicks: number | null
  /** Of the last 24 hours, to the hour. */
  readonly dayNotionalMicroUsd: number
  readonly dayBaseLots: number
  /** The mark 24 hours ago, to the hour. */
  readonly previousDayTicks: number
}

const DAY_HOURS = 24
const NO_LEVEL = -1

function marketOf(exchange: Exchange, assetId: number): Market {
  const market = exchange.marketByAssetId.get(assetId)
  // The sentence is made only when it is needed: it costs more than the rest.
  if (market === undefined) throw new InvariantError(`asset ${assetId} is traded here`)
  return market
}

/** @throws InvariantError for an unknown asset */
export function bookSnapshot(exchange: Exchange, assetId: number, levelCountMax: number): BookSnapshot {
  const market = marketOf(exchange, assetId)
  const { book } = market
  const bids: BookLevel[] = []
  const asks: BookLevel[] = []
  for (
    let index = book.bestBid;
    index !== NO_BID && bids.length < levelCountMax;
    index = nextDown(book, index)
  ) {
    bids.push(levelAt(market, index))
  }
  for (
    let index = book.bestAsk;
    index !== NO_ASK && asks.length < levelCountMax;
    index = nextUp(book, index)
  ) {
    asks.push(levelAt(market, index))
  }
  return { bids, asks }
}

function levelAt(market: Market, index: number): BookLevel {
  const { book } = market
  const level = levelOf(book, index)
  return {
    priceTicks: priceOfIndex(index, market.instrument.grid.priceDecimals),
    sizeLots: lotsOfLevel(book, level),
    orderCount: countOfLevel(book, level),
  }
}

/** Lots that an order of `side` would meet up to its limit, within the best `levelCountMax` levels. @throws InvariantError for an unknown asset */
export function lotsUpTo(
  exchange: Exchange,
  assetId: number,
  of: { readonly side: 'buy' | 'sell'; readonly limitTicks: number; readonly levelCountMax: number },
): number {
  const { book, instrument } = marketOf(exchange, assetId)
  const isBuy = of.side === 'buy'
  let index = isBuy ? book.bestAsk : book.bestBid
  let lots = 0
  for (let level = 0; level < of.levelCountMax && index !== NO_BID && index !== NO_ASK; level += 1) {
    const priceTicks = priceOfIndex(index, instrument.grid.priceDecimals)
    if (isBuy ? priceTicks > of.limitTicks : priceTicks < of.limitTicks) break
    lots += lotsOfLevel(book, levelOf(book, index))
    index = isBuy ? nextUp(book, index) : nextDown(book, index)
  }
  return lots
}

/** @throws InvariantError for an unknown asset */
export function touch(exchange: Exchange, assetId: number): Touch {
  const market = marketOf(exchange, assetId)
  const { book } = market
  const bid = book.bestBid === NO_BID ? NO_LEVEL : levelOf(book, book.bestBid)
  const ask = book.bestAsk === NO_ASK ? NO_LEVEL : levelOf(book, book.bestAsk)
  return {
    bidTicks: bestBidTicks(market),
    bidLots: bid === NO_LEVEL ? 0 : lotsOfLevel(book, bid),
    bidCount: bid === NO_LEVEL ? 0 : countOfLevel(book, bid),
    askTicks: bestAskTicks(market),
    askLots: ask === NO_LEVEL ? 0 : lotsOfLevel(book, ask),
    askCount: ask === NO_LEVEL ? 0 : countOfLevel(book, ask),
  }
}

/** The best levels of one side as price and lots in turn, best first. @throws InvariantError for an unknown asset */
export function flatSide(
  exchange: Exchange,
  assetId: number,
  side: 'bids' | 'asks',
  levelCountMax: number,
): number[] {
  const { book, instrument } = marketOf(exchange, assetId)
  const { priceDecimals } = instrument.grid
  const flat: number[] = []
  let index = side === 'bids' ? book.bestBid : book.bestAsk
  for (let count = 0; count < levelCountMax && index !== NO_BID && index !== NO_ASK; count += 1) {
    flat.push(priceOfIndex(index, priceDecimals), lotsOfLevel(book, levelOf(book, index)))
    index = side === 'bids' ? nextDown(book, index) : nextUp(book, index)
  }
  return flat
}

export function hasAccount(exchange: Exchange, account: Address): boolean {
  return exchange.accountByAddress.has(account)
}

/** Live orders, untriggered ones included, by market and then oldest first. */
export function openOrders(exchange: Exchange, account: Address, dexIndex?: number): OrderView[] {
  const views: OrderView[] = []
  for (const holding of exchange.accountByAddress.get(account)?.holdings.values() ?? []) {
    if (dexIndex !== undefined && holding.market.instrument.dexIndex !== dexIndex) continue
    const { pool } = exchange
    for (let slot = firstOwn(pool, holding.ownerIndex); slot !== NO_SLOT; slot = nextOwn(pool, slot)) {
      views.push(viewOfSlot(exchange, slot))
    }
  }
  return views
}

/** A live order, or one of the last ended ones; the newest when a client id was used again. Null: never heard of. */
export function findOrder(exchange: Exchange, account: Address, ref: OrderRef): FoundOrder | null {
  const known = exchange.accountByAddress.get(account)
  if (known === undefined) return null
  const slot = slotOfRef(exchange, known, ref, null)
  if (slot !== NO_SLOT) {
    const order = viewOfSlot(exchange, slot)
    return { order, status: 'open', statusTsMs: order.placedTsMs }
  }
  for (const ended of endedNewestFirst(exchange, account)) {
    if ('oid' in ref ? ended.order.oid === ref.oid : ended.order.cloid === ref.cloid) return ended
  }
  return null
}

/** The ended orders that are kept, newest first. */
export function* endedNewestFirst(exchange: Exchange, account: Address): Generator<FoundOrder> {
  const known = exchange.accountByAddress.get(account)
  if (known === undefined) return
  yield* newestEnded(exchange.ended, known.index, account)
}

const NOTHING: MarginSummary = {
  accountValueMicroUsd: 0,
  totalNotionalMicroUsd: 0,
  rawUsdMicroUsd: 0,
  marginUsedMicroUsd: 0,
}

/** Zeros for an account or DEX without money. */
export function accountState(exchange: Exchange, account: Address, dexIndex: number): AccountState {
  const purse = exchange.accountByAddress.get(account)?.purses[dexIndex]
  if (!purse) {
    return {
      whole: NOTHING,
      cross: NOTHING,
      crossMaintenanceMarginMicroUsd: 0,
      withdrawableMicroUsd: 0,
      positions: [],
    }
  }
  const cross = crossSummary(purse)
  const isolated = isolatedEquityOf(purse)
  return {
    whole: {
      accountValueMicroUsd: cross.accountValueMicroUsd + isolated,
      totalNotionalMicroUsd: totalNotional(purse),
      rawUsdMicroUsd: rawMicroUsd(purse),
      marginUsedMicroUsd: cross.marginUsedMicroUsd + isolated,
    },
    cross,
    crossMaintenanceMarginMicroUsd: Math.ceil(crossMaintenance(purse)),
    withdrawableMicroUsd: withdrawable(purse),
    positions: purse.holdings.filter((holding) => holding.sizeLots !== 0).map(positionView),
  }
}

function crossSummary(purse: Purse): MarginSummary {
  let notional = 0
  let raw = purse.cashMicroUsd
  for (const holding of purse.holdings) {
    if (!holding.isCross) continue
    notional += positionNotional(holding)
    raw -= Math.sign(holding.sizeLots) * holding.costMicroUsd
  }
  return {
    accountValueMicroUsd: crossEquity(purse),
    totalNotionalMicroUsd: notional,
    rawUsdMicroUsd: raw,
    marginUsedMicroUsd: crossMarginUsed(purse),
  }
}

function positionView(holding: Holding): PositionView {
  const { market, sizeLots, costMicroUsd, leverage } = holding
  const unrealized = unrealisedMicroUsd(holding, market.markTicks)
  const signedCost = Math.sign(sizeLots) * costMicroUsd
  return {
    assetId: market.instrument.assetId,
    sizeLots,
    entryPriceTicks: costMicroUsd / Math.abs(sizeLots),
    costMicroUsd,
    positionValueMicroUsd: positionNotional(holding),
    unrealizedPnlMicroUsd: unrealized,
    returnOnEquity: costMicroUsd === 0 ? 0 : (unrealized * leverage) / costMicroUsd,
    marginUsedMicroUsd: holding.isCross ? positionMargin(holding) : Math.max(0, isolatedEquity(holding)),
    liquidationTicks: liquidationTicksOf(holding),
    leverage: {
      isCross: holding.isCross,
      value: leverage,
      isolatedRawMicroUsd: holding.isCross ? null : holding.isolatedMicroUsd - signedCost,
    },
    maxLeverage: market.instrument.marginTiers[0]!.maxLeverage,
    cumFunding: {
      allTimeMicroUsd: holding.fundingAllTimeMicroUsd,
      sinceOpenMicroUsd: holding.fundingSinceOpenMicroUsd,
      sinceChangeMicroUsd: holding.fundingSinceChangeMicroUsd,
    },
  }
}

/** The mark at which equity meets maintenance, the other positions standing still. A real number of ticks. */
export function liquidationTicksOf(holding: Holding): number | null {
  const { market, purse } = holding
  const equity = holding.isCross
    ? crossEquity(purse) - (crossMaintenance(purse) - maintenanceOfHolding(holding))
    : isolatedEquity(holding)
  return liquidationPrice({
    tiers: market.instrument.marginTiers,
    sizeLots: holding.sizeLots,
    priceTicks: market.markTicks,
    equityMicroUsd: equity,
  })
}

/** Leverage and mode of an account in a market; what it would start with where it never was. */
export function leverageOf(
  exchange: Exchange,
  account: Address,
  assetId: number,
): { readonly isCross: boolean; readonly value: number } {
  const market = marketOf(exchange, assetId)
  const holding = exchange.accountByAddress.get(account)?.holdings.get(market.index)
  if (holding !== undefined) return { isCross: holding.isCross, value: holding.leverage }
  const { marginPolicy, marginTiers } = market.instrument
  const value = Math.min(exchange.options.defaultLeverage, marginTiers[0]!.maxLeverage)
  return { isCross: marginPolicy === 'normal', value }
}

/** What a sampler of every block asks of an account: read without the rest of its state. */
export interface AccountSample {
  /** As `whole` of `AccountState` has them. */
  accountValueMicroUsd: number
  rawUsdMicroUsd: number
  /** In the market that was asked for; signed. */
  positionLots: number
  markTicks: number
  /** Limits of the account's live orders there, oldest first, untriggered ones included; asks negative. */
  readonly signedTicks: number[]
}

/** @param out filled anew. @throws InvariantError for an unknown asset */
export function sampleAccount(
  exchange: Exchange,
  account: Address,
  assetId: number,
  out: AccountSample,
): void {
  const market = marketOf(exchange, assetId)
  const known = exchange.accountByAddress.get(account)
  const purse = known?.purses[market.instrument.dexIndex]
  const holding = known?.holdings.get(market.index)
  out.accountValueMicroUsd = purse ? crossEquity(purse) + isolatedEquityOf(purse) : 0
  out.rawUsdMicroUsd = purse ? rawMicroUsd(purse) : 0
  out.positionLots = holding === undefined ? 0 : holding.sizeLots
  out.markTicks = market.markTicks
  const { signedTicks } = out
  let count = 0
  const { pool } = exchange
  let slot = holding === undefined ? NO_SLOT : firstOwn(pool, holding.ownerIndex)
  for (; slot !== NO_SLOT; slot = nextOwn(pool, slot)) {
    const priceTicks = priceOf(pool, slot)
    signedTicks[count] = (flagsOf(pool, slot) & FLAG_BUY) === 0 ? -priceTicks : priceTicks
    count += 1
  }
  while (signedTicks.length > count) signedTicks.pop()
}

/** The part of `instrumentContext` that costs nothing to read. @throws InvariantError for an unknown asset */
export function pricesOf(
  exchange: Exchange,
  assetId: number,
): Pick<InstrumentContext, 'markTicks' | 'oracleTicks' | 'fundingPerHour'> {
  const market = marketOf(exchange, assetId)
  const { markTicks, oracleTicks } = market
  return { markTicks, oracleTicks, fundingPerHour: currentRate(market) }
}

/** @throws InvariantError for an unknown asset */
export function instrumentContext(exchange: Exchange, assetId: number): InstrumentContext {
  const market = marketOf(exchange, assetId)
  const impact = impactPrices(market)
  const sum = (ring: Float64Array): number => ring.reduce((total, value) => total + value, 0)
  return {
    markTicks: market.markTicks,
    oracleTicks: market.oracleTicks,
    midTicks: midTicks(market),
    fundingPerHour: currentRate(market),
    premium: premiumOf(market),
    openInterestLots: market.openInterestLots,
    impactBidTicks: impact.impactBidTicks,
    impactAskTicks: impact.impactAskTicks,
    dayNotionalMicroUsd: sum(market.hourNotionalMicroUsd),
    dayBaseLots: sum(market.hourLots),
    previousDayTicks: market.hourMarkTicks[(market.hourNumber + 1) % DAY_HOURS]!,
  }
}

/** Rates in parts per billion of notional; a rebate is negative. An unknown account pays the base tier. @throws InvariantError for an unknown asset */
export function feeRates(exchange: Exchange, account: Address, assetId: number): FeeRates {
  const market = marketOf(exchange, assetId)
  const known = exchange.accountByAddress.get(account)
  if (known !== undefined) return ratesOf(exchange, known, market)
  return scaledRates(tierRates(0), market.dex.spec, market.instrument)
}

/** Volume since genesis that counts for limits and gates, both roles; 0 for an unknown account. */
export function tradedVolumeMicroUsd(exchange: Exchange, account: Address): number {
  return exchange.accountByAddress.get(account)?.tradedMicroUsd ?? 0
}

/** Daily volumes of the last 15 UTC days up to today, oldest first: an account's, or all maker volume for null. */
export function volumeDays(exchange: Exchange, account: Address | null): VolumeDay[] {
  const known = account === null ? undefined : exchange.accountByAddress.get(account)
  if (account !== null && known === undefined) return []
  return rolledDays(exchange, known?.volume ?? exchange.venueVolume)
}

export interface SpotBalance {
  readonly tokenIndex: number
  readonly microUnits: number
}

/** What an account holds outside the DEXs, ascending token index; tokens it has none of are left out. */
export function spotBalances(exchange: Exchange, account: Address): SpotBalance[] {
  const known = exchange.accountByAddress.get(account)
  return exchange.tokens.flatMap(({ token }) => {
    const microUnits = known?.spot.get(token.index) ?? 0
    return microUnits === 0 ? [] : [{ tokenIndex: token.index, microUnits }]
  })
}

/** Running TWAP orders of an account, oldest first. @param dexIndex left out: of every DEX */
export function runningTwaps(exchange: Exchange, account: Address, dexIndex?: number): TwapView[] {
  const views: TwapView[] = []
  for (const twap of exchange.twaps.values()) {
    if (twap.account.address !== account) continue
    if (dexIndex === undefined || twap.market.instrument.dexIndex === dexIndex) views.push(twapView(twap))
  }
  return views
}

/** What an account earned as a builder: still owed, and taken out, over all DEXs, micro-dollars. */
export function builderRewards(
  exchange: Exchange,
  account: Address,
): { readonly owedMicroUsd: number; readonly claimedMicroUsd: number } {
  const builder = exchange.builders.get(account)
  if (builder === undefined) return { owedMicroUsd: 0, claimedMicroUsd: 0 }
  const owedMicroUsd = builder.owedMicroUsd.reduce((sum, owed) => sum + owed, 0)
  return { owedMicroUsd, claimedMicroUsd: builder.claimedMicroUsd }
}
