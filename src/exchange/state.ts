/**
 * The whole state of the exchange, as plain mutable data. Every function of this folder reads or changes it;
 * only `apply` (exchange.ts) is called from outside.
 *
 *   Exchange ── Dex ── Market ── Book           what is traded
 *      └────── Account ── Purse (per dex) ── Holding (account × market): position, leverage, resting totals
 */
import type { MmpConfig, MmpState } from '../core/risk/mmp.ts'
import type { Address, Annotation, BuilderFee, OrderAnswer, OrderRequest } from './command.ts'
import type { EventCollector } from './collector.ts'
import type { FillEvent, TradeEvent } from './event.ts'
import type { HashLanes } from './hash-lanes.ts'
import type { EndedLog } from './history.ts'
import type { CollateralToken, DexSpec, Instrument, MarginTier, VenueSpec } from './instrument.ts'
import type { Book } from './order-book.ts'
import type { OrderPool } from './order-index.ts'
import type { ShownOrder } from './order-view.ts'
import type { EventSink } from './ports.ts'

export interface ExchangeOptions {
  /** Exchange time at genesis, milliseconds since 1970. */
  readonly startTsMs: number
  /** Traded volume an account needs before `scheduleCancel` works; 0 opens it to all. Default: one million dollars. */
  readonly scheduleCancelVolumeGateMicroUsd?: number
  /** How far a limit may lie from the mark, basis points. Default 8000 (80 %). */
  readonly referenceBandBps?: number
  /** How far beyond the oracle a buy may bid or a sell may ask, basis points; null: no band. Default 5000. */
  readonly oracleBandBps?: number | null
  /** Rebates by share of all maker volume (0.5 %, 1.5 %, 3 %). Off by default: on a small venue everybody has that share. */
  readonly makerRebates?: boolean
  /** Charged from the first transfer to a new address. Default one dollar. */
  readonly activationFeeMicroUsd?: number
  /** Positions above this are liquidated a fifth at a time. Default 100 000 dollars. */
  readonly partialLiquidationMicroUsd?: number
  /** Position-less leverage of an account in a market it never touched, capped by the market. Default 20. */
  readonly defaultLeverage?: number
}

/** An exponentially weighted mean over time: `numerator / denominator`. */
export interface TimeMean {
  numerator: number
  denominator: number
}

/** Money that belongs to the venue itself, per DEX: the counter-accounts of the double-entry ledger. */
export interface DexAccounts {
  /** Fees kept by the venue and by the DEX's deployer. */
  venueFeeMicroUsd: number
  deployerFeeMicroUsd: number
  /** Owed to builders, not claimed yet. */
  builderFeeMicroUsd: number
  /** What rounding of funding left over. */
  fundingResidueMicroUsd: number
  /** Losses nobody could pay: negative. */
  badDebtMicroUsd: number
  /** Net deposits from outside: what all other accounts of the DEX must sum to. */
  outsideMicroUsd: number
}

/** The spot ledger of one collateral token: what accounts hold of it outside the DEXs. */
export interface TokenBooks {
  readonly token: CollateralToken
  venueFeeMicroUsd: number
  /** Net of what came in from DEXs and outside: what all balances and fees must sum to. */
  outsideMicroUsd: number
}

/** What a builder earned. */
export interface BuilderAccount {
  /** By DEX index. */
  readonly owedMicroUsd: number[]
  /** Taken out so far, over all DEXs. */
  claimedMicroUsd: number
}

/** A running TWAP order. */
export interface Twap {
  readonly id: number
  readonly account: Account
  readonly market: Market
  readonly isBuy: boolean
  readonly sizeLots: number
  readonly reduceOnly: boolean
  readonly minutes: number
  readonly randomize: boolean
  readonly startTsMs: number
  executedLots: number
  executedMicroUsd: number
  /** Slices whose time has come, placed or passed over. */
  sliceCount: number
}

export interface Dex {
  /** Replaced as a whole when its deployer changes the fee scale. */
  spec: DexSpec
  readonly markets: Market[]
  readonly books: DexAccounts
  /** Rises with every change of a mark. Derived, not state. */
  markEpoch: number
  /** Whose triggers in the risk index are to be set anew. */
  readonly stalePurses: Purse[]
  /** Null until its deployer changes something. */
  desk: DeployerDesk | null
}

