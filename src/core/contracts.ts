/**
 * What estimators and strategies implement. The core knows these shapes and not who fills them; `compose.ts` hands
 * the real ones in.
 */
import type { L2Book } from './book/l2-book.ts'
import type { MarketSpec } from './market.ts'
import type { Side } from './units.ts'

/**
 * Why a number may be used or not. `measured`: from data of this run; `prior`: configured, until there is data;
 * the rest mean there is no number, and `value` must not be read. `off`: under this configuration nobody estimates it.
 */
export type ReadingStatus = 'measured' | 'prior' | 'warming' | 'noData' | 'notIdentifiable' | 'stale' | 'off'

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
  /** Share of trades that earlier ones set off, as fitted; `notIdentifiable` from one on, where the fit is not used. */
  tradeBranchingRatio: Reading
  /** (bid − ask)/(bid + ask) size at the touch, −1…1. */
  bookImbalance: Reading
  /** Resting value within 5 bps of the mid, smaller side, dollars. */
  depthUsd: Reading
  /** Widest stretch without an order on a side that begins near the mid, bps beyond one price step. */
  holeBidBps: Reading
  holeAskBps: Reading
  /** Share of the last while in which the spread of the market was narrower than now, 0…1. */
  spreadPercentile: Reading
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
    tradeBranchingRatio: initReading(),
    bookImbalance: initReading(),
    depthUsd: initReading(),
    holeBidBps: initReading(),
    holeAskBps: initReading(),
    spreadPercentile: initReading(),
    adverseSelectionBidBps: initReading(),
    adverseSelectionAskBps: initReading(),
    fundingPerHour: initReading(),
    fundingDueSec: initReading(),
  }
}

/** Every reading with its name; those of several horizons with their index. For people, never in a tick. */
export function namedReadings(estimates: Estimates): (readonly [name: string, reading: Reading])[] {
  const single = Object.entries(estimates).flatMap(([name, value]) =>
    isReading(value) ? [[name, value] as const] : [],
  )
  const momentum = estimates.momentumZ.map((reading, index) => [`momentumZ[${index}]`, reading] as const)
  return [...single, ...momentum]
}

function isReading(value: unknown): value is Reading {
  return typeof value === 'object' && value !== null && 'status' in value
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
      /** Cost positive, rebate negative. */
      readonly feeMicroUsd: number
      /** Mid when the order was placed; null when we do not know the order. */
      readonly midAtPlacementTicks: number | null
    }
  | { readonly kind: 'context'; readonly tsMs: number; readonly fundingPerHour: number }
  | { readonly kind: 'reference'; readonly tsMs: number; readonly midTicks: number }
  | { readonly kind: 'timer'; readonly tsMs: number }

/** Mean move against us after our fills on one side, bps of the mid, cost positive; memory by fills, not by the clock. */
export interface MarkoutFigure {
  readonly quote: 'bid' | 'ask'
  readonly horizonMs: number
  /** From the mid at the fill, and from the mid when the order was placed; null before the first. */
  readonly sinceFillBps: number | null
  readonly sincePlacementBps: number | null
  /** Standard error of `sinceFillBps`; null below a handful of fills. */
  readonly errorBps: number | null
  /** Fills behind it, faded. */
  readonly fills: number
}

/** What a fill of ours on one side earned on average, bps of the mid: spread less impact less fee. */
export interface EdgeFigure {
  readonly quote: 'bid' | 'ask'
  /** From our price to the mid at the fill, positive when we were on the better side of it. */
  readonly spreadBps: number
  /** The markout at the horizon that quotes pay for; null until the first was due. */
  readonly impactBps: number | null
  readonly feeBps: number
  readonly netBps: number | null
}

/** What the estimators know beside `Estimates`: for people, read when somebody looks and never in a tick. */
export interface PipelineFigures {
  readonly markouts: readonly MarkoutFigure[]
  /** Sides without a fill are left out. */
  readonly edges: readonly EdgeFigure[]
}

/** What a strategy tells of its decisions: for people, read when somebody looks and never in a tick. */
export interface StrategyFigures {
  /** Factors on the risk aversion of the last decision, each ≥ 1. */
  readonly riskFactors: Readonly<Record<string, number>>
  readonly isTight: boolean
  /** Whether a falling or rising price keeps the side away that it would run over. */
  readonly knife: { readonly falling: boolean; readonly rising: boolean }
  /** Whether each condition of tight quoting held at the last decision. */
  readonly tightConditions: Readonly<Record<string, boolean>>
  /** Share of the time in which each floor, or the model above all floors, decided the innermost quote; empty before any. */
  readonly bidFloorShares: Readonly<Record<string, number>>
  readonly askFloorShares: Readonly<Record<string, number>>
}

/** The estimators in their order, as one. */
export interface EstimatePipeline<State> {
  init(market: MarketSpec): State
  absorb(state: State, event: MarketEvent): void
  /** Writes into `out`, allocating nothing. */
  read(state: State, tsMs: number, out: Estimates): void
  figures?(state: State): PipelineFigures
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
  /** Lots by which the account can margin more of this market on either side, ≥ 0; Infinity while that is not known. */
  readonly marginRoomLots: number
  /** Levels that the request budget allows on each side, ≥ 1; Infinity while it is ample. */
  readonly levelCountMax: number
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
  figures?(state: State): StrategyFigures
}
