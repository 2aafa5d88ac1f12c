/**
 * Liquidation, watched at every mark: whoever falls below maintenance is closed.
 *
 *   equity ≥ maintenance          nothing
 *   equity ≥ 2/3 maintenance      its orders end; market orders through the book, a fifth at a time above 100 000 $,
 *                                 whole ones for 30 s after that
 *   equity < 2/3 maintenance      the backstop takes positions and margin at the mark
 *   equity < 0, or no backstop    auto-deleveraging: the other side's best-ranked are closed at the mark before
 *
 * Each isolated position stands for itself; the cross positions of a purse stand together. What nobody can pay goes to
 * the backstop, and beyond its money to bad debt, so that no account is left below zero and the ledger stays exact.
 * Long because the stages hand over to each other and are read as one story.
 */
import { accountFor, holdingFor, purseFor } from './genesis.ts'
import { crossEquity, crossMaintenance, isolatedEquity, maintenanceOfHolding } from './margin.ts'
import { matchTaker, settleFree, takerOf } from './matching.ts'
import { emit } from './emit.ts'
import type { FillEvent, LiquidationEvent } from './event.ts'
import { NO_ASK } from './order-book.ts'
import { endOwnOrders, fitToPosition } from './order-life.ts'
import { positionNotional } from './position.ts'
import {
  isReached,
  isAnyReached,
  reachedHoldings,
  refreshPurse,
  refreshStale,
  takeStale,
} from './risk-index.ts'
import { touchPurse } from './risk-list.ts'
import type { Exchange, Holding, Market, Purse } from './state.ts'

const BACKSTOP_NUMERATOR = 2
const BACKSTOP_DENOMINATOR = 3
const PARTIAL_DIVISOR = 5
const SPELL_MS = 30_000

/** What is judged together: all cross positions of a purse, or one isolated position. */
interface Subject {
  readonly purse: Purse
  /** Null: the cross positions. */
  readonly isolated: Holding | null
}

/**
 * Liquidates whoever holds a position in this market and is below maintenance, from the newest holder to the oldest.
 * Only positions whose trigger the mark has passed are judged, and those that a liquidation touched meanwhile; the
 * outcome is that of judging every holder.
 */
export function liquidateHolders(exchange: Exchange, market: Market): void {
  refreshStale(market.dex)
  if (!isAnyReached(market)) return
  const queue = queueOf(reachedHoldings(market))
  let place = market.holders.length
  for (;;) {
    const holding = takeNewest(queue, place)
    if (holding === null) return
    place = holding.holderIndex
    const subject = subjectOf(holding)
    if (!isBelow(subject)) {
      // The trigger was early: it is set anew, nearer to the truth.
      refreshPurse(holding.purse)
      continue
    }
    liquidate(exchange, subject)
    // Also when nothing could be done: the purse's other markets must find it at once.
    touchPurse(holding.purse)
    for (const purse of takeStale(market.dex)) {
      for (const one of purse.holdings) if (one.market === market && isReached(one)) addQueued(queue, one)
    }
  }
}

/** A holder to judge, with the place it had when it was queued. Places of those who stay only ever fall. */
interface Queued {
  readonly place: number
  readonly holding: Holding
}

/** Ascending places: the newest holder stands at the end. */
function queueOf(holdings: readonly Holding[]): Queued[] {
  return holdings
    .map((holding) => ({ place: holding.holderIndex, holding }))
    .sort((a, b) => a.place - b.place)
}

function addQueued(queue: Queued[], holding: Holding): void {
  const place = holding.holderIndex
  let at = queue.length
  while (at > 0 && queue[at - 1]!.place > place) at -= 1
  queue.splice(at, 0, { place, holding })
}

