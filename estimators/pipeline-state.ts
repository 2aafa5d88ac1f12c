/**
 * What the pipeline remembers: the states of the estimators with the touch and the shape of the last book, and how all begin.
 *
 * state   JSON-safe, so snapshot and restore are a JSON round trip
 */
import { MOMENTUM_HORIZONS_MS } from '../src/core/contracts.ts'
import type { MarketSpec } from '../src/core/market.ts'
import type { Grid } from '../src/core/units.ts'
import { initAdverseSelection } from './adverse-selection.ts'
import type { AdverseSelectionState } from './adverse-selection.ts'
import { initFillEdge } from './fill-edge.ts'
import type { FillEdgeState } from './fill-edge.ts'
import { initFillIntensity } from './fill-intensity.ts'
import type { FillIntensityState } from './fill-intensity.ts'
import { initFlow } from './flow-imbalance.ts'
import type { FlowState } from './flow-imbalance.ts'
import { initSampler } from './grid-sampler.ts'
import type { SamplerState } from './grid-sampler.ts'
import { initHawkesFit } from './hawkes-fit.ts'
import type { HawkesFitState } from './hawkes-fit.ts'
import { initHawkes } from './hawkes.ts'
import type { HawkesState } from './hawkes.ts'
import { initMarketOrders } from './market-orders.ts'
import type { MarketOrdersState } from './market-orders.ts'
import { initMicropriceLearning } from './microprice-learning.ts'
import type { MicropriceLearningState } from './microprice-learning.ts'
import { initMomentum } from './momentum.ts'
import type { MomentumState } from './momentum.ts'
import { initOrderFlow } from './order-flow.ts'
import type { OrderFlowState } from './order-flow.ts'
import type { PipelineConfig } from './pipeline-config.ts'
import { initReference } from './reference.ts'
import type { ReferenceConfig, ReferenceState } from './reference.ts'
import { initSpreadPercentile } from './spread-percentile.ts'
import type { SpreadPercentileState } from './spread-percentile.ts'
import { initToxicity } from './toxicity.ts'
import type { ToxicityState } from './toxicity.ts'
import { initVolatility } from './volatility.ts'
import type { VolatilityState } from './volatility.ts'
import { initWaiting } from './waiting-events.ts'
import type { WaitingEvents } from './waiting-events.ts'

/** What the last two-sided book held beside its touch. */
interface ShapeMemory {
  depthUsd: number
  holeBidBps: number
  holeAskBps: number
  /** When the holes were looked for last; 0: never. */
  holesTsMs: number
}

/** The touch as the last book showed it. */
export interface TouchMemory {
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
  /** 0 before the first two-sided book. */
  midTicks: number
  fairTicks: number
  /** When it was last confirmed; 0: never. */
  tsMs: number
  /** False while the book has one side or none. */
  isTwoSided: boolean
}

export interface PipelineState {
  readonly grid: Grid
  readonly waiting: WaitingEvents
  readonly shape: ShapeMemory
  readonly touch: TouchMemory
  readonly spread: SpreadPercentileState
  /** Null while the fair price is the weighted mid. */
  readonly microprice: MicropriceLearningState | null
  readonly sampler: SamplerState
  readonly volatility: VolatilityState
  readonly momentum: MomentumState
  readonly marketOrders: MarketOrdersState
  readonly intensity: FillIntensityState
  readonly flow: FlowState
  readonly orderFlow: OrderFlowState
  readonly toxicity: ToxicityState
  readonly tradeIntensity: HawkesFitState
  readonly burstBid: HawkesState
  readonly burstAsk: HawkesState
  readonly adverseSelection: AdverseSelectionState
  readonly fillEdge: FillEdgeState
  readonly funding: { perHour: number; tsMs: number }
  /** Untouched without a reference market. */
  readonly reference: ReferenceState
}

/** Memory of the long-run rates behind the Hawkes ratios, and the weight of their priors, seconds. */
const RATE_HALF_LIFE_SEC = 900
const RATE_PRIOR_SEC = 60

