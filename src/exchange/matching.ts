/**
 * Price-time matching of one incoming order against a book.
 *
 *   best level, oldest order first ─┬─ same account        → the resting order ends (selfTradeCanceled), no trade
 *                                   ├─ margin short        → the resting order ends (marginCanceled)
 *                                   └─ otherwise           → a trade at the resting price
 *
 * The head of the best level is read anew after each step: a fill may end or shrink other orders of either side, and all of a
 * maker's when it meets a limit of its protection (mmp.ts).
 */
import * as emit from './emit.ts'
import { chargeBuilder } from './builders.ts'
import * as credits from './credit.ts'
import * as fees from './fees.ts'
import * as hashLanes from './hash-lanes.ts'
import * as money from './integer-money.ts'
import { freeForFill, initialMargin } from './margin.ts'
import { countRestingFill } from './mmp.ts'
import * as orderBook from './order-book.ts'
import * as orderIndex from './order-index.ts'
import * as orderLife from './order-life.ts'
import * as plainLife from './plain-life.ts'
import * as position from './position.ts'
import type { FillEvent } from './event.ts'
import { touchPurse } from './risk-list.ts'
import { HOUR_MS, type Exchange, type Holding, type Market } from './state.ts'
import type { STATUS_FILLED } from './status.ts'

// Own constants are folded into the machine code, imported ones are looked up at every use, and so are functions.
const { mixTrade } = emit
const { creditCovers, spendOnFill } = credits
const { countMaker, countTaker, deployerShare, growthCredit, refreshRates } = fees
const { mixRecord, mixThree } = hashLanes
const { feeOf } = money
const { firstOfLevel, levelOf, NO_ASK, NO_BID } = orderBook
const { cloidOf, ownerOf } = orderIndex
const { endOrder, fillOrder, fitToPosition } = orderLife
const { endPlain, isPlainFlags } = plainLife
const { applyFillToPosition } = position
const PRICE: typeof orderIndex.FIELD_PRICE_TICKS = 1
const REMAINING: typeof orderIndex.FIELD_REMAINING_LOTS = 3
const FLAGS: typeof orderIndex.WORD_FLAGS = 11
const FILLED: typeof STATUS_FILLED = 1

export interface Taker {
  readonly holding: Holding
  readonly oid: number
  readonly cloid: string | null
  readonly isBuy: boolean
  /** Rank of the worst price taken. */
  readonly limitIndex: number
  remainingLots: number
  /** Once all is matched. */
  filledLots: number
  notionalMicroUsd: number
  /** Of the last trade. */
  lastTicks: number
  /** Volume as it counts for the fee tier. */
  creditMicroUsd: number
  /** What the taker itself pays. */
  ownFeesMicroUsd: number
  /** Of both sides, without those of builders; and what of them is the deployer's. */
  feesMicroUsd: number
  deployerMicroUsd: number
  readonly deployerShare: number
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
  liquidation: FillEvent['liquidation'] = null,
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
    lastTicks: 0,
    creditMicroUsd: 0,
    ownFeesMicroUsd: 0,
    feesMicroUsd: 0,
    deployerMicroUsd: 0,
    deployerShare: deployerShare(holding.purse.dex.spec),
    liquidation,
  }
}

/** Trades as much as the limit allows. */
export function matchTaker(exchange: Exchange, taker: Taker): void {
  const { holding, limitIndex, remainingLots: wantedLots } = taker
  // Compared, since asking for the truth of whatever a field holds costs the compiled code several times as much.
  const isBuy = taker.isBuy === true
  const { book } = holding.market
  const { pool } = exchange
  const before = holding.sizeLots
  openRecords(exchange, taker)
  while (taker.remainingLots > 0) {
    const best = isBuy ? book.bestAsk : book.bestBid
    if (isBuy ? best > limitIndex : best < limitIndex) break
    if (best === NO_ASK || best === NO_BID) break
    const slot = firstOfLevel(book, levelOf(book, best))
    const maker = ownerOf(pool, slot)
    const lots = lesser(taker.remainingLots, pool.records[(slot << 3) | REMAINING]!)
    // An account has one holding in a market.
    if (maker === holding) endOrder(exchange, slot, 'selfTradeCanceled')
    else if (!canFill(maker, !isBuy, lots, pool.records[(slot << 3) | PRICE]!))
      endOrder(exchange, slot, 'marginCanceled')
    else trade(exchange, taker, maker, slot)
  }
  taker.filledLots = wantedLots - taker.remainingLots
  if (taker.filledLots > 0) bookTrades(exchange, taker, before)
}