/** The newest holder below `below`; one that moved down meanwhile takes its turn at its new place. */
function takeNewest(queue: Queued[], below: number): Holding | null {
  for (let last = queue.pop(); last !== undefined; last = queue.pop()) {
    const { holding, place } = last
    const now = holding.holderIndex
    if (now >= below || now < 0) continue
    if (now === place) return holding
    addQueued(queue, holding)
  }
  return null
}

/** Everybody who holds a position here and is below maintenance, by judging every holder: what the index must agree with. */
export function holdersBelowMaintenance(market: Market): Holding[] {
  return market.holders.filter((holding) => !holding.account.isBackstop && isBelow(subjectOf(holding)))
}

/** The same by the index. */
export function reachedBelowMaintenance(market: Market): Holding[] {
  refreshStale(market.dex)
  return reachedHoldings(market).filter((holding) => isBelow(subjectOf(holding)))
}

function subjectOf(holding: Holding): Subject {
  return { purse: holding.purse, isolated: holding.isCross ? null : holding }
}

function isBelow(subject: Subject): boolean {
  return equityOf(subject) < maintenanceOfSubject(subject)
}

function equityOf({ purse, isolated }: Subject): number {
  return isolated === null ? crossEquity(purse) : isolatedEquity(isolated)
}

function maintenanceOfSubject({ purse, isolated }: Subject): number {
  return isolated === null ? crossMaintenance(purse) : maintenanceOfHolding(isolated)
}

function positionsOf({ purse, isolated }: Subject): Holding[] {
  const held = isolated === null ? purse.holdings.filter((holding) => holding.isCross) : [isolated]
  return held
    .filter((holding) => holding.sizeLots !== 0)
    .sort((a, b) => positionNotional(b) - positionNotional(a) || a.market.index - b.market.index)
}

/** Liquidates what a purse holds as if it had fallen below maintenance. @returns false when it holds nothing */
export function liquidatePurse(exchange: Exchange, purse: Purse): boolean {
  const isolated = purse.holdings.filter((holding) => !holding.isCross)
  const held = [null, ...isolated]
    .map((one): Subject => ({ purse, isolated: one }))
    .filter((subject) => positionsOf(subject).length > 0)
  for (const subject of held) liquidate(exchange, subject, true)
  return held.length > 0
}

/** @param isForced everything goes, whatever the equity */
function liquidate(exchange: Exchange, subject: Subject, isForced = false): void {
  const cashBefore = subject.purse.cashMicroUsd
  endOrdersOf(exchange, subject)
  if (isForced || !needsBackstop(subject)) closeThroughBook(exchange, subject, isForced)
  if (positionsOf(subject).length > 0 && (isForced || needsBackstop(subject))) {
    const backed = positionsOf(subject).every(
      (holding) => holding.market.instrument.marginPolicy === 'normal',
    )
    if (backed && equityOf(subject) >= 0) handToBackstop(exchange, subject)
    else deleverage(exchange, subject)
  }
  settleLosses(exchange, subject.purse, subject.isolated, cashBefore)
}

/**
 * After a forced close: nobody is left below zero.
 * @param isolated   the position that was closed; null: cross ones
 * @param cashBefore of the purse, before the close
 */
export function settleLosses(
  exchange: Exchange,
  purse: Purse,
  isolated: Holding | null,
  cashBefore: number,
): void {
  if (isolated === null) coverShortfall(exchange, { purse, isolated })
  else keepCashWhole(exchange, isolated, cashBefore)
}

function needsBackstop(subject: Subject): boolean {
  return equityOf(subject) * BACKSTOP_DENOMINATOR < maintenanceOfSubject(subject) * BACKSTOP_NUMERATOR
}

function endOrdersOf(exchange: Exchange, { purse, isolated }: Subject): void {
  for (const holding of isolated === null ? purse.holdings : [isolated]) {
    if (isolated === null && !holding.isCross) continue
    endOwnOrders(exchange, holding, 'liquidatedCanceled')
  }
}

