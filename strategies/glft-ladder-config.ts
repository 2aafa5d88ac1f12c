/**
 * What the GLFT ladder can be told. The first group are the given keys of the configuration files; the second has
 * defaults here that few users change. Compose fills it: `{ ...glftLadderDefaults, …from the files, targetLots }`.
 */
import { assert, isWhole } from '../src/core/assert.ts'

export interface GlftLadderConfig {
  /** g = γ × clip / κ, dimensionless: aversion to inventory. */
  readonly gammaBase: number
  /** Bps between our best bid and ask: the FULL spread, so half of it binds each side when flat. */
  readonly minSpreadFloorBps: number
  /** Used where the venue does not tell its fee; negative is a rebate. */
  readonly makerFeeRateBps: number
  readonly levels: number
  /** Expected cost of a fill that a level's value must earn. Weighs sizes; never a second fee in the price. */
  readonly feesBps: number
  /** Size to show on each side, lots, all levels together. One clip is this over `levels`. */
  readonly targetLots: number
  readonly quoteUpdateLatencyMs: number
  readonly tickFloor: boolean
  readonly latencyFloor: boolean
  readonly spacing: 'geometric' | 'linear'
  /** No level nearer to the fair price, nor farther. */
  readonly minDepthBps: number
  readonly maxDepthBps: number
  /** Innermost depth at most this multiple of the market's half spread, but never below a floor; 0: off. */
  readonly marketSpreadCapMultiple: number
  /** Weight of one-sided flow in the momentum term, 0: none. */
  readonly flowSensitivity: number
  readonly toxicHours: readonly number[]
  /** Factor on the risk aversion in a toxic hour, ≥ 1. */
  readonly toxicHoursMultiplier: number
  readonly tightQuoting: boolean
  readonly tightQuotingMaxInventory: number
  readonly tightQuotingMaxToxicity: number
  readonly tightQuotingExcludedHours: readonly number[]
  readonly tightQuotingMinDepthUsd: number

  /** How the price of inventory is computed: straight line, or exactly for the position limit. */
  readonly solution: 'closed' | 'spectral'
  /** Aversion to the uncertainty of execution, dimensionless like `gammaBase`; it alone shapes h0. */
  readonly executionRiskAversion: number
  /** Skew wanted at full inventory, bps; above 0 it replaces `gammaBase`, which is solved from it. */
  readonly skewBpsAtMax: number
  /** All factors on the risk aversion together at most this. */
  readonly riskAversionGrowthMax: number
  /** Sigma above which volatility raises the risk aversion, per √second. */
  readonly sigmaReferencePerSqrtSec: number
  /** Share of the configured minimum spread that remains while tight quoting is on, 0…1. */
  readonly tightQuotingFloorShare: number
  /** Tight quoting comes on only after its conditions held this long, ms. */
  readonly tightQuotingDwellMs: number
  /** Outermost over innermost depth, within `maxDepthBps`. */
  readonly ladderSpanMultiple: number
  readonly allocation: Allocation
  /** A full sweep of one side moves the position by at most this share of its limit, 0…1. */
  readonly sweepMaxShare: number
  /** A side shows at most this multiple of what rests near the mid on the thinner side; 0: no such limit. */
  readonly depthMultipleMax: number
  /** No level holds more than this share of its side, 0…1. */
  readonly levelMaxShare: number
  /** How long a fill is held, s: weighs the risk of size. */
  readonly holdingSec: number
  /** Weight of runs of the price in the momentum term, and how long a run is expected to go on, s. */
  readonly momentumSensitivity: number
  readonly momentumHoldSec: number
  /** z-score from which a move counts as a run. */
  readonly momentumZMin: number
  /** Toxicity at which flow is still ordinary (coin-flip sides stay below it 95 times of 100), and what full toxicity adds, bps. */
  readonly toxicityNeutral: number
  readonly toxicityWidenBps: number
  /** What a burst of own fills adds on its side, bps. */
  readonly burstWidenBps: number
  /** z-score and share of one-sided trading from which, both together, a price is a knife, and what it adds on the side run over, bps. */
  readonly knifeZ: number
  readonly knifeFlowShare: number
  readonly knifeWidenBps: number
  /** Percentile of the market's spread from which on it raises the risk aversion, 0…0.99. */
  readonly wideSpreadPercentile: number
  /** A hole in the book that counts as no depth at all, bps; from half of it on it counts. */
  readonly holeFullBps: number
  /** How long a position is held when funding is weighed, s: the payments met in that time lean the quotes. */
  readonly fundingHorizonSec: number
  /** Share of the size shown while every estimate is a prior, 0…1. */
  readonly warmupSizeShare: number
  /** No single term of the price is larger than this either way, bps; fee and floors excepted. */
  readonly termMaxBps: number
}

export type Allocation = 'constrained' | 'proportional' | 'entropy' | 'kelly'

export const LEVELS_MAX = 20

