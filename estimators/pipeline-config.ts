/** What the estimators can be told, with a default for every field. Priors are per asset: a thin coin needs its own. */
import { assert } from '../src/core/assert.ts'

export interface PipelineConfig {
  /** A book that nobody confirmed for this long gives no samples, ms. */
  readonly staleMs: number
  /** Grid of the volatility samples, ms. Half a second or more, else the bounce between ticks is measured. */
  readonly volatilitySampleMs: number
  readonly volatilityFastHalfLifeSec: number
  readonly volatilityHalfLifeSec: number
  readonly volatilitySlowHalfLifeSec: number
  readonly volatilityWarmupPairs: number
  readonly volatilityJumpWindowReturns: number
  /** Fast over slow sigma from which the regime is normal, volatile, extreme. */
  readonly volatilityRegimeEnter: readonly [number, number, number]
  /** Std of the log return per √second until there is data: 1e-4 is 56 % a year. */
  readonly sigmaPriorPerSqrtSec: number
  readonly sigmaMinPerSqrtSec: number
  /** Per unit fraction: 1500 means that depths average 6.7 bps. */
  readonly kappaPrior: number
  readonly kappaPriorOrders: number
  readonly kappaMin: number
  readonly kappaMax: number
  readonly kappaHalfLifeSec: number
  readonly kappaWarmupOrders: number
  readonly kappaWarmupSec: number
  readonly kappaOwnFillShareMax: number
  /** Market orders per second and side until there is data. */
  readonly fillRatePriorPerSec: number
  readonly fillRatePriorSec: number
  /** Where the fair price leans: weighted mid, or the learnt chain of (imbalance, spread) with the weighted mid until it knows. */
  readonly microprice: 'weighted' | 'chain'
  readonly micropriceHalfLifeSec: number
  readonly micropricePriorSteps: number
  readonly micropriceGateUsdLow: number
  readonly micropriceGateUsdHigh: number
  /** Of the reference market: memory of basis and lead, time to make up a gap, largest move of the fair price, least sign of life. */
  readonly referenceHalfLifeSec: number
  readonly referenceLeadHalfLifeSec: number
  readonly referenceHorizonMs: number
  readonly referenceMaxBps: number
  readonly referenceStaleMs: number
  /** How far from the mid resting value counts as depth, and a stretch without any as a hole. */
  readonly depthWithinBps: number
  /** Memory of what spread is usual. */
  readonly spreadHalfLifeSec: number
  readonly flowHalfLifeSec: number
  readonly flowTradesMin: number
  readonly orderFlowHalfLifeSec: number
  readonly orderFlowChangesMin: number
  readonly toxicityBucketSec: number
  readonly toxicityBucketUsdMin: number
  readonly toxicityBucketCount: number
  readonly toxicityBucketsMin: number
  readonly adverseSelectionPriorBps: number
  readonly adverseSelectionPriorFills: number
  /** Entry of the markout horizons 0.5, 2, 10, 60 s. */
  readonly adverseSelectionHorizonIndex: number
  readonly adverseSelectionHalfLifeFills: number
  readonly adverseSelectionClampBps: number
  /**
   * Self-excitation of trades and of own fills: share of children, and decay, 1/s. Of trades they are learnt, and these are
   * worth so many trades; own fills are too few, and a burst of them must never become what is usual.
   */
  readonly hawkesBranchingRatio: number
  readonly hawkesDecayPerSec: number
  readonly hawkesPriorEvents: number
  /** Own fills per second and side that are never a burst. */
  readonly fillBurstRateMinPerSec: number
}

export const pipelineDefaults: PipelineConfig = {
  staleMs: 5_000,
  volatilitySampleMs: 1_000,
  volatilityFastHalfLifeSec: 15,
  volatilityHalfLifeSec: 60,
  volatilitySlowHalfLifeSec: 600,
  volatilityWarmupPairs: 20,
  volatilityJumpWindowReturns: 120,
  volatilityRegimeEnter: [0.9, 1.6, 2.8],
  sigmaPriorPerSqrtSec: 1e-4,
  sigmaMinPerSqrtSec: 1e-6,
  kappaPrior: 1_500,
  kappaPriorOrders: 10,
  kappaMin: 50,
  kappaMax: 10_000,
  kappaHalfLifeSec: 600,
  kappaWarmupOrders: 10,
  kappaWarmupSec: 300,
  kappaOwnFillShareMax: 0.3,
  fillRatePriorPerSec: 0.2,
  fillRatePriorSec: 30,
  microprice: 'weighted',
  micropriceHalfLifeSec: 1_800,
  micropricePriorSteps: 50,
  micropriceGateUsdLow: 1_000,
  micropriceGateUsdHigh: 5_000,
  referenceHalfLifeSec: 60,
  referenceLeadHalfLifeSec: 600,
  referenceHorizonMs: 2_000,
  referenceMaxBps: 5,
  referenceStaleMs: 5_000,
  depthWithinBps: 5,
  spreadHalfLifeSec: 600,
  flowHalfLifeSec: 10,
  flowTradesMin: 3,
  orderFlowHalfLifeSec: 5,
  orderFlowChangesMin: 5,
  toxicityBucketSec: 10,
  toxicityBucketUsdMin: 1_000,
  toxicityBucketCount: 20,
  toxicityBucketsMin: 5,
  adverseSelectionPriorBps: 0.5,
  adverseSelectionPriorFills: 10,
  adverseSelectionHorizonIndex: 2,
  adverseSelectionHalfLifeFills: 50,
  adverseSelectionClampBps: 50,
  hawkesBranchingRatio: 0.5,
  hawkesDecayPerSec: 0.5,
  hawkesPriorEvents: 50,
  fillBurstRateMinPerSec: 0.2,
}

/** @throws InvariantError naming the field when a value has no meaning */
export function assertPipelineConfig(config: PipelineConfig): void {
  for (const [name, value] of Object.entries(config)) {
    if (name === 'microprice') continue
    const numbers: readonly unknown[] = Array.isArray(value) ? value : [value]
    for (const number of numbers) {
      const isSound = typeof number === 'number' && Number.isFinite(number) && number >= 0
      assert(isSound, `estimators: ${name} is a finite number, not negative; got ${String(number)}`)
    }
  }
}
