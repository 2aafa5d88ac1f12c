/**
 * What estimators and strategies implement. The core knows these shapes and not who fills them; `compose.ts` hands
 * the real ones in.
 */
import type { L2Book } from './book/l2-book.ts'
import type { MarketSpec } from './market.ts'
import type { Side } from './units.ts'

/**
 * Why a number may be used or not. `measured`: from data of this run; `prior`: configured, until there is data;
 * the rest mean there is no number, and `value` must not be read.
 */
export type ReadingStatus = 'measured' | 'prior' | 'warming' | 'noData' | 'notIdentifiable' | 'stale'

/** One estimated number. Missing is a status, never a zero; NaN never travels. Preallocated, so mutable. */
export interface Reading {
  value: number
  status: ReadingStatus
  /** When the data behind it last changed. */
  tsMs: number
  /** 0 (nothing known) … 1. */
  confidence: number
}

export function initReading(): Reading {
  return { value: 0, status: 'noData', tsMs: 0, confidence: 0 }
}

export function isUsable(reading: Reading): boolean {
  return reading.status === 'measured' || reading.status === 'prior'
}

/** One streaming estimator: state is plain JSON-safe data, updates are O(1), reading changes nothing. */
export interface Estimator<Config, State, Sample, Value> {
  readonly name: string
  init(config: Config): State
  update(state: State, sample: Sample): void
  read(state: State): Value
}

/** Horizons of the momentum readings, milliseconds. */
export const MOMENTUM_HORIZONS_MS = [500, 5_000, 30_000, 300_000] as const

/** How the volatility of now stands to that of the long run; decided with hysteresis. */
export type VolatilityRegime = 'calm' | 'normal' | 'volatile' | 'extreme'

/** Everything estimated at one instant. Units stand in the names; "fraction" is of the price. */
export interface Estimates {
  tsMs: number
  /** Touch of the book, whole ticks; 0 when that side is empty. */
  bestBidTicks: number
  bestAskTicks: number
  /** Middle of the touch, real number of ticks. */
  midTicks: Reading
  /**
   * Fair price, real number of ticks: the microprice, which is never outside the touch, moved by `referenceMoveBps`, which may
   * take it there.
   */
  fairTicks: Reading
  /** What the learnt micro-price expects of the mid before depth gate and touch bound it, bps; `noData` when it is not in use. */
  micropriceLeanBps: Reading
  /** Our mid over that of the reference market, usual value, bps; `noData` without such a market, as the next two. */
  referenceBasisBps: Reading
  /** Share of a gap to the reference that our mid makes up within the horizon, 0…1. */
  referenceLead: Reading
  /** What the reference moves the fair price by, bps; not moved while it is not usable. */
  referenceMoveBps: Reading
  /** Standard deviation of the log price per √second, jumps left out. */
  sigmaPerSqrtSec: Reading
  /** The same over a short and a long memory: regime, momentum. */
  sigmaFastPerSqrtSec: Reading
  sigmaSlowPerSqrtSec: Reading
  regime: VolatilityRegime
  /** Standard normal without jumps: how surely the recent window had one. */
  jumpZ: Reading
  /** Realised over jump-robust variance, ≥ 0; near 1 without jumps. */
  jumpRatio: Reading
  /** Decay of the fill intensity with distance from the mid, per unit fraction. Sellers hit our bid: `kappaBid`. */
  kappaBid: Reading
  kappaAsk: Reading
  /** Fill intensity at zero distance, per second. */
  fillRateBidPerSec: Reading
  fillRateAskPerSec: Reading
  /** Signed z-scores of the move over each horizon of `MOMENTUM_HORIZONS_MS`. */
  momentumZ: readonly Reading[]
  /** (buy − sell)/(buy + sell) aggressor volume, −1…1. */
  flowImbalance: Reading
  /** Order flow imbalance at the touch over its total, −1…1: quotes added and taken, not only trades. */
  orderFlowImbalance: Reading
  /** 0…1: share of one-sided volume (VPIN). */
  toxicity: Reading
  /** Intensity of our own fills on a side over its long-run rate, ≥ 0: near 1 is ordinary, several is a sweep. */
  fillBurstBid: Reading
  fillBurstAsk: Reading
  /** Trade intensity now over its long-run rate (self-exciting), ≥ 0. */
  tradeIntensityRatio: Reading
  /** (bid − ask)/(bid + ask) size at the touch, −1…1. */
  bookImbalance: Reading
  /** Resting value within 5 bps of the mid, smaller side, dollars. */
  depthUsd: Reading
  /** Expected move against us after a fill, bps of the price, cost positive. */
  adverseSelectionBidBps: Reading
  adverseSelectionAskBps: Reading
  /** Fraction of notional per hour, as predicted for the next payment; positive: longs pay. */
  fundingPerHour: Reading
  /** Time to the next funding payment, s: at every full hour. Known with the rate. */
  fundingDueSec: Reading
}

