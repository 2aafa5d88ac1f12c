/** The maker's state: plain data, made by `initState`, changed only inside `step`. */
import { initBookDelay } from './book/book-delay.ts'
import type { BookDelay } from './book/book-delay.ts'
import { initBook } from './book/l2-book.ts'
import type { L2Book } from './book/l2-book.ts'
import { initEstimates, initLadder } from './contracts.ts'
import type { DesiredLadder, Estimates } from './contracts.ts'
import type { AccountInput, OpenOrder } from './input.ts'
import { initLedger } from './ledger/ledger.ts'
import type { Ledger } from './ledger/ledger.ts'
import { initMargin } from './margin.ts'
import type { MarginState } from './margin.ts'
import type { MarketSpec } from './market.ts'
import { initHash } from './math/state-hash.ts'
import type { StateHash } from './math/state-hash.ts'
import type { StuckCancel } from './orders/stuck-cancel.ts'
import { initTracker } from './orders/tracker.ts'
import type { Tracker } from './orders/tracker.ts'
import type { RiskVerdict } from './risk/aggregator.ts'
import { initBudget } from './risk/budget.ts'
import type { BudgetState } from './risk/budget.ts'
import { initBurst } from './risk/burst.ts'
import type { BurstState } from './risk/burst.ts'
import { initHolds } from './risk/holds.ts'
import type { HoldState } from './risk/holds.ts'
import { initFlatten } from './risk/kill.ts'
import type { FlattenState } from './risk/kill.ts'
import { initGateReasons } from './risk/gate.ts'
import type { GateReason } from './risk/gate.ts'
import { initSweep } from './risk/sweep.ts'
import type { SweepState } from './risk/sweep.ts'
import { initMmp } from './risk/mmp.ts'
import type { MmpState } from './risk/mmp.ts'
import { initVelocity } from './risk/velocity.ts'
import type { VelocityState } from './risk/velocity.ts'
import type { Side } from './units.ts'

/** What the operator wants; `stopping` cancels everything and waits for the end. */
export type Mode = 'running' | 'paused' | 'stopping'

/** Waits before placing on a side again after the venue refused. */
export interface SideBackoff {
  untilTsMs: number
  delayMs: number
}