/** Market orders, largest position first, until the account is safe again. */
function closeThroughBook(exchange: Exchange, subject: Subject, isForced: boolean): void {
  const before = summary(exchange, subject, 'market')
  const tidBefore = exchange.tidLast
  for (const holding of positionsOf(subject)) {
    if (!isForced && equityOf(subject) >= maintenanceOfSubject(subject)) break
    closeOne(exchange, holding, isForced)
  }
  if (exchange.tidLast > tidBefore) emit(exchange, before)
}

function closeOne(exchange: Exchange, holding: Holding, isWhole: boolean): void {
  const { purse } = holding
  const size = Math.abs(holding.sizeLots)
  const large = positionNotional(holding) > exchange.options.partialLiquidationMicroUsd
  const partial = !isWhole && large && exchange.tsMs >= purse.liquidationSpellEndTsMs
  const isBuy = holding.sizeLots < 0
  const lots = partial ? Math.ceil(size / PARTIAL_DIVISOR) : size
  const limit = isBuy ? NO_ASK - 1 : 1
  const told = toldOf(holding, 'market')
  const taker = takerOf(holding, nextOid(exchange), null, isBuy, limit, lots, told)
  matchTaker(exchange, taker)
  if (partial && taker.filledLots > 0) purse.liquidationSpellEndTsMs = exchange.tsMs + SPELL_MS
}

function nextOid(exchange: Exchange): number {
  exchange.oidLast += 1
  return exchange.oidLast
}

/** The backstop of a DEX: one account that is never margined. */
export function backstopAddress(dexIndex: number): string {
  return `0x4${dexIndex.toString(16).padStart(39, '0')}`
}

function backstopOf(exchange: Exchange, market: Market): Holding {
  const account = accountFor(exchange, backstopAddress(market.instrument.dexIndex), true)
  const holding = holdingFor(exchange, account, market)
  holding.isCross = true
  return holding
}

/** All positions at the mark, and the margin with them. */
function handToBackstop(exchange: Exchange, subject: Subject): void {
  const event = summary(exchange, subject, 'backstop')
  const left = equityOf(subject)
  for (const holding of positionsOf(subject)) {
    const { market } = holding
    const lots = Math.abs(holding.sizeLots)
    swap(exchange, holding, backstopOf(exchange, market), lots, market.markTicks, 'backstop')
  }
  const taken = subject.isolated === null ? subject.purse.cashMicroUsd : left
  moveToBackstop(exchange, subject.purse, taken)
  emit(exchange, event)
}

/** What fills tell of the liquidation of a position. */
function toldOf(holding: Holding, method: LiquidationEvent['method']): NonNullable<FillEvent['liquidation']> {
  const { account, isCross, market } = holding
  return { account: account.address, isCross, markTicks: market.markTicks, method }
}

/** A forced trade of two accounts at a price, free of fees. The first one's position shrinks: it is the liquidated one. */
function swap(
  exchange: Exchange,
  from: Holding,
  to: Holding,
  lots: number,
  priceTicks: number,
  method: 'backstop' | 'adl',
): void {
  exchange.tidLast += 1
  const tid = exchange.tidLast
  const liquidation = toldOf(from, method)
  const isBuy = from.sizeLots < 0
  settleFree(exchange, from, tid, nextOid(exchange), isBuy, priceTicks, lots, true, liquidation)
  settleFree(exchange, to, tid, nextOid(exchange), !isBuy, priceTicks, lots, false, liquidation)
  fitToPosition(exchange, from)
  fitToPosition(exchange, to)
}

/** Against the other side of each market, best ranked first, at the mark before this one. */
function deleverage(exchange: Exchange, subject: Subject): void {
  const event = summary(exchange, subject, 'adl')
  for (const holding of positionsOf(subject)) {
    const { market } = holding
    for (const other of rankedAgainst(holding)) {
      const lots = Math.min(Math.abs(holding.sizeLots), Math.abs(other.sizeLots))
      if (lots > 0) swap(exchange, holding, other, lots, market.markTicksLast, 'adl')
    }
  }
  emit(exchange, event)
}

