/** The maker's state: plain data, made by `initState`, changed only inside `step`. */
import { initBook } from './book/l2-book.ts'
import type { L2Book } from './book/l2-book.ts'
import { initEstimates, initLadder } from './contracts.ts'
import type { DesiredLadder, Estimates } from './contracts.ts'
import type { AccountInput, OpenOrder } from './input.ts'
import { initLedger } from './ledger/ledger.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { MarketSpec } from './market.ts'
import { initHash } from './math/state-hash.ts'
import type { StateHash } from './math/state-hash.ts'
import { initTracker } from './orders/tracker.ts'
import type { Tracker } from './orders/tracker.ts'
import type { RiskVerdict } from './risk/aggregator.ts'
import type { Side } from './units.ts'

/** What the operator wants; `stopping` cancels everything and waits for the end. */
export type Mode = 'running' | 'paused' | 'stopping'

/** Waits before placing on a side again after the venue refused. */
export interface SideBackoff {
  untilTsMs: number
  delayMs: number
}

export interface Counters {
  quotes: number
  cancels: number
  refusals: number
  gateRefusals: number
  duplicateFills: number
  externalFills: number
  lateFills: number
  overfills: number
  outOfOrder: number
  badBooks: number
  adjustments: number
  steps: number
}

export interface EngineState {
  seq: number
  tsMs: number
  market: MarketSpec | null
  account: string
  epoch: number
  cloidCounter: number
  readonly book: L2Book
  /** Our time of the last book message; null before the first. */
  bookTsMs: number | null
  markTicks: number | null
  fundingPerHour: number | null
  isConnected: boolean
  readonly tracker: Tracker
  readonly ledger: Ledger
  /** The venue's last word on the account, and the first of this run (what the session is measured from). */
  accountLast: AccountInput | null
  accountFirst: AccountInput | null
  accountTsMs: number
  lastFillVenueTsMs: number
  positionMismatchLots: number
  mismatchSinceTsMs: number
  equityPeakMicroUsd: number | null
  /** Resting orders of this account that are not ours: left alone, shown. */
  foreignOrders: readonly OpenOrder[]
  /** Resting orders that an earlier run of ours left, to be cancelled. */
  orphans: readonly OpenOrder[]
  mode: Mode
  /** The latch. Only an operator's reset clears it. */
  killedBecause: string | null
  pauseBecause: string | null
  verdict: RiskVerdict | null
  readonly backoff: Record<Side, SideBackoff>
  lastCycleTsMs: number
  lastResyncTsMs: number
  resyncBecause: string | null
  lastMarginTsMs: number
  /** Order messages in the second that `allowanceSecond` names. */
  allowanceSecond: number
  messagesInSecond: number
  readonly estimates: Estimates
  readonly ladder: DesiredLadder
  readonly hash: StateHash
  readonly counters: Counters
}

export function initState(levelCountMax: number): EngineState {
  return {
    seq: 0,
    tsMs: 0,
    market: null,
    account: '',
    epoch: 0,
    cloidCounter: 0,
    book: initBook(),
    bookTsMs: null,
    markTicks: null,
    fundingPerHour: null,
    isConnected: false,
    tracker: initTracker(),
    ledger: initLedger(),
    accountLast: null,
    accountFirst: null,
    accountTsMs: 0,
    lastFillVenueTsMs: 0,
    positionMismatchLots: 0,
    mismatchSinceTsMs: 0,
    equityPeakMicroUsd: null,
    foreignOrders: [],
    orphans: [],
    mode: 'running',
    killedBecause: null,
    pauseBecause: null,
    verdict: null,
    backoff: { buy: { untilTsMs: 0, delayMs: 0 }, sell: { untilTsMs: 0, delayMs: 0 } },
    lastCycleTsMs: 0,
    lastResyncTsMs: 0,
    resyncBecause: null,
    lastMarginTsMs: 0,
    allowanceSecond: 0,
    messagesInSecond: 0,
    estimates: initEstimates(),
    ladder: initLadder(levelCountMax),
    hash: initHash(),
    counters: {
      quotes: 0,
      cancels: 0,
      refusals: 0,
      gateRefusals: 0,
      duplicateFills: 0,
      externalFills: 0,
      lateFills: 0,
      overfills: 0,
      outOfOrder: 0,
      badBooks: 0,
      adjustments: 0,
      steps: 0,
    },
  }
}