export const glftLadderDefaults: Omit<GlftLadderConfig, 'targetLots'> = {
  gammaBase: 0.3,
  minSpreadFloorBps: 8,
  makerFeeRateBps: 1.5,
  levels: 5,
  feesBps: 3.5,
  quoteUpdateLatencyMs: 50,
  tickFloor: true,
  latencyFloor: true,
  spacing: 'geometric',
  minDepthBps: 2,
  maxDepthBps: 200,
  marketSpreadCapMultiple: 0,
  flowSensitivity: 0.5,
  toxicHours: [7, 14],
  toxicHoursMultiplier: 2,
  tightQuoting: true,
  tightQuotingMaxInventory: 0.3,
  tightQuotingMaxToxicity: 0.1,
  tightQuotingExcludedHours: [7, 14],
  tightQuotingMinDepthUsd: 50_000,
  solution: 'closed',
  executionRiskAversion: 0.3,
  skewBpsAtMax: 0,
  riskAversionGrowthMax: 8,
  sigmaReferencePerSqrtSec: 2e-4,
  tightQuotingFloorShare: 0.5,
  tightQuotingDwellMs: 5_000,
  ladderSpanMultiple: 5,
  allocation: 'constrained',
  sweepMaxShare: 0.5,
  depthMultipleMax: 0,
  levelMaxShare: 0.5,
  holdingSec: 60,
  momentumSensitivity: 0.5,
  momentumHoldSec: 10,
  momentumZMin: 2,
  toxicityNeutral: 0.25,
  toxicityWidenBps: 5,
  burstWidenBps: 10,
  knifeZ: 3,
  knifeFlowShare: 0.65,
  knifeWidenBps: 10,
  wideSpreadPercentile: 0.9,
  holeFullBps: 5,
  fundingHorizonSec: 3_600,
  warmupSizeShare: 0.5,
  termMaxBps: 50,
}

/** @throws InvariantError naming the field, its value and what it must be */
export function assertGlftLadderConfig(config: GlftLadderConfig): void {
  const demand = (isSound: boolean, field: keyof GlftLadderConfig, must: string): void =>
    assert(isSound, `glft-ladder: ${field} ${must}; got ${String(config[field])}`)
  for (const field of POSITIVE)
    demand(config[field] > 0 && Number.isFinite(config[field]), field, 'is positive')
  for (const field of NOT_NEGATIVE) {
    demand(config[field] >= 0 && Number.isFinite(config[field]), field, 'is not negative')
  }
  for (const field of SHARES) demand(config[field] >= 0 && config[field] <= 1, field, 'is a share 0…1')
  demand(Number.isFinite(config.makerFeeRateBps), 'makerFeeRateBps', 'is a finite number of bps')
  demand(isWhole(config.levels) && config.levels <= LEVELS_MAX, 'levels', `is a whole number 1…${LEVELS_MAX}`)
  demand(isWhole(config.targetLots), 'targetLots', 'is a whole number of lots')
  demand(config.maxDepthBps >= config.minDepthBps, 'maxDepthBps', 'is at least minDepthBps')
  demand(config.toxicHoursMultiplier >= 1, 'toxicHoursMultiplier', 'is at least 1')
  demand(config.riskAversionGrowthMax >= 1, 'riskAversionGrowthMax', 'is at least 1')
  demand(config.ladderSpanMultiple >= 1, 'ladderSpanMultiple', 'is at least 1')
  demand(config.toxicityNeutral < 1, 'toxicityNeutral', 'is below 1')
  demand(config.knifeFlowShare >= 0.5, 'knifeFlowShare', 'is at least a half')
  demand(config.wideSpreadPercentile < 1, 'wideSpreadPercentile', 'is below 1')
  for (const field of ['toxicHours', 'tightQuotingExcludedHours'] as const) {
    demand(
      config[field].every((hour) => isWhole(hour) && hour >= 0 && hour <= 23),
      field,
      'names hours 0…23 UTC',
    )
  }
}

const POSITIVE = [
  'gammaBase',
  'levels',
  'targetLots',
  'maxDepthBps',
  'sigmaReferencePerSqrtSec',
  'sweepMaxShare',
  'levelMaxShare',
  'holdingSec',
  'momentumHoldSec',
  'holeFullBps',
  'knifeZ',
  'termMaxBps',
] as const

const NOT_NEGATIVE = [
  'minSpreadFloorBps',
  'feesBps',
  'quoteUpdateLatencyMs',
  'minDepthBps',
  'marketSpreadCapMultiple',
  'flowSensitivity',
  'executionRiskAversion',
  'skewBpsAtMax',
  'tightQuotingMinDepthUsd',
  'tightQuotingDwellMs',
  'momentumSensitivity',
  'momentumZMin',
  'toxicityWidenBps',
  'burstWidenBps',
  'knifeWidenBps',
  'fundingHorizonSec',
  'depthMultipleMax',
] as const

const SHARES = [
  'tightQuotingMaxInventory',
  'tightQuotingMaxToxicity',
  'tightQuotingFloorShare',
  'sweepMaxShare',
  'levelMaxShare',
  'toxicityNeutral',
  'wideSpreadPercentile',
  'knifeFlowShare',
  'warmupSizeShare',
] as const