/** The other side by (mark/entry)·(notional/account value), inverted for shorts; the backstop comes last. */
function rankedAgainst(holding: Holding): Holding[] {
  const others = holding.market.holders.filter(
    (other) => other.sizeLots > 0 !== holding.sizeLots > 0 && other.account !== holding.account,
  )
  const ranked = others.map((other) => ({ other, rank: adlRank(other) }))
  ranked.sort((a, b) => b.rank - a.rank || a.other.account.index - b.other.account.index)
  return ranked.map(({ other }) => other)
}

export function adlRank(holding: Holding): number {
  if (holding.account.isBackstop) return -1
  const notional = positionNotional(holding)
  const gain = holding.costMicroUsd === 0 ? 1 : notional / holding.costMicroUsd
  const value = holding.isCross ? crossEquity(holding.purse) : isolatedEquity(holding)
  return (holding.sizeLots > 0 ? gain : 1 / gain) * (notional / Math.max(value, 1))
}

/** After everything is closed: what is below zero is paid by the backstop, the rest is bad debt. */
function coverShortfall(exchange: Exchange, subject: Subject): void {
  const { purse } = subject
  if (purse.cashMicroUsd < 0 && positionsOf(subject).length === 0)
    moveToBackstop(exchange, purse, purse.cashMicroUsd)
}

/** An isolated position loses its own margin and nothing else: first what is left of it pays, then the backstop. */
function keepCashWhole(exchange: Exchange, holding: Holding, cashBefore: number): void {
  const { purse } = holding
  const missing = cashBefore - purse.cashMicroUsd
  if (missing <= 0) return
  touchPurse(purse)
  const fromMargin = Math.min(missing, Math.max(0, holding.isolatedMicroUsd))
  holding.isolatedMicroUsd -= fromMargin
  purse.cashMicroUsd += fromMargin
  moveToBackstop(exchange, purse, fromMargin - missing)
}

/** Positive: the margin goes to the backstop; negative: it pays what it can, bad debt takes the rest. */
function moveToBackstop(exchange: Exchange, purse: Purse, amountMicroUsd: number): void {
  if (amountMicroUsd === 0) return
  const { dex } = purse
  const backstop = purseFor(
    exchange,
    accountFor(exchange, backstopAddress(dex.spec.index), true),
    dex.spec.index,
  )
  const paid =
    amountMicroUsd > 0 ? amountMicroUsd : Math.max(amountMicroUsd, -Math.max(0, backstop.cashMicroUsd))
  touchPurse(purse)
  touchPurse(backstop)
  purse.cashMicroUsd -= amountMicroUsd
  backstop.cashMicroUsd += paid
  dex.books.badDebtMicroUsd += amountMicroUsd - paid
  const base = {
    kind: 'ledger',
    tsMs: exchange.tsMs,
    dexIndex: dex.spec.index,
    tokenIndex: dex.spec.collateral.index,
    cause: 'transfer',
    via: 'liquidation',
  } as const
  emit(exchange, { ...base, account: purse.account.address, amountMicroUsd: -amountMicroUsd })
  emit(exchange, { ...base, account: backstop.account.address, amountMicroUsd: paid })
}

function summary(exchange: Exchange, subject: Subject, method: LiquidationEvent['method']): LiquidationEvent {
  const positions = positionsOf(subject)
  return {
    kind: 'liquidation',
    tsMs: exchange.tsMs,
    account: subject.purse.account.address,
    dexIndex: subject.purse.dex.spec.index,
    positions: positions.map(({ market, sizeLots }) => ({ assetId: market.instrument.assetId, sizeLots })),
    accountValueMicroUsd: equityOf(subject),
    notionalMicroUsd: positions.reduce((sum, holding) => sum + positionNotional(holding), 0),
    method,
  }
}
