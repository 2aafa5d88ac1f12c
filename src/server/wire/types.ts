/**
 * The shapes of the venue's answers. S of the venue's pages is `string` here: decimals travel as text.
 * Longer than most files: it is one flat list of shapes without logic.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint
 */
import type { OrderStatusWord } from '../../exchange/event.ts'
import type { Hex } from '../../signing/bytes.ts'

export type WireSide = 'B' | 'A'
export type Interval =
  '1m' | '3m' | '5m' | '15m' | '30m' | '1h' | '2h' | '4h' | '8h' | '12h' | '1d' | '3d' | '1w' | '1M'

export interface WireUniverseRow {
  szDecimals: number
  name: string
  maxLeverage: number
  marginTableId: number
  onlyIsolated?: true
  isDelisted?: true
  marginMode?: 'strictIsolated' | 'noCross'
  growthMode?: 'enabled'
  lastGrowthModeChangeTime?: string
}
export interface WireMarginTable {
  description: string
  marginTiers: { lowerBound: string; maxLeverage: number }[]
}
export interface WireMeta {
  universe: WireUniverseRow[]
  marginTables: [id: number, table: WireMarginTable][]
  collateralToken: number
}
export interface WireAssetCtx {
  prevDayPx: string
  dayNtlVlm: string
  dayBaseVlm: string
  markPx: string
  midPx: string | null
  oraclePx: string
  funding: string
  openInterest: string
  premium: string | null
  impactPxs: string[] | null
}
export interface WirePerpDex {
  name: string
  fullName: string
  deployer: Hex
  oracleUpdater: Hex | null
  feeRecipient: Hex | null
  assetToStreamingOiCap: [coin: string, cap: string][]
  subDeployers: [functionName: string, executors: Hex[]][]
  deployerFeeScale: string
  lastDeployerFeeScaleChangeTime: string
  assetToFundingMultiplier: [coin: string, multiplier: string][]
  assetToFundingInterestRate: [coin: string, rate: string][]
}
export interface WireConciseAnnotation {
  category: string
  displayName?: string
  keywords?: string[]
}
export interface WirePerpAnnotation extends WireConciseAnnotation {
  description: string
}
export interface WireSpotMeta {
  universe: { tokens: number[]; name: string; index: number; isCanonical: boolean }[]
  tokens: {
    name: string
    szDecimals: number
    weiDecimals: number
    index: number
    tokenId: Hex
    isCanonical: boolean
    evmContract: null
    fullName: string | null
    deployerTradingFeeShare: string
  }[]
}

export interface WireLevel {
  px: string
  sz: string
  n: number
}
export interface WireBook {
  coin: string
  time: number
  levels: [bids: WireLevel[], asks: WireLevel[]]
  spread?: string
}
export interface WireTrade {
  coin: string
  side: WireSide
  px: string
  sz: string
  time: number
  hash: Hex
  tid: number
  users: [buyer: Hex, seller: Hex]
}
export interface WireCandle {
  t: number
  T: number
  s: string
  i: Interval
  o: string
  c: string
  h: string
  l: string
  v: string
  n: number
}

export interface WireMarginSummary {
  accountValue: string
  totalNtlPos: string
  totalRawUsd: string
  totalMarginUsed: string
}
export type WireLeverage =
  { type: 'cross'; value: number } | { type: 'isolated'; value: number; rawUsd: string }
export interface WirePosition {
  coin: string
  szi: string
  leverage: WireLeverage
  entryPx: string
  positionValue: string
  unrealizedPnl: string
  returnOnEquity: string
  liquidationPx: string | null
  marginUsed: string
  maxLeverage: number
  cumFunding: { allTime: string; sinceOpen: string; sinceChange: string }
}
export interface WireClearinghouseState {
  marginSummary: WireMarginSummary
  crossMarginSummary: WireMarginSummary
  crossMaintenanceMarginUsed: string
  withdrawable: string
  assetPositions: { type: 'oneWay'; position: WirePosition }[]
  time: number
}
export interface WireSpotState {
  balances: { coin: string; token: number; total: string; hold: string; entryNtl: string }[]
}

export interface WireOpenOrder {
  coin: string
  side: WireSide
  limitPx: string
  sz: string
  oid: number
  timestamp: number
  origSz: string
  cloid?: Hex
  reduceOnly?: true
}
export interface WireFrontendOrder {
  coin: string
  side: WireSide
  limitPx: string
  sz: string
  oid: number
  timestamp: number
  origSz: string
  triggerCondition: string
  isTrigger: boolean
  triggerPx: string
  children: WireFrontendOrder[]
  isPositionTpsl: boolean
  reduceOnly: boolean
  orderType: 'Market' | 'Limit' | 'Stop Market' | 'Stop Limit' | 'Take Profit Market' | 'Take Profit Limit'
  tif: 'Gtc' | 'Ioc' | 'Alo' | 'FrontendMarket' | null
  cloid: Hex | null
}
/** The newest word is younger than the SDK's list of them; the SDK passes it on unread. */
export interface WireHistoricalOrder {
  order: WireFrontendOrder
  status: OrderStatusWord
  statusTimestamp: number
}
export interface WireOrderUpdate {
  order: WireOpenOrder
  status: OrderStatusWord
  statusTimestamp: number
}
export type WireOrderStatus = { status: 'order'; order: WireHistoricalOrder } | { status: 'unknownOid' }

