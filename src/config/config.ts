/**
 * The effective configuration as the program reads it: camelCase twins of the keys in the TOML files, frozen.
 * Units stand in the names; where they do not, the description in `schema.ts` has them.
 */
import type { PipelineConfig } from '../../estimators/pipeline-config.ts'
import type { GlftLadderConfig } from '../../strategies/glft-ladder-config.ts'
import type { Network } from '../core/market.ts'

export interface VenueConfig {
  readonly network: Network
  /** Empty: the address of the network. */
  readonly apiUrl: string
  readonly reconnectMinMs: number
  readonly reconnectMaxMs: number
  readonly submitExpiryMs: number
  /** 0: off. */
  readonly deadManSec: number
}

export interface MarketConfig {
  /** Without prefix: `BTC`, whatever the DEX. */
  readonly asset: string
  /** '' is the main DEX. */
  readonly dex: string
  /** As the venue names it: `BTC`, `xyz:GOLD`; '' is none. */
  readonly reference: string
  /** Dollars. */
  readonly initialIsolatedMargin: number
  readonly forceIsolated: boolean
}

/** Distances are of the liquidation price from the mark, percent of the mark. */
export interface MarginConfig {
  /** 0: the default of the margin mode. */
  readonly leverage: number
  readonly topUpDistancePct: number
  readonly targetDistancePct: number
  /** 0: never. */
  readonly releaseDistancePct: number
  readonly freeShare: number
  readonly collateralSource: 'off' | 'spot' | 'main'
  readonly collateralDailyUsd: number
  readonly collateralKeepUsd: number
}

/** What the GLFT ladder takes beside the keys of the other sections; described in `schema.ts`. */
export type GlftConfig = Pick<
  GlftLadderConfig,
  | 'solution'
  | 'executionRiskAversion'
  | 'skewBpsAtMax'
  | 'riskAversionGrowthMax'
  | 'sigmaReferencePerSqrtSec'
  | 'tightQuotingFloorShare'
  | 'tightQuotingDwellMs'
  | 'ladderSpanMultiple'
  | 'allocation'
  | 'sweepMaxShare'
  | 'levelMaxShare'
  | 'depthMultipleMax'
  | 'holdingSec'
  | 'momentumSensitivity'
  | 'momentumHoldSec'
  | 'momentumZMin'
  | 'toxicityNeutral'
  | 'toxicityWidenBps'
  | 'burstWidenBps'
  | 'knifeZ'
  | 'knifeFlowShare'
  | 'knifeWidenBps'
  | 'wideSpreadPercentile'
  | 'holeFullBps'
  | 'fundingHorizonSec'
  | 'warmupSizeShare'
  | 'termMaxBps'
>

export interface RiskConfig {
  /** Dimensionless. */
  readonly gammaBase: number
  readonly minSpreadFloorBps: number
  readonly makerFeeRateBps: number
  /** Base units. */
  readonly maxPosition: number
  /** Dimensionless. */
  readonly flowSensitivity: number
  /** Hours of the day, UTC. */
  readonly toxicHours: readonly number[]
  readonly toxicHoursMultiplier: number
  /** 0: derived from equity. */
  readonly maxDailyLossUsd: number
  readonly maxDrawdownPct: number
  /** A smaller fall of equity is not a drawdown; 0: derived from equity. */
  readonly minDrawdownUsd: number
  readonly maxBookAgeMs: number
  readonly priceCollarBps: number
  /** Share of `maxPosition` that one order may have, 0…1. */
  readonly maxOrderShare: number
  /** While nobody else makes the market. */
  readonly quoteAlone: boolean
  readonly aloneWidenBps: number
  readonly velocityWindowMs: number
  readonly velocityPullBps: number
  /** Share of `maxPosition`, 0…1. */
  readonly lopsidedShare: number
  readonly maxLopsidedSec: number
  /** 0…1. */
  readonly maxRefusalShare: number
  readonly minLiquidationDistancePct: number
  readonly pullHoldMs: number
  readonly pullMaxMs: number
  readonly kill: KillSwitchConfig
  readonly mmp: ProtectionConfig
  readonly sweep: { readonly levels: number; readonly windowMs: number; readonly cooldownMs: number }
  readonly maxClockSkewMs: number
  readonly maxLoopLagMs: number
  readonly burst: { readonly fills: number; readonly windowMs: number; readonly cooldownMs: number }
}

