/**
 * Inputs: everything that can make the maker act. The runtime stamps each with a sequence number and its own
 * monotone time, writes it to the journal, and only then hands it to the engine. JSON-safe by construction.
 */
import type { MarketSpec } from './market.ts'
import type { Side } from './units.ts'

/** What the loop adds: `seq` counts from 1 in a journal; `tsMs` never goes back. */
export interface Stamp {
  readonly seq: number
  readonly tsMs: number
}

/** The first input of every run. The epoch makes client ids of different runs different. */
export interface SessionStarted {
  readonly kind: 'sessionStarted'
  readonly market: MarketSpec
  readonly account: string
  /** Whole number, larger in each run of one journal folder; milliseconds since 1970 at start. */
  readonly epoch: number
  readonly configHash: string
}

/** A whole L2 snapshot. Sides are flat: [priceTicks, sizeLots, priceTicks, sizeLots, …], best first. */
export interface BookInput {
  readonly kind: 'book'
  readonly venueTsMs: number
  readonly bids: readonly number[]
  readonly asks: readonly number[]
}

/** The touch alone, which the venue sends on every change, more often than snapshots. 0 lots: that side is empty. */
export interface TouchInput {
  readonly kind: 'touch'
  readonly venueTsMs: number
  readonly bidTicks: number
  readonly bidLots: number
  readonly askTicks: number
  readonly askLots: number
}

/** One print of the tape. `aggressor` is the side of the taker. */
export interface TradeInput {
  readonly kind: 'trade'
  readonly venueTsMs: number
  readonly tid: number
  readonly aggressor: Side
  readonly priceTicks: number
  readonly sizeLots: number
}

/** Mark, oracle and funding of our market. Prices are real numbers of ticks: the venue does not keep them on the grid. */
export interface ContextInput {
  readonly kind: 'context'
  readonly markTicks: number
  readonly oracleTicks: number
  /** Fraction of notional per hour; positive: longs pay. */
  readonly fundingPerHour: number
}

/** The middle of the touch of the reference market, told when it changes; nothing is told while one of its sides is empty. */
export interface ReferenceInput {
  readonly kind: 'reference'
  readonly venueTsMs: number
  /** In ticks of our market, > 0; a real number, since the grids of two markets may differ. */
  readonly midTicks: number
}

/** The venue took the order and it rests (it may have filled in part: fills tell). */
export interface OrderResting {
  readonly kind: 'orderResting'
  readonly cloid: string
  readonly oid: number
}

/** The venue filled the order at once, whole or (immediate-or-cancel) in part. The fills follow as `fill` inputs. */
export interface OrderFilledNow {
  readonly kind: 'orderFilledNow'
  readonly cloid: string
  readonly oid: number
  readonly totalLots: number
  readonly averagePriceTicks: number
}

/** Why the venue refused, each with one treatment. */
export type RefusalClass =
  'rate' | 'price' | 'postOnly' | 'size' | 'margin' | 'reduceOnly' | 'position' | 'nonce' | 'gone' | 'unknown'

export interface OrderRefused {
  readonly kind: 'orderRefused'
  readonly cloid: string
  readonly refusal: RefusalClass
  readonly text: string
}

/** The venue confirmed our cancel. Fills that happened before it may still arrive. */
export interface CancelDone {
  readonly kind: 'cancelDone'
  readonly cloid: string
}

/** `gone`: never placed, already cancelled, or filled. The order's end must come from fills or a query. */
export interface CancelRefused {
  readonly kind: 'cancelRefused'
  readonly cloid: string
  readonly refusal: RefusalClass
  readonly text: string
}

/** No answer, or one that says nothing: each of these orders may or may not exist. */
export interface SendUncertain {
  readonly kind: 'sendUncertain'
  readonly cloids: readonly string[]
  /** What was being sent when the answer was lost. */
  readonly action: 'place' | 'modify' | 'cancel'
  readonly text: string
}

export type VenueOrderStatus = 'open' | 'filled' | 'cancelled' | 'rejected' | 'unknown'

/** The answer to a query by client id. `unknown`: the venue never saw it. */
export interface OrderStatusInput {
  readonly kind: 'orderStatus'
  readonly cloid: string
  readonly oid: number | null
  readonly status: VenueOrderStatus
  /** Lots still resting (0 unless open). */
  readonly remainingLots: number
  readonly venueTsMs: number
}