/** Counts by whole minutes, so that they need no memory of single answers. */
export interface AnswerCounts {
  minute: number
  answeredCount: number
  refusedCount: number
  lastAnsweredCount: number
  lastRefusedCount: number
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
  mmpTrips: number
  bursts: number
  sweeps: number
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
  /** False before the first message of the book. */
  hasBook: boolean
  /** When the book was true by our clock: the last message's arrival less what it came later than usual. */
  bookTsMs: number
  readonly bookDelay: BookDelay
  markTicks: number | null
  oracleTicks: number | null
  fundingPerHour: number | null
  /** When mark, oracle and funding were told last; 0: never. */
  contextTsMs: number
  /** Until then nobody but us makes this market, as far as its book shows. */
  aloneUntilTsMs: number
  isConnected: boolean
  readonly tracker: Tracker
  readonly ledger: Ledger
  /** The venue's last word on the account, and the first of this run (what the session is measured from). */
  accountLast: AccountInput | null
  accountFirst: AccountInput | null
  accountTsMs: number
  lastFillVenueTsMs: number
  lastTradeVenueTsMs: number
  positionMismatchLots: number
  mismatchSinceTsMs: number
  equityPeakMicroUsd: number | null
  /** Resting orders of this account that are not ours: left alone, shown. */
  foreignOrders: readonly OpenOrder[]
  /** Resting orders that an earlier run of ours left, or that we thought had ended: to be cancelled. */
  orphans: readonly OpenOrder[]
  mode: Mode
  /** The latch. Only an operator's reset clears it. */
  killedBecause: string | null
  /** Why a position that no earlier run explains was taken in; null: it was explained, or there was none. */
  adoptedBecause: string | null
  readonly flatten: FlattenState
  pauseBecause: string | null
  verdict: RiskVerdict | null
  readonly mmp: MmpState
  /** Which limit protection met last. */
  mmpBecause: string | null
  readonly burst: BurstState
  readonly sweep: SweepState
  /** Longest stall of the event loop within the last sample, ms, and when it was told. */
  loopLagMs: number
  loopLagTsMs: number
  /** Another run whose orders came to rest beside ours, and when last. */
  rivalEpoch: number | null
  rivalTsMs: number
  /** The order that most cancels have not taken back; null: none was cancelled twice. */
  stuckCancel: StuckCancel | null
  /** Orders that differed from the venue's list at the last comparison. */
  orderMismatchCount: number
  /** Client ids that were missing there; missing twice is a difference. */
  missingCloids: readonly string[]
  readonly velocity: VelocityState
  readonly holds: HoldState
  readonly budget: BudgetState
  /** When the position became lopsided; null while it is not. */
  lopsidedSinceTsMs: number | null
  /** Orders answered and refused in the running minute and the one before. */
  answers: AnswerCounts
  readonly backoff: Record<Side, SideBackoff>
  /** Orders are looked at again by then, or earlier when something is told of one. */
  ordersDueTsMs: number
  lastCycleTsMs: number
  lastRequoteTsMs: number
  lastResyncTsMs: number
  resyncBecause: string | null
  readonly margin: MarginState
  /** Order messages in the second that `allowanceSecond` names. */
  allowanceSecond: number
  messagesInSecond: number
  /** Order messages since the last fill of ours. */
  messagesSinceFill: number
  /** How often the send gate gave each reason. */
  readonly gateReasons: Record<GateReason, number>
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
    hasBook: false,
    bookTsMs: 0,
    bookDelay: initBookDelay(),
    markTicks: null,
    oracleTicks: null,
    fundingPerHour: null,
    contextTsMs: 0,
    aloneUntilTsMs: 0,
    isConnected: false,
    tracker: initTracker(),
    ledger: initLedger(),
    accountLast: null,
    accountFirst: null,
    accountTsMs: 0,
    lastFillVenueTsMs: 0,
    lastTradeVenueTsMs: 0,
    positionMismatchLots: 0,
    mismatchSinceTsMs: 0,
    equityPeakMicroUsd: null,
    foreignOrders: [],
    orphans: [],
    mode: 'running',
    killedBecause: null,
    adoptedBecause: null,
    flatten: initFlatten(),
    pauseBecause: null,
    verdict: null,
    mmp: initMmp(),
    mmpBecause: null,
    burst: initBurst(),
    sweep: initSweep(),
    loopLagMs: 0,
    loopLagTsMs: 0,
    rivalEpoch: null,
    rivalTsMs: 0,
    orderMismatchCount: 0,
    missingCloids: [],
    velocity: initVelocity(),
    holds: initHolds(),
    budget: initBudget(),
    lopsidedSinceTsMs: null,
    answers: { minute: 0, answeredCount: 0, refusedCount: 0, lastAnsweredCount: 0, lastRefusedCount: 0 },
    backoff: { buy: { untilTsMs: 0, delayMs: 0 }, sell: { untilTsMs: 0, delayMs: 0 } },
    ordersDueTsMs: 0,
    stuckCancel: null,
    lastCycleTsMs: 0,
    lastRequoteTsMs: 0,
    lastResyncTsMs: 0,
    resyncBecause: null,
    margin: initMargin(),
    allowanceSecond: 0,
    messagesInSecond: 0,
    messagesSinceFill: 0,
    gateReasons: initGateReasons(),
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
      mmpTrips: 0,
      bursts: 0,
      sweeps: 0,
      steps: 0,
    },
  }
}

const MINUTE_MS = 60_000

/** Moves the counts on when a new minute has begun. */
export function rollAnswers(answers: AnswerCounts, tsMs: number): void {
  const minute = Math.floor(tsMs / MINUTE_MS)
  if (minute === answers.minute) return
  const isNext = minute === answers.minute + 1
  answers.lastAnsweredCount = isNext ? answers.answeredCount : 0
  answers.lastRefusedCount = isNext ? answers.refusedCount : 0
  answers.answeredCount = 0
  answers.refusedCount = 0
  answers.minute = minute
}
