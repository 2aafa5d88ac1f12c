/**
 * What the exchange does not keep: fills, funding and ledger lines per account; trades, candles and funding rates per
 * market. Fed from the events of each block, read by info requests and by the snapshots of subscriptions.
 *
 * Longer than most files: each kind of event has its few lines here and nowhere else.
 *
 * state  bounded rings only; fills and trades are kept as events, their decimals are made when somebody asks
 */
import type { FillEvent, FundingEvent, LedgerEvent, TradeEvent, TwapEvent } from '../exchange/event.ts'
import { instrumentContext } from '../exchange/queries/market.ts'
import type { Exchange } from '../exchange/state.ts'
import type { Block } from '../simulation/world.ts'
import { type CandleBook, initCandleBook, updateCandles } from './candles.ts'
import type { Directory } from './directory.ts'
import type { NetFlow } from './portfolio.ts'
import { initRing, pushRing, type Ring, ringItems } from './ring.ts'
import { toLiquidationUpdate, toOutsideUpdate, toRewardUpdate, toTransferUpdate } from './wire/ledger.ts'
import type { WireLedgerUpdate } from './wire/types.ts'

/** The venue keeps the latest 10 000 fills of an account. */
export const FILLS_KEPT_MAX = 10_000
export const FUNDINGS_KEPT_MAX = 5_000
export const LEDGER_KEPT_MAX = 2_000
export const TRADES_KEPT_MAX = 500
export const TWAPS_KEPT_MAX = 2_000
export const FUNDING_RATES_KEPT_MAX = 5_000

const HOUR_MS = 3_600_000

export interface LedgerLine {
  readonly tsMs: number
  readonly update: WireLedgerUpdate
}

export interface AccountHistory {
  readonly fills: Ring<FillEvent>
  readonly fundings: Ring<FundingEvent>
  readonly ledger: Ring<LedgerLine>
  /** Beginnings and ends of TWAP orders. */
  readonly twaps: Ring<TwapEvent>
  /** Everything that came in less what went out, over all DEXs and spot; without fees, rewards and losses. */
  netLedgerMicroUsd: number
  /** The same of the DEXs alone. */
  netPerpsMicroUsd: number
}

export interface FundingRate {
  readonly tsMs: number
  /** Fraction per hour. */
  readonly rate: number
  /** When the hour ended. */
  readonly premium: number
}

export interface MarketHistory {
  readonly trades: Ring<TradeEvent>
  readonly candles: CandleBook
  readonly fundingRates: Ring<FundingRate>
}

export interface History {
  readonly accounts: Map<string, AccountHistory>
  readonly markets: Map<number, MarketHistory>
  /** The last funding hour that was noted, whole hours since 1970. */
  hourNumber: number
}

export function createHistory(nowTsMs: number): History {
  return { accounts: new Map(), markets: new Map(), hourNumber: Math.floor(nowTsMs / HOUR_MS) }
}

/** @returns the ledger lines of this block by account, for those who follow them */
export function updateHistory(
  history: History,
  directory: Directory,
  exchange: Exchange,
  block: Block,
): ReadonlyMap<string, readonly LedgerLine[]> {
  const lines = new Map<string, LedgerLine[]>()
  const note = (account: string, update: WireLedgerUpdate): void => {
    const entry = { tsMs: update.time, update }
    pushRing(accountHistory(history, account).ledger, entry)
    const known = lines.get(account)
    if (known === undefined) lines.set(account, [entry])
    else known.push(entry)
  }
  let source: LedgerEvent | null = null
  for (const event of block.events) {
    if (event.kind === 'fill') pushRing(accountHistory(history, event.account).fills, event)
    else if (event.kind === 'funding') pushRing(accountHistory(history, event.account).fundings, event)
    else if (event.kind === 'trade') recordTrade(history, event)
    else if (event.kind === 'twap') pushRing(accountHistory(history, event.account).twaps, event)
    else if (event.kind === 'liquidation')
      note(event.account, toLiquidationUpdate(directory, exchange, event))
    else if (event.kind === 'ledger') {
      countFlow(accountHistory(history, event.account), event)
      source = recordLedger(directory, source, event, note)
    }
  }
  recordFundingRates(history, exchange, block.tsMs)
  return lines
}

