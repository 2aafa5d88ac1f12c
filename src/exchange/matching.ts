/**
 * Price-time matching of one incoming order against a book.
 *
 *   best level, oldest order first ─┬─ same account        → the resting order ends (selfTradeCanceled), no trade
 *                                   ├─ margin short        → the resting order ends (marginCanceled)
 *                                   └─ otherwise           → a trade at the resting price
 *
 * The head of the best level is read anew after each step: a fill may end or shrink other orders of either side.
 */
import { emitFill, emitTrade } from './emit.ts'
import { chargeBuilder } from './builders.ts'
import { creditCovers, spendOnFill } from './credit.ts'
import { countVolume, deployerShare, refreshRates } from './fees.ts'
import { feeOf } from './integer-money.ts'
import { freeForFill, initialMargin } from './margin.ts'
import { firstOfLevel, levelOf, NO_ASK, NO_BID } from './order-book.ts'
import {
  flagsOf,
  ownerOf,
  type FIELD_PRICE_TICKS,
  type FIELD_REMAINING_LOTS,
  type FLAG_NAMED,
} from './order-index.ts'
import { endOrder, fillOrder, fitToPosition } from './order-life.ts'
import { applyFillToPosition } from './position.ts'
import type { FillEvent } from './event.ts'
import { touchPurse } from './risk-list.ts'
import { HOUR_MS, type Exchange, type Holding, type Market } from './state.ts'

const PRICE: typeof FIELD_PRICE_TICKS = 1
const REMAINING: typeof FIELD_REMAINING_LOTS = 3
const NAMED: typeof FLAG_NAMED = 8

export interface Taker {
  readonly holding: Holding
  readonly oid: number
  readonly cloid: string | null
  readonly isBuy: boolean
  /** Rank of the worst price taken. */
  readonly limitIndex: number
  remainingLots: number
  filledLots: number
  notionalMicroUsd: number
  readonly liquidation: FillEvent['liquidation']
}

/** A taker before its first trade. */
export function takerOf(
  holding: Holding,
  oid: number,
  cloid: string | null,
  isBuy: boolean,
  limitIndex: number,
  lots: number,
): Taker {
  return {
    holding,
    oid,
    cloid,
    isBuy,
    limitIndex,
    remainingLots: lots,
    filledLots: 0,
    notionalMicroUsd: 0,
    liquidation: null,
  }
}

/** Trades as much as the limit allows. */
export function matchTaker(exchange: Exchange, taker: Taker): void {
  const { market } = taker.holding
  const { book } = market
  const { pool } = exchange
  while (taker.remainingLots > 0) {
    const best = taker.isBuy ? book.bestAsk : book.bestBid
    if (taker.isBuy ? best > taker.limitIndex : best < taker.limitIndex) return
    if (best === NO_ASK || best === NO_BID) return
    const slot = firstOfLevel(book, levelOf(book, best))
    const maker = ownerOf(pool, slot)
    const lots = Math.min(taker.remainingLots, pool.records[(slot << 3) | REMAINING]!)
    if (maker.account === taker.holding.account) endOrder(exchange, slot, 'selfTradeCanceled')
    else if (!canFill(maker, !taker.isBuy, lots, pool.records[(slot << 3) | PRICE]!))
      endOrder(exchange, slot, 'marginCanceled')
    else trade(exchange, taker, slot, lots)
  }
}

/** Whether the resting side can still carry what this fill would open, at the mark. */
function canFill(maker: Holding, isBuy: boolean, lots: number, priceTicks: number): boolean {
  const closable = isBuy ? Math.max(-maker.sizeLots, 0) : Math.max(maker.sizeLots, 0)
  if (lots <= closable || maker.account.isBackstop) return true
  const opening = lots - closable
  if (creditCovers(maker, isBuy, opening, priceTicks)) return true
  const free = freeForFill(maker.purse)
  if (!maker.isCross) return free >= initialMargin(opening * priceTicks, maker.leverage)
  const mark = maker.market.markTicks
  const loss = isBuy ? (priceTicks - mark) * opening : (mark - priceTicks) * opening
  return free >= initialMargin(opening * mark, maker.leverage) + Math.max(loss, 0)
}