/** What a deployer changed about its DEX since genesis, as far as it does not stand in the spec and the instruments. */
export interface DeployerDesk {
  feeRecipient: Address
  /** Beside the deployer; null: nobody. */
  oracleUpdater: Address | null
  /** Of the last change; 0: none. */
  feeScaleTsMs: number
  /** Who may make which kind of change, in the order in which they were allowed. */
  readonly subDeployers: Map<string, Address[]>
  /** Beside the tables of genesis, by id. */
  readonly marginTables: Map<number, { readonly description: string; readonly tiers: readonly MarginTier[] }>
  /** By asset id: when growth mode was switched last. */
  readonly growthTsMs: Map<number, number>
  /** Of the last `setOracle`; 0: none. */
  oracleTsMs: number
  /** By asset id: when it was in `setOracle` last, and with which marks. */
  readonly prices: Map<number, { readonly tsMs: number; readonly markTicks: readonly number[] }>
  /** By asset id. */
  readonly annotations: Map<number, Annotation>
}

export interface Market {
  /** Place in `exchange.markets`. */
  readonly index: number
  /** Replaced as a whole when its margin table changes or its trading is halted. */
  instrument: Instrument
  readonly dex: Dex
  readonly book: Book
  oracleTicks: number
  markTicks: number
  markTicksLast: number
  /** 0 before the first trade. */
  lastTradeTicks: number
  readonly basisMean: TimeMean
  readonly localMean: TimeMean
  meanTsMs: number
  /** Builder DEXs: what the mark may move from, and since when. */
  anchorTicks: number
  anchorTsMs: number
  premiumSum: number
  premiumCount: number
  /** Of the hour that was paid last, fraction per hour. */
  fundingPerHour: number
  /** Lots of all longs. */
  openInterestLots: number
  /** Those with a position, unordered but the same in every run. */
  readonly holders: Holding[]
  /** Rings of the last 24 hours, by hour modulo 24. */
  readonly hourNotionalMicroUsd: Float64Array
  readonly hourLots: Float64Array
  readonly hourMarkTicks: Float64Array
  hourNumber: number
  readonly triggers: TriggerBook
  /** Heaps of positions by the mark at which they must be judged again: see risk-index.ts. Derived, not state. */
  readonly riskLongs: Holding[]
  readonly riskShorts: Holding[]
}

/** Armed triggers of a market, each list in the order in which it fires. */
export interface TriggerBook {
  /** Fire when the mark rises to them: ascending prices. */
  readonly above: TriggerEntry[]
  /** Fire when the mark falls to them: descending prices. */
  readonly below: TriggerEntry[]
}

export interface TriggerEntry {
  readonly triggerTicks: number
  readonly oid: number
}

/** Daily sums for the fee tier, by UTC day. */
export interface VolumeDays {
  /** Since 1970. Its sums stand apart: fills count here, and an array is three lines of memory further. */
  day: number
  takerTodayMicroUsd: number
  makerTodayMicroUsd: number
  /** The days before it: a ring of 15 days, by day modulo 15. */
  readonly takerMicroUsd: Float64Array
  readonly makerMicroUsd: Float64Array
}

export interface Account {
  readonly index: number
  readonly address: Address
  /** By DEX index; null before the first money or position there. */
  readonly purses: (Purse | null)[]
  /** By market index. */
  readonly holdings: Map<number, Holding>
  /** The spot ledger: micro-units by token index; only tokens it ever held. */
  readonly spot: Map<number, number>
  /** Pays less, because somebody brought it. */
  isReferred: boolean
  /** Open orders by client id. */
  readonly slotByCloid: Map<string, number>
  openOrderCount: number
  /** Since genesis, both roles. */
  tradedMicroUsd: number
  readonly volume: VolumeDays
  /** Rates before the market's scale, of the day in `feeDay`. */
  feeDay: number
  takerPpb: number
  makerPpb: number
  /** The holding used last: most accounts trade one market for long. */
  recent: Holding | null
  scheduledCancelTsMs: number | null
  firingDay: number
  firingCount: number
  /** The backstop of a DEX: never margined, never liquidated. */
  readonly isBackstop: boolean
}