/** Money brought or taken; what the venue took or paid is profit and loss. */
function countFlow(account: AccountHistory, { cause, via, dexIndex, amountMicroUsd }: LedgerEvent): void {
  if (cause === 'fee' || cause === 'reward' || via === 'liquidation') return
  account.netLedgerMicroUsd += amountMicroUsd
  if (dexIndex !== 'spot') account.netPerpsMicroUsd += amountMicroUsd
}

/** What an account brought less what it took, so far. */
export function netFlowOf(history: History, account: string): NetFlow {
  const known = history.accounts.get(account)
  return { perps: known?.netPerpsMicroUsd ?? 0, whole: known?.netLedgerMicroUsd ?? 0 }
}

/** Those in the time range, oldest first. */
export function between<Item extends { readonly tsMs: number }>(
  ring: Ring<Item> | undefined,
  range: { readonly startTsMs: number; readonly endTsMs: number },
): Item[] {
  return ringItems(ring).filter((item) => item.tsMs >= range.startTsMs && item.tsMs <= range.endTsMs)
}

/**
 * A transfer is two events, the source's first.
 * @returns the source of a transfer whose target comes next, else null
 */
function recordLedger(
  directory: Directory,
  source: LedgerEvent | null,
  event: LedgerEvent,
  note: (account: string, update: WireLedgerUpdate) => void,
): LedgerEvent | null {
  // Fees apart from trading have no line of their own on the wire.
  if (event.cause === 'fee') return null
  if (event.cause !== 'transfer') {
    note(event.account, event.cause === 'reward' ? toRewardUpdate(directory, event) : toOutsideUpdate(event))
    return null
  }
  if (source === null) return event
  const update = toTransferUpdate(directory, source, event)
  note(source.account, update)
  if (event.account !== source.account) note(event.account, update)
  return null
}

function recordTrade(history: History, event: TradeEvent): void {
  const market = marketHistory(history, event.assetId)
  pushRing(market.trades, event)
  updateCandles(market.candles, event)
}

/** One line a market and hour, also where nobody holds a position. */
function recordFundingRates(history: History, exchange: Exchange, tsMs: number): void {
  const hourNumber = Math.floor(tsMs / HOUR_MS)
  if (hourNumber === history.hourNumber) return
  history.hourNumber = hourNumber
  for (const { instrument, fundingPerHour } of exchange.markets) {
    const { premium } = instrumentContext(exchange, instrument.assetId)
    const rate = { tsMs: hourNumber * HOUR_MS, rate: fundingPerHour, premium }
    pushRing(marketHistory(history, instrument.assetId).fundingRates, rate)
  }
}

function marketHistory(history: History, assetId: number): MarketHistory {
  const known = history.markets.get(assetId)
  if (known !== undefined) return known
  const fresh: MarketHistory = {
    trades: initRing(TRADES_KEPT_MAX),
    candles: initCandleBook(),
    fundingRates: initRing(FUNDING_RATES_KEPT_MAX),
  }
  history.markets.set(assetId, fresh)
  return fresh
}

function accountHistory(history: History, account: string): AccountHistory {
  const known = history.accounts.get(account)
  if (known !== undefined) return known
  const fresh: AccountHistory = {
    fills: initRing(FILLS_KEPT_MAX),
    fundings: initRing(FUNDINGS_KEPT_MAX),
    ledger: initRing(LEDGER_KEPT_MAX),
    twaps: initRing(TWAPS_KEPT_MAX),
    netLedgerMicroUsd: 0,
    netPerpsMicroUsd: 0,
  }
  history.accounts.set(account, fresh)
  return fresh
}