function trade(exchange: Exchange, taker: Taker, slot: number, lots: number): void {
  const { pool } = exchange
  const { market } = taker.holding
  const maker = ownerOf(pool, slot)
  const priceTicks = pool.records[(slot << 3) | PRICE]!
  const makerOid = pool.records[slot << 3]!
  const makerCloid = (flagsOf(pool, slot) & NAMED) === 0 ? null : pool.cloid[slot]!
  exchange.tidLast += 1
  taker.remainingLots -= lots
  taker.filledLots += lots
  taker.notionalMicroUsd += priceTicks * lots

  const tid = exchange.tidLast
  const { isBuy, liquidation } = taker
  settleFill(exchange, maker, tid, makerOid, makerCloid, !isBuy, priceTicks, lots, false, liquidation)
  settleFill(exchange, taker.holding, tid, taker.oid, taker.cloid, isBuy, priceTicks, lots, true, liquidation)
  recordTrade(exchange, market, priceTicks, lots)
  const record = exchange.tradeRecord
  record.tsMs = exchange.tsMs
  record.tid = tid
  record.assetId = market.instrument.assetId
  record.aggressor = isBuy ? 'buy' : 'sell'
  record.priceTicks = priceTicks
  record.sizeLots = lots
  record.buyer = (isBuy ? taker.holding : maker).account.address
  record.seller = (isBuy ? maker : taker.holding).account.address
  emitTrade(exchange, record)
  fillOrder(exchange, slot, lots)
  fitToPosition(exchange, maker)
  fitToPosition(exchange, taker.holding)
}

/**
 * One side of a trade: position, fee, volume, event. Plain parameters, because an object per side was a third of
 * the time of a trade.
 * @param free transfers to the backstop and forced closes cost nothing
 */
export function settleFill(
  exchange: Exchange,
  holding: Holding,
  tid: number,
  oid: number,
  cloid: string | null,
  isBuy: boolean,
  priceTicks: number,
  lots: number,
  crossed: boolean,
  liquidation: FillEvent['liquidation'],
  free = false,
): void {
  const { market, account } = holding
  const notional = priceTicks * lots
  const startPositionLots = holding.sizeLots
  const closedPnlMicroUsd = applyFillToPosition(holding, isBuy ? lots : -lots, priceTicks)
  let feeMicroUsd = 0
  let builderFeeMicroUsd = 0
  if (!free) {
    refreshRates(exchange, holding)
    feeMicroUsd = feeOf(notional, crossed ? holding.takerPpb : holding.makerPpb)
    chargeFee(holding, feeMicroUsd)
    if (exchange.builderByOid.size !== 0) {
      builderFeeMicroUsd = chargeBuilder(exchange, holding, oid, notional)
      feeMicroUsd += builderFeeMicroUsd
    }
    countVolume(exchange, account, market, notional, crossed)
    spendOnFill(holding, isBuy, startPositionLots, priceTicks, lots, feeMicroUsd)
  } else touchPurse(holding.purse)
  const record = exchange.fillRecord
  record.tsMs = exchange.tsMs
  record.tid = tid
  record.assetId = market.instrument.assetId
  record.account = account.address
  record.oid = oid
  record.cloid = cloid
  record.side = isBuy ? 'buy' : 'sell'
  record.priceTicks = priceTicks
  record.sizeLots = lots
  record.startPositionLots = startPositionLots
  record.closedPnlMicroUsd = closedPnlMicroUsd
  record.feeMicroUsd = feeMicroUsd
  record.builderFeeMicroUsd = builderFeeMicroUsd
  record.twapId = crossed ? exchange.sliceTwapId : null
  record.crossed = crossed
  record.liquidation = liquidation
  emitFill(exchange, record)
}

/** From the purse to the venue and, on a builder DEX, its deployer. */
function chargeFee(holding: Holding, fee: number): void {
  const { spec, books } = holding.purse.dex
  holding.purse.cashMicroUsd -= fee
  const toDeployer = fee > 0 ? Math.floor(fee * deployerShare(spec)) : 0
  books.deployerFeeMicroUsd += toDeployer
  books.venueFeeMicroUsd += fee - toDeployer
}

function recordTrade(exchange: Exchange, market: Market, priceTicks: number, lots: number): void {
  market.lastTradeTicks = priceTicks
  rollHours(market, exchange.tsMs)
  const hour = market.hourNumber % 24
  market.hourNotionalMicroUsd[hour]! += priceTicks * lots
  market.hourLots[hour]! += lots
}

/** Moves the 24-hour rings to this time. */
export function rollHours(market: Market, tsMs: number): void {
  if (tsMs < (market.hourNumber + 1) * HOUR_MS) return
  const hourNumber = Math.floor(tsMs / HOUR_MS)
  const stale = Math.min(hourNumber - market.hourNumber, 24)
  for (let back = stale - 1; back >= 0; back -= 1) {
    const hour = (hourNumber - back) % 24
    market.hourNotionalMicroUsd[hour] = 0
    market.hourLots[hour] = 0
    market.hourMarkTicks[hour] = market.markTicks
  }
  market.hourNumber = hourNumber
}