/** As `Math.min`, which also has to think of what is no number and of the sign of zero. */
function lesser(one: number, other: number): number {
  return one < other ? one : other
}

/** Whether the resting side can still carry what this fill would open, at the mark. */
function canFill(maker: Holding, isBuy: boolean, lots: number, priceTicks: number): boolean {
  const closable = isBuy ? 0 - maker.sizeLots : maker.sizeLots
  if (lots <= closable) return true
  const opening = closable > 0 ? lots - closable : lots
  if (creditCovers(maker, opening, priceTicks) || maker.account.isBackstop) return true
  const free = freeForFill(maker.purse)
  if (maker.isCross === false) return free >= initialMargin(opening * priceTicks, maker.leverage)
  const mark = maker.market.markTicks
  const loss = isBuy ? (priceTicks - mark) * opening : (mark - priceTicks) * opening
  return free >= initialMargin(opening * mark, maker.leverage) + Math.max(loss, 0)
}

/**
 * One trade: the resting side, the taker's, the trade itself, and what becomes of the resting order. What is the same for
 * all trades of a taker, and nobody asks for between them, is summed in the taker: see `bookTrades`.
 */
function trade(exchange: Exchange, taker: Taker, maker: Holding, slot: number): void {
  const { pool, fillRecord, tradeRecord } = exchange
  const { holding } = taker
  const isBuy = taker.isBuy === true
  const { records } = pool
  // Read once more: a double handed to a function that the compiler leaves alone would be put into a box.
  const remainingLots = records[(slot << 3) | REMAINING]!
  const priceTicks = records[(slot << 3) | PRICE]!
  const lots = lesser(taker.remainingLots, remainingLots)
  const notional = priceTicks * lots
  const tid = exchange.tidLast + 1
  exchange.tidLast = tid
  taker.remainingLots -= lots
  taker.notionalMicroUsd += notional
  taker.lastTicks = priceTicks
  fillRecord.tid = tradeRecord.tid = tid
  fillRecord.priceTicks = tradeRecord.priceTicks = priceTicks
  fillRecord.sizeLots = tradeRecord.sizeLots = lots

  const before = maker.sizeLots
  settle(exchange, taker, maker, slot, false)
  spendOnFill(maker, !isBuy, before, priceTicks, lots, fillRecord.feeMicroUsd)
  settle(exchange, taker, holding, slot, true)

  const takerAddress = holding.account.address
  const makerAddress = maker.account.address
  tradeRecord.buyer = isBuy ? takerAddress : makerAddress
  tradeRecord.seller = isBuy ? makerAddress : takerAddress
  mixTrade(exchange.lanes, tid, priceTicks, lots)
  exchange.sink.trade(tradeRecord)
  if (lots === remainingLots && isPlainFlags(pool.words[(slot << 4) | FLAGS]!)) {
    endPlain(exchange, maker, slot, FILLED)
  } else fillOrder(exchange, slot, lots)
  fitToPosition(exchange, maker)
  fitToPosition(exchange, holding)
  const { protection } = maker
  if (protection !== null) countRestingFill(exchange, maker, protection, !isBuy, lots, notional)
}

/** What all events of a taker's trades have in common. */
function openRecords(exchange: Exchange, taker: Taker): void {
  const { tsMs, fillRecord, tradeRecord } = exchange
  const { assetId } = taker.holding.market.instrument
  fillRecord.tsMs = tradeRecord.tsMs = tsMs
  fillRecord.assetId = tradeRecord.assetId = assetId
  fillRecord.liquidation = taker.liquidation
  tradeRecord.aggressor = taker.isBuy ? 'buy' : 'sell'
}

/**
 * One side of a trade: position, fee, volume, and the event, into which the trade wrote what both sides share.
 * A function of its own, called for each, is what the compiler makes one piece of, with all that it calls: but for rare calls
 * it has only what fits into that piece, so the credit is left to the caller.
 * @param crossed whether it is the taker's
 */