/** What the kill switch does beside cancelling everything. */
export interface KillSwitchConfig {
  readonly policy: 'cancel' | 'flatten'
  readonly slippageBps: number
  readonly flattenSec: number
}

/** Market maker protection; a limit of 0 is off. */
export interface ProtectionConfig {
  readonly window: 'sliding' | 'tumbling'
  readonly windowMs: number
  /** 0: until the operator resumes. */
  readonly freezeMs: number
  /** Multiples of `maxPosition`. */
  readonly maxQuantityShare: number
  readonly maxDeltaShare: number
  readonly maxNotionalUsd: number
}

export interface LadderConfig {
  readonly levels: number
  readonly feesBps: number
  readonly spacing: 'geometric' | 'linear'
  readonly minDepthBps: number
  readonly maxDepthBps: number
  /** Multiple of the market's own spread; 0: off. */
  readonly marketSpreadCapMultiple: number
}

export interface QuotingConfig {
  /** Base units on each side. */
  readonly targetLiquidity: number
  readonly ladder: LadderConfig
}

export interface StochasticConfig {
  readonly quoteUpdateLatencyMs: number
  readonly tickFloor: boolean
  readonly latencyFloor: boolean
  readonly tightQuoting: boolean
  /** Share of the position limit, 0…1. */
  readonly tightQuotingMaxInventory: number
  /** 0…1. */
  readonly tightQuotingMaxToxicity: number
  /** Hours of the day, UTC; a list, not a range. */
  readonly tightQuotingExcludedHours: readonly number[]
  readonly tightQuotingMinDepthUsd: number
}

/** What the estimators take, as it stands in the files: described in `schema.ts`. */
export type EstimatorsConfig = PipelineConfig

export interface ExecutionConfig {
  readonly maxBpsDiff: number
  readonly minOrderAgeMs: number
  readonly requoteIntervalMs: number
  readonly timerMs: number
  readonly maxOrdersPerSec: number
  readonly maxOrdersPerFill: number
  readonly resyncIntervalMs: number
  /** What becomes of orders that an earlier run of ours left. */
  readonly startOrders: 'cancel' | 'adopt'
}

export interface JournalConfig {
  readonly dir: string
  readonly sync: 'every' | 'group' | 'never'
  readonly checkpointEvery: number
}

export interface Config {
  readonly schemaVersion: 1
  readonly venue: VenueConfig
  readonly market: MarketConfig
  readonly margin: MarginConfig
  readonly strategy: {
    readonly name: 'glft-ladder' | 'avellaneda-stoikov' | 'fixed-spread' | 'size-skew'
    readonly glft: GlftConfig
    readonly avellanedaStoikov: { readonly horizonSec: number }
  }
  readonly risk: RiskConfig
  readonly quoting: QuotingConfig
  readonly stochastic: StochasticConfig
  readonly estimators: EstimatorsConfig
  readonly execution: ExecutionConfig
  readonly journal: JournalConfig
  /** Port 0: off. */
  readonly metrics: { readonly port: number; readonly host: string }
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
    readonly format: 'auto' | 'pretty' | 'json'
  }
  /** The embedded exchange. */
  readonly exchange: {
    readonly blockMs: number
    readonly scenario: string
    readonly depositUsd: number
    /** Folder or file of market definitions; empty: the shipped ones. */
    readonly markets: string
  }
}

/** A configuration with its history. */
export interface EffectiveConfig {
  /** Deep-frozen. */
  readonly values: Config
  /** SHA-256 of the values, 64 hexadecimal digits; two runs with one hash had the same configuration. */
  readonly hash: string
  /** Where each value came from, by its key in the files (`risk.gamma_base`). */
  readonly origins: Readonly<Record<string, string>>
  /** What is allowed but looks unintended; whole sentences. */
  readonly warnings: readonly string[]
}