export function initPipeline(
  config: PipelineConfig,
  hasReference: boolean,
  market: MarketSpec,
): PipelineState {
  const { hawkesBranchingRatio: branchingRatio, hawkesDecayPerSec: decayPerSec } = config
  const ownFills = {
    branchingRatio,
    decayPerSec,
    // We are filled far less often than the market trades: its prior would hide every burst of the first minutes.
    ratePriorPerSec: config.fillBurstRateMinPerSec,
    ratePriorSec: RATE_PRIOR_SEC,
    rateHalfLifeSec: RATE_HALF_LIFE_SEC,
    rateMinPerSec: config.fillBurstRateMinPerSec,
  }
  return {
    grid: market.grid,
    waiting: initWaiting(),
    shape: { depthUsd: 0, holeBidBps: 0, holeAskBps: 0, holesTsMs: 0 },
    touch: {
      bidTicks: 0,
      bidLots: 0,
      askTicks: 0,
      askLots: 0,
      midTicks: 0,
      fairTicks: 0,
      tsMs: 0,
      isTwoSided: false,
    },
    spread: initSpreadPercentile({ halfLifeSec: config.spreadHalfLifeSec, staleMs: config.staleMs }),
    microprice:
      config.microprice === 'chain'
        ? initMicropriceLearning(
            { halfLifeSec: config.micropriceHalfLifeSec, priorSteps: config.micropricePriorSteps },
            market.grid,
          )
        : null,
    sampler: initSampler({ sampleMs: config.volatilitySampleMs, staleMs: config.staleMs }),
    volatility: initVolatility({
      sigmaPriorPerSqrtSec: config.sigmaPriorPerSqrtSec,
      sigmaMinPerSqrtSec: config.sigmaMinPerSqrtSec,
      sampleMs: config.volatilitySampleMs,
      fastHalfLifeSec: config.volatilityFastHalfLifeSec,
      halfLifeSec: config.volatilityHalfLifeSec,
      slowHalfLifeSec: config.volatilitySlowHalfLifeSec,
      warmupPairs: config.volatilityWarmupPairs,
      jumpWindowReturns: config.volatilityJumpWindowReturns,
      regimeEnter: config.volatilityRegimeEnter,
    }),
    momentum: initMomentum(MOMENTUM_HORIZONS_MS),
    marketOrders: initMarketOrders(),
    intensity: initFillIntensity({
      kappaPrior: config.kappaPrior,
      kappaPriorOrders: config.kappaPriorOrders,
      kappaMin: config.kappaMin,
      kappaMax: config.kappaMax,
      fillRatePriorPerSec: config.fillRatePriorPerSec,
      fillRatePriorSec: config.fillRatePriorSec,
      halfLifeSec: config.kappaHalfLifeSec,
      warmupOrders: config.kappaWarmupOrders,
      warmupSec: config.kappaWarmupSec,
      ownFillShareMax: config.kappaOwnFillShareMax,
      silenceSecMax: config.staleMs / 1000,
    }),
    flow: initFlow({ halfLifeSec: config.flowHalfLifeSec, tradesMin: config.flowTradesMin }),
    orderFlow: initOrderFlow({
      halfLifeSec: config.orderFlowHalfLifeSec,
      changesMin: config.orderFlowChangesMin,
    }),
    toxicity: initToxicity({
      bucketCount: config.toxicityBucketCount,
      bucketsMin: config.toxicityBucketsMin,
      bucketSec: config.toxicityBucketSec,
      bucketVolumeMin: config.toxicityBucketUsdMin,
    }),
    tradeIntensity: initHawkesFit({
      branchingRatio,
      decayPerSec,
      priorEvents: config.hawkesPriorEvents,
      ratePriorPerSec: 2 * config.fillRatePriorPerSec,
      ratePriorSec: RATE_PRIOR_SEC,
      halfLifeSec: RATE_HALF_LIFE_SEC,
      rateMinPerSec: config.fillRatePriorPerSec,
    }),
    burstBid: initHawkes(ownFills),
    burstAsk: initHawkes(ownFills),
    adverseSelection: initAdverseSelection({
      priorBps: config.adverseSelectionPriorBps,
      priorFills: config.adverseSelectionPriorFills,
      horizonIndex: config.adverseSelectionHorizonIndex,
      halfLifeFills: config.adverseSelectionHalfLifeFills,
      clampBps: config.adverseSelectionClampBps,
    }),
    fillEdge: initFillEdge(config.adverseSelectionHalfLifeFills),
    funding: { perHour: 0, tsMs: 0 },
    reference: initReference(referenceConfig(config, hasReference)),
  }
}

function referenceConfig(config: PipelineConfig, isExpected: boolean): ReferenceConfig {
  return {
    isExpected,
    halfLifeSec: config.referenceHalfLifeSec,
    leadHalfLifeSec: config.referenceLeadHalfLifeSec,
    horizonMs: config.referenceHorizonMs,
    moveBpsMax: config.referenceMaxBps,
    staleMs: config.referenceStaleMs,
  }
}