/** The stream's word on an order of this account on our market; `cloid` is null for orders placed without one. */
export interface OrderUpdate {
  readonly kind: 'orderUpdate'
  readonly oid: number
  readonly cloid: string | null
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  readonly remainingLots: number
  readonly status: VenueOrderStatus
  /** The venue's own word (`selfTradeCanceled`, `badAloPxRejected`, …). */
  readonly word: string
  readonly venueTsMs: number
}

/** A trade of ours: money that moved. `tid` with `oid` is its identity, whichever way it arrives. */
export interface FillInput {
  readonly kind: 'fill'
  readonly tid: number
  readonly oid: number
  readonly cloid: string | null
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  /** Cost positive, rebate negative. */
  readonly feeMicroUsd: number
  readonly closedPnlMicroUsd: number
  /** Our position before this fill, as the venue says; orders fills of one millisecond. */
  readonly startPositionLots: number
  /** True when we took. */
  readonly crossed: boolean
  readonly liquidation: boolean
  readonly venueTsMs: number
}

export interface OpenOrder {
  readonly oid: number
  readonly cloid: string | null
  readonly side: Side
  readonly priceTicks: number
  readonly remainingLots: number
  readonly reduceOnly: boolean
}

/** The venue's state of our account on this DEX, taken after the fills before it were delivered. */
export interface AccountInput {
  readonly kind: 'account'
  readonly positionLots: number
  /** The venue's cash ledger of this DEX (`marginSummary.totalRawUsd`): free of marks, so it must equal ours exactly. */
  readonly cashMicroUsd: number
  readonly accountValueMicroUsd: number
  readonly withdrawableMicroUsd: number
  /** Null on cross margin or without a position. */
  readonly isolatedMarginMicroUsd: number | null
  readonly liquidationTicks: number | null
  /** Free collateral where it may be moved from, and what came to this DEX from there on this UTC day; absent: nowhere. */
  readonly reserveMicroUsd?: number
  readonly movedTodayMicroUsd?: number
  /** Whether the venue takes only orders that reduce the open interest of our market; absent: it was not asked. */
  readonly isAtOpenInterestCap?: boolean
  /** All resting orders of this account on our market, ours or not. */
  readonly openOrders: readonly OpenOrder[]
  readonly venueTsMs: number
}

/** Negative: we paid. */
export interface FundingPaid {
  readonly kind: 'fundingPaid'
  readonly amountMicroUsd: number
  readonly venueTsMs: number
}

/** `up` comes after a full reconciliation; between `down` and `up` nothing is quoted. */
export interface ConnectionInput {
  readonly kind: 'connection'
  readonly up: boolean
  readonly text: string
}

/** Requests of this address that the venue has counted and still allows. */
export interface BudgetInput {
  readonly kind: 'budget'
  readonly usedCount: number
  readonly capCount: number
  /** Request weight of our address of origin within the last minute, and what the venue takes; absent: it has no such limit. */
  readonly weightUsed?: number
  readonly weightMax?: number
}

/** How long the event loop stood still at most within the last sample, ms. Told as an input, so that a replay knows it, too. */
export interface LoadInput {
  readonly kind: 'load'
  readonly loopLagMs: number
}

/** Time passes. Sent by the runtime at a fixed period. */
export interface TimerInput {
  readonly kind: 'timer'
}

/** `adopt`: the cause under which a position that no earlier run explains is taken in; the position comes with the account. */
export type OperatorAction = 'pause' | 'resume' | 'stop' | 'kill' | 'resetKill' | 'adopt'

export interface OperatorInput {
  readonly kind: 'operator'
  readonly action: OperatorAction
  readonly reason: string
}

/** An input before the loop stamps it. */
export type RawInput =
  | SessionStarted
  | BookInput
  | TouchInput
  | TradeInput
  | ContextInput
  | ReferenceInput
  | OrderResting
  | OrderFilledNow
  | OrderRefused
  | CancelDone
  | CancelRefused
  | SendUncertain
  | OrderStatusInput
  | OrderUpdate
  | FillInput
  | AccountInput
  | FundingPaid
  | ConnectionInput
  | BudgetInput
  | LoadInput
  | TimerInput
  | OperatorInput

export type Input = RawInput & Stamp

/**
 * Stamps an input in place, which costs a tenth of a copy: for who made it and hands it on once.
 * @returns the same object
 */
export function stampInput(raw: RawInput, seq: number, tsMs: number): Input {
  const input = raw as RawInput & { -readonly [Key in keyof Stamp]: Stamp[Key] }
  input.seq = seq
  input.tsMs = tsMs
  return input
}

export type InputKind = RawInput['kind']