export interface WireFill {
  coin: string
  px: string
  sz: string
  side: WireSide
  time: number
  startPosition: string
  dir: string
  closedPnl: string
  hash: Hex
  oid: number
  crossed: boolean
  fee: string
  tid: number
  feeToken: string
  twapId: number | null
  cloid?: Hex
  builderFee?: string
  liquidation?: { liquidatedUser: Hex; markPx: string; method: 'market' | 'backstop' }
}
export interface WireFundingDelta {
  coin: string
  usdc: string
  szi: string
  fundingRate: string
  nSamples: null
}
export interface WireFunding {
  time: number
  hash: Hex
  delta: { type: 'funding' } & WireFundingDelta
}
export interface WireLedgerUpdate {
  time: number
  hash: Hex
  delta:
    | { type: 'accountClassTransfer'; usdc: string; toPerp: boolean }
    | { type: 'deposit'; usdc: string }
    | { type: 'withdraw'; usdc: string; nonce: number; fee: string }
    | { type: 'internalTransfer'; usdc: string; user: Hex; destination: Hex; fee: string }
    | { type: 'rewardsClaim'; amount: string; token: string }
    | { type: 'subAccountTransfer'; usdc: string; user: Hex; destination: Hex }
    | {
        type: 'spotTransfer'
        token: string
        amount: string
        usdcValue: string
        user: Hex
        destination: Hex
        fee: string
        nativeTokenFee: string
        nonce: number
        feeToken: string
      }
    | {
        type: 'send'
        user: Hex
        destination: Hex
        sourceDex: string
        destinationDex: string
        token: string
        amount: string
        usdcValue: string
        fee: string
        nativeTokenFee: string
        nonce: number
        feeToken: string
      }
    | {
        type: 'liquidation'
        liquidatedNtlPos: string
        accountValue: string
        leverageType: 'Cross' | 'Isolated'
        liquidatedPositions: { coin: string; szi: string }[]
      }
}

export type WireOrderAnswer =
  | { resting: { oid: number; cloid?: Hex } }
  | { filled: { totalSz: string; avgPx: string; oid: number; cloid?: Hex } }
  | { error: string }
  | 'waitingForFill'
  | 'waitingForTrigger'
export type WireCancelAnswer = 'success' | { error: string }
export type WireAnswer =
  | { status: 'ok'; response: { type: 'order'; data: { statuses: WireOrderAnswer[] } } }
  | { status: 'ok'; response: { type: 'cancel'; data: { statuses: WireCancelAnswer[] } } }
  | { status: 'ok'; response: { type: 'default' } }
  | {
      status: 'ok'
      response: {
        type: 'twapOrder'
        data: { status: { running: { twapId: number } } | { error: string } }
      }
    }
  | { status: 'ok'; response: { type: 'twapCancel'; data: { status: 'success' | { error: string } } } }
  | { status: 'ok'; response: { type: 'createSubAccount'; data: Hex } }
  | { status: 'err'; response: string }

export interface WireTwapState {
  coin: string
  user: Hex
  side: WireSide
  sz: string
  executedSz: string
  executedNtl: string
  minutes: number
  reduceOnly: boolean
  randomize: boolean
  timestamp: number
}
export interface WireTwapHistory {
  /** Seconds. */
  time: number
  state: WireTwapState
  status: { status: 'finished' | 'activated' | 'terminated' } | { status: 'error'; description: string }
  twapId: number
}
export interface WireTwapSliceFill {
  fill: WireFill
  twapId: number
}

export interface WireActiveAssetData {
  user: Hex
  coin: string
  leverage: WireLeverage
  maxTradeSzs: [buy: string, sell: string]
  availableToTrade: [buy: string, sell: string]
  markPx: string
}
export interface WireUserFees {
  dailyUserVlm: { date: string; userCross: string; userAdd: string; exchange: string }[]
  feeSchedule: {
    cross: string
    add: string
    spotCross: string
    spotAdd: string
    tiers: {
      vip: { ntlCutoff: string; cross: string; add: string; spotCross: string; spotAdd: string }[]
      mm: { makerFractionCutoff: string; add: string }[]
    }
    referralDiscount: string
    stakingDiscountTiers: { bpsOfMaxSupply: string; discount: string }[]
  }
  userCrossRate: string
  userAddRate: string
  userSpotCrossRate: string
  userSpotAddRate: string
  activeReferralDiscount: string
  trial: null
  feeTrialEscrow: string
  nextTrialAvailableTimestamp: null
  stakingLink: null
  activeStakingDiscount: { bpsOfMaxSupply: string; discount: string }
}
export interface WireWebData2 {
  clearinghouseState: WireClearinghouseState
  leadingVaults: never[]
  totalVaultEquity: string
  openOrders: WireFrontendOrder[]
  agentAddress: Hex | null
  agentValidUntil: number | null
  cumLedger: string
  meta: WireMeta
  assetCtxs: WireAssetCtx[]
  serverTime: number
  isVault: boolean
  user: Hex
  twapStates: [twapId: number, state: WireTwapState][]
  spotState: WireSpotState
  spotAssetCtxs: never[]
  perpsAtOpenInterestCap: string[]
}