function settle(exchange: Exchange, taker: Taker, holding: Holding, slot: number, crossed: boolean): void {
  if (holding.ratesDay !== exchange.day) refreshRates(exchange, holding)
  const { pool, fillRecord } = exchange
  const { priceTicks, sizeLots: lots } = fillRecord
  const isBuy = taker.isBuy === crossed
  const oid = crossed ? taker.oid : pool.records[slot << 3]!
  const notional = priceTicks * lots
  const before = holding.sizeLots
  const profit = applyFillToPosition(holding, isBuy ? lots : -lots, priceTicks)
  let fee = feeOf(notional, crossed ? holding.takerPpb : holding.makerPpb)
  holding.purse.cashMicroUsd -= fee
  taker.feesMicroUsd += fee
  if (taker.deployerShare > 0 && fee > 0) taker.deployerMicroUsd += Math.floor(fee * taker.deployerShare)
  if (crossed) taker.ownFeesMicroUsd += fee
  else {
    const credit = holding.market.instrument.growthMode === true ? growthCredit(notional) : notional
    taker.creditMicroUsd += credit
    countMaker(holding.account, exchange.day, credit)
  }
  let builderFee = 0
  if (exchange.builderByOid.size !== 0) {
    builderFee = chargeBuilder(exchange, holding, oid, notional)
    fee += builderFee
  }
  fillRecord.account = holding.account.address
  fillRecord.oid = oid
  fillRecord.cloid = crossed ? taker.cloid : cloidOf(pool, slot)
  fillRecord.side = isBuy ? 'buy' : 'sell'
  fillRecord.startPositionLots = before
  fillRecord.closedPnlMicroUsd = profit
  fillRecord.feeMicroUsd = fee
  fillRecord.builderFeeMicroUsd = builderFee
  fillRecord.twapId = crossed ? exchange.sliceTwapId : null
  fillRecord.crossed = crossed
  mixThree(exchange.lanes, oid, fee, profit)
  exchange.sink.fill(fillRecord)
}

/**
 * Sums over all trades of a taker: whole numbers, so it is the same when they are added. Its last price is its worst one,
 * so its credit is spent as if all had traded there.
 */
function bookTrades(exchange: Exchange, taker: Taker, before: number): void {
  const { holding, feesMicroUsd, deployerMicroUsd, ownFeesMicroUsd, filledLots, lastTicks } = taker
  const { market } = holding
  const { books } = holding.purse.dex
  spendOnFill(holding, taker.isBuy, before, lastTicks, filledLots, ownFeesMicroUsd)
  books.deployerFeeMicroUsd += deployerMicroUsd
  books.venueFeeMicroUsd += feesMicroUsd - deployerMicroUsd
  countTaker(exchange, holding.account, taker.creditMicroUsd)
  market.lastTradeTicks = lastTicks
  rollHours(market, exchange.tsMs)
  const hour = market.hourNumber % 24
  market.hourNotionalMicroUsd[hour]! += taker.notionalMicroUsd
  market.hourLots[hour]! += filledLots
}

/** One side of a transfer to the backstop or of a forced close: position and event, without fee and volume. */
export function settleFree(
  exchange: Exchange,
  holding: Holding,
  tid: number,
  oid: number,
  isBuy: boolean,
  priceTicks: number,
  lots: number,
  crossed: boolean,
  liquidation: FillEvent['liquidation'],
): void {
  const startPositionLots = holding.sizeLots
  const closedPnlMicroUsd = applyFillToPosition(holding, isBuy ? lots : -lots, priceTicks)
  touchPurse(holding.purse)
  const record = exchange.fillRecord
  record.tsMs = exchange.tsMs
  record.tid = tid
  record.assetId = holding.market.instrument.assetId
  record.account = holding.account.address
  record.oid = oid
  record.cloid = null
  record.side = isBuy ? 'buy' : 'sell'
  record.priceTicks = priceTicks
  record.sizeLots = lots
  record.startPositionLots = startPositionLots
  record.closedPnlMicroUsd = closedPnlMicroUsd
  record.feeMicroUsd = 0
  record.builderFeeMicroUsd = 0
  record.twapId = crossed ? exchange.sliceTwapId : null
  record.crossed = crossed
  record.liquidation = liquidation
  mixRecord(exchange.lanes, tid, oid, lots, 0, closedPnlMicroUsd)
  exchange.sink.fill(record)
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