/** An account's money on one DEX. */
export interface Purse {
  readonly account: Account
  readonly dex: Dex
  /** Deposits, realised profit, fees and funding of cross positions; without isolated margin. */
  cashMicroUsd: number
  readonly holdings: Holding[]
  /** After a partial liquidation, until then the next one takes the whole position. */
  liquidationSpellEndTsMs: number
  /** Margin that is free for certain while `dex.markEpoch` stands: see plain-bounds.ts. Derived, not state. */
  creditMicroUsd: number
  creditEpoch: number
  /** Listed in `dex.stalePurses`. */
  isStale: boolean
}

/** One account in one market. */
export interface Holding {
  readonly account: Account
  readonly purse: Purse
  readonly market: Market
  /** Signed. */
  sizeLots: number
  /** What the open size cost at entry, ≥ 0 for longs and shorts alike. */
  costMicroUsd: number
  isCross: boolean
  leverage: number
  /** Margin of an isolated position, funding included; 0 when cross or flat. */
  isolatedMicroUsd: number
  /** Resting plain orders (not reduce-only, not waiting): what may still open. */
  buyLots: number
  buyMicroUsd: number
  sellLots: number
  sellMicroUsd: number
  reduceOnlyCount: number
  positionTriggerCount: number
  orderCount: number
  /** Place in `pool.owners`. */
  readonly ownerIndex: number
  /** Place in `market.holders`, −1 when flat. */
  holderIndex: number
  /** Paid positive. */
  fundingAllTimeMicroUsd: number
  fundingSinceOpenMicroUsd: number
  fundingSinceChangeMicroUsd: number
  /** Trigger, place and side in the risk index; the place is −1 outside it. Derived, not state. */
  riskTicks: number
  riskPlace: number
  riskLong: boolean
  /** Fee rates of the UTC day in `ratesDay`, parts per billion, the market's scale included. Derived, not state. */
  ratesDay: number
  takerPpb: number
  makerPpb: number
  /** Market maker protection; null: none. */
  protection: Protection | null
}

/** Limits of an account in one market, and what they have counted: see mmp.ts. */
export interface Protection {
  readonly config: MmpConfig
  readonly state: MmpState
}

/** The nonces a signer used, ascending, the highest ones only. */
export type NonceWindow = number[]

export interface Exchange {
  readonly spec: VenueSpec
  readonly options: Readonly<Required<ExchangeOptions>>
  readonly dexs: Dex[]
  readonly markets: Market[]
  readonly marketByAssetId: Map<number, Market>
  readonly accounts: Account[]
  readonly accountByAddress: Map<Address, Account>
  readonly pool: OrderPool<Holding>
  /** The last ended orders of each account. */
  readonly ended: EndedLog
  readonly nonces: Map<Address, NonceWindow>
  /** Each collateral once, ascending index. */
  readonly tokens: readonly TokenBooks[]
  /** Of live orders that a builder sent; most have none. */
  readonly builderByOid: Map<number, BuilderFee>
  readonly builders: Map<Address, BuilderAccount>
  /** Running ones, oldest first. */
  readonly twaps: Map<number, Twap>
  twapIdLast: number
  /** While a slice executes: whose; else null. */
  sliceTwapId: number | null
  /** All maker volume, for the rebate shares. */
  readonly venueVolume: VolumeDays
  tsMs: number
  /** UTC days since 1970 at `tsMs`. */
  day: number
  oidLast: number
  tidLast: number
  /** Accounts with a scheduled cancel, in the order they set it. */
  readonly scheduled: Set<Account>
  commandCount: number
  readonly lanes: HashLanes
  /** Hears of every event. */
  sink: EventSink
  /** The sink of `apply`. */
  readonly collector: EventCollector
  /** The records that events and answers are told in; each is filled anew for the next. */
  readonly shown: ShownOrder
  readonly fillRecord: Mutable<FillEvent>
  readonly tradeRecord: Mutable<TradeEvent>
  readonly outcome: Outcome
  readonly requested: Mutable<OrderRequest>
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What became of the order placed last. */
export interface Outcome {
  kind: OrderAnswer['kind']
  oid: number
  cloid: string | null
  totalLots: number
  notionalMicroUsd: number
  /** Why not; empty unless `kind` is an error. */
  text: string
}

export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
