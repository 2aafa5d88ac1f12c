/** Events: what the exchange says happened, in order. Everything the wire, the agents and the metrics show comes from these. */
import type { Side } from '../core/units.ts'
import type { Address, OrderTif, Place, TransferVia, TriggerSpec } from './command.ts'

/** The venue's words for an order's state; `status` on the wire. */
export type OrderStatusWord =
  | 'open'
  | 'filled'
  | 'canceled'
  | 'triggered'
  | 'rejected'
  | 'marginCanceled'
  | 'openInterestCapCanceled'
  | 'selfTradeCanceled'
  | 'reduceOnlyCanceled'
  | 'siblingFilledCanceled'
  | 'delistedCanceled'
  | 'liquidatedCanceled'
  | 'scheduledCancel'
  | 'tickRejected'
  | 'minTradeNtlRejected'
  | 'perpMarginRejected'
  | 'reduceOnlyRejected'
  | 'badAloPxRejected'
  | 'iocCancelRejected'
  | 'badTriggerPxRejected'
  | 'marketOrderNoLiquidityRejected'
  | 'positionIncreaseAtOpenInterestCapRejected'
  | 'positionFlipAtOpenInterestCapRejected'
  | 'tooAggressiveAtOpenInterestCapRejected'
  | 'openInterestIncreaseRejected'
  | 'oracleRejected'
  | 'perpMaxPositionRejected'
  | 'tooManyOpenOrdersRejected'

/** An order as the venue shows it. */
export interface OrderView {
  readonly oid: number
  readonly account: Address
  readonly assetId: number
  readonly side: Side
  readonly priceTicks: number
  /** As asked for. */
  readonly originalLots: number
  /** Still to fill. */
  readonly remainingLots: number
  readonly reduceOnly: boolean
  readonly tif: OrderTif
  readonly trigger: TriggerSpec | null
  readonly cloid: string | null
  readonly placedTsMs: number
}

export interface FillEvent {
  readonly kind: 'fill'
  readonly tsMs: number
  /** The same for both sides of one trade. */
  readonly tid: number
  readonly assetId: number
  readonly account: Address
  readonly oid: number
  readonly cloid: string | null
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  readonly startPositionLots: number
  readonly closedPnlMicroUsd: number
  /** Cost positive, rebate negative; the builder's fee included. */
  readonly feeMicroUsd: number
  /** ≥ 0; 0 without a builder. */
  readonly builderFeeMicroUsd: number
  /** Of the TWAP order whose slice this is; null: of none. */
  readonly twapId: number | null
  /** True for the taker's side. */
  readonly crossed: boolean
  readonly liquidation: {
    /** Whose position was liquidated, and whether it shared the account's margin. */
    readonly account: Address
    readonly isCross: boolean
    readonly markTicks: number
    readonly method: LiquidationEvent['method']
  } | null
}

export interface TradeEvent {
  readonly kind: 'trade'
  readonly tsMs: number
  readonly tid: number
  readonly assetId: number
  readonly aggressor: Side
  readonly priceTicks: number
  readonly sizeLots: number
  readonly buyer: Address
  readonly seller: Address
}

export interface OrderEvent {
  readonly kind: 'order'
  readonly tsMs: number
  readonly status: OrderStatusWord
  readonly order: OrderView
}

export interface FundingEvent {
  readonly kind: 'funding'
  readonly tsMs: number
  readonly account: Address
  readonly assetId: number
  readonly positionLots: number
  /** Fraction per hour; positive: longs pay. */
  readonly rate: number
  /** Negative: the account paid. */
  readonly amountMicroUsd: number
}

export interface LedgerEvent {
  readonly kind: 'ledger'
  readonly tsMs: number
  readonly account: Address
  readonly dexIndex: Place
  readonly tokenIndex: number
  readonly amountMicroUsd: number
  /** A fee is paid to the venue apart from trading; rewards come from builder fees. */
  readonly cause: 'deposit' | 'withdraw' | 'transfer' | 'fee' | 'reward'
  /** Of transfers: the request; null for the others. */
  readonly via: TransferVia | null
}

export interface TwapView {
  readonly twapId: number
  readonly account: Address
  readonly assetId: number
  readonly side: Side
  readonly sizeLots: number
  readonly executedLots: number
  readonly executedMicroUsd: number
  readonly minutes: number
  readonly reduceOnly: boolean
  readonly randomize: boolean
  readonly startTsMs: number
}

export interface TwapEvent {
  readonly kind: 'twap'
  readonly tsMs: number
  readonly account: Address
  readonly twap: TwapView
  readonly status: 'activated' | 'finished' | 'terminated' | 'error'
  /** What went wrong; null but for errors. */
  readonly description: string | null
}

export interface LiquidationEvent {
  readonly kind: 'liquidation'
  readonly tsMs: number
  readonly account: Address
  readonly dexIndex: number
  readonly positions: readonly { readonly assetId: number; readonly sizeLots: number }[]
  readonly accountValueMicroUsd: number
  readonly notionalMicroUsd: number
  readonly method: 'market' | 'backstop' | 'adl'
}

export type ExchangeEvent =
  FillEvent | TradeEvent | OrderEvent | FundingEvent | LedgerEvent | LiquidationEvent | TwapEvent