/** A record with every reading at 'noData', for `EstimatePipeline.read` to write into. */
export function initEstimates(): Estimates {
  return {
    tsMs: 0,
    bestBidTicks: 0,
    bestAskTicks: 0,
    midTicks: initReading(),
    fairTicks: initReading(),
    micropriceLeanBps: initReading(),
    referenceBasisBps: initReading(),
    referenceLead: initReading(),
    referenceMoveBps: initReading(),
    sigmaPerSqrtSec: initReading(),
    sigmaFastPerSqrtSec: initReading(),
    sigmaSlowPerSqrtSec: initReading(),
    regime: 'normal',
    jumpZ: initReading(),
    jumpRatio: initReading(),
    kappaBid: initReading(),
    kappaAsk: initReading(),
    fillRateBidPerSec: initReading(),
    fillRateAskPerSec: initReading(),
    momentumZ: MOMENTUM_HORIZONS_MS.map(() => initReading()),
    flowImbalance: initReading(),
    orderFlowImbalance: initReading(),
    toxicity: initReading(),
    fillBurstBid: initReading(),
    fillBurstAsk: initReading(),
    tradeIntensityRatio: initReading(),
    bookImbalance: initReading(),
    depthUsd: initReading(),
    adverseSelectionBidBps: initReading(),
    adverseSelectionAskBps: initReading(),
    fundingPerHour: initReading(),
    fundingDueSec: initReading(),
  }
}

/** What the pipeline is told, in order. */
export type MarketEvent =
  | { readonly kind: 'book'; readonly tsMs: number; readonly book: L2Book }
  | {
      readonly kind: 'trade'
      readonly tsMs: number
      readonly aggressor: Side
      readonly priceTicks: number
      readonly sizeLots: number
    }
  | {
      readonly kind: 'ownFill'
      readonly tsMs: number
      readonly side: Side
      readonly priceTicks: number
      readonly sizeLots: number
      /** Mid when the order was placed; null when we do not know the order. */
      readonly midAtPlacementTicks: number | null
    }
  | { readonly kind: 'context'; readonly tsMs: number; readonly fundingPerHour: number }
  | { readonly kind: 'reference'; readonly tsMs: number; readonly midTicks: number }
  | { readonly kind: 'timer'; readonly tsMs: number }

/** The estimators in their order, as one. */
export interface EstimatePipeline<State> {
  init(market: MarketSpec): State
  absorb(state: State, event: MarketEvent): void
  /** Writes into `out`, allocating nothing. */
  read(state: State, tsMs: number, out: Estimates): void
}

/**
 * The named terms of a quote's distance from the fair price, in the order of the waterfall. Positive moves the quote
 * away from the market. They add up exactly to the price.
 */
export const WATERFALL_TERMS = [
  'liquidity',
  'volatility',
  'inventory',
  'adverseSelection',
  'toxicity',
  'momentum',
  'fee',
  'funding',
  'hour',
  'risk',
  'floor',
  'depth',
  'cap',
  'touch',
  'rounding',
] as const

export type WaterfallTerm = (typeof WATERFALL_TERMS)[number]

/** Terms are whole millionths of a tick, so that their sum is exact. */
export const MICRO_TICKS_PER_TICK = 1_000_000

/** One quote we would like to have. Preallocated, so mutable. */
export interface DesiredLevel {
  priceTicks: number
  sizeLots: number
  reduceOnly: boolean
  /** One entry per `WATERFALL_TERMS`, whole micro-ticks. */
  termsMicroTicks: Float64Array
}

/** The wished-for quotes of both sides, best first; only the first `…Count` entries are valid. */
export interface DesiredLadder {
  /** The fair price the terms start from, whole micro-ticks. */
  fairMicroTicks: number
  bids: DesiredLevel[]
  bidCount: number
  asks: DesiredLevel[]
  askCount: number
  /** Why a side has fewer levels than configured; null when it has them all. */
  bidBecause: string | null
  askBecause: string | null
  /** Which floor bound the innermost level: `model`, `tick`, `latency`, `fee`, `minimum`, … */
  bidFloor: string
  askFloor: string
}

/** @param levelCountMax capacity of each side */
export function initLadder(levelCountMax: number): DesiredLadder {
  const side = (): DesiredLevel[] =>
    Array.from({ length: levelCountMax }, () => ({
      priceTicks: 0,
      sizeLots: 0,
      reduceOnly: false,
      termsMicroTicks: new Float64Array(WATERFALL_TERMS.length),
    }))
  return {
    fairMicroTicks: 0,
    bids: side(),
    bidCount: 0,
    asks: side(),
    askCount: 0,
    bidBecause: null,
    askBecause: null,
    bidFloor: 'none',
    askFloor: 'none',
  }
}

/** What a strategy may look at. */
export interface QuoteContext {
  readonly market: MarketSpec
  readonly tsMs: number
  readonly estimates: Estimates
  /** Position as the ledger has it, signed lots. */
  readonly positionLots: number
  readonly maxPositionLots: number
  /** Smallest order the venue takes at the fair price, lots. */
  readonly minSizeLots: number
  /** Extra half spread that the risk stage asks for, bps ≥ 0; enters the waterfall as `risk`. */
  readonly riskWidenBps: number
}

/** A strategy: pure function of context and its own JSON-safe state. */
export interface Strategy<State> {
  readonly name: string
  readonly levelCountMax: number
  init(market: MarketSpec): State
  /** Fills `out`; zero counts with a reason when it cannot quote. */
  quote(state: State, context: QuoteContext, out: DesiredLadder): void
}
