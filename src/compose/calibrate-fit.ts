/**
 * From market data to numbers with intervals. Every figure is a ratio of sums over time blocks, and its 95 % interval the
 * jackknife over them: markets come in bursts, and formulas for independent samples would be too sure of themselves.
 *
 *   sigma   √(Σ squared log-returns of the mid / Σ seconds)
 *   kappa   orders / Σ depth: P(an order reaches δ) = e^(−kappa·δ)
 *   A       orders of a side per second
 *   cost    mean move of the mid against whoever was hit, after the horizon
 *
 * source  docs/math/fill-intensity.md, docs/calibrate.md
 */
import { initToxicity, observeTrade, readToxicity } from '../../estimators/toxicity.ts'
import { ratioInterval } from '../backtest/statistics.ts'
import type { Interval, RatioSample } from '../backtest/statistics.ts'
import type { EstimatorsConfig } from '../config/config.ts'
import { initReading } from '../core/contracts.ts'
import { SimulationError } from '../simulation/errors.ts'
import type { MarketData, SeenOrder } from './calibrate-data.ts'

/** A number with what is known about it. */
export interface Estimate {
  readonly value: number
  /** 95 %; null: too little to say. */
  readonly low: number | null
  readonly high: number | null
}

export interface SigmaAt {
  readonly sampleMs: number
  readonly sigma: Estimate
}

export interface DepthRate {
  readonly depthBps: number
  /** Orders per second and side that reached at least so deep; and what the fit says. */
  readonly perSec: number
  readonly fittedPerSec: number
}

export interface MoveAt {
  readonly horizonMs: number
  readonly bps: Estimate
}

export interface Calibration {
  readonly seconds: number
  readonly orderCount: number
  /** Traded inside of a mid that was old: they have no depth and are left out. */
  readonly staleOrderCount: number
  /** By how often the mid is sampled. */
  readonly sigmas: readonly SigmaAt[]
  readonly sigma: Estimate
  readonly kappa: Estimate
  readonly fillsPerSec: Estimate
  readonly depths: readonly DepthRate[]
  /** Largest distance between the depths' distribution and the fitted one, and what chance alone would show (5 %). */
  readonly depthKs: number
  readonly depthKsByChance: number
  readonly moves: readonly MoveAt[]
  readonly adverseBps: Estimate
  /** Median reading of the maker's own estimator; null: it was never warm. */
  readonly toxicity: Estimate | null
  readonly makerFeeBps: Estimate | null
  readonly latencyMs: Estimate | null
}

/** One key with its fitted value, as text. */
export interface FittedKey {
  readonly key: string
  readonly value: string
  readonly low: string
  readonly high: string
  readonly now: string
  /** Why it is not in the fragment; null: it is. */
  readonly leftOut: string | null
}

const BLOCKS = 20
const SECONDS_MIN = 30
const ORDERS_MIN = 30
const SAMPLES_MS = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000]
const HORIZONS_MS = [500, 2_000, 10_000, 60_000] as const
/** Depths below this are rounding of the grid; the streaming estimator has the same floor. */
const DEPTH_FRACTION_MIN = 1e-5
/** Lilliefors' 5 % point of the exponential, times √n (Stephens 1974). */
const KS_POINT = 1.094
const DEPTH_POINTS = 60
const BPS = 1e-4

/** @throws SimulationError NO_DATA when there is too little to say anything */
export function calibrationOf(data: MarketData, estimators: EstimatorsConfig): Calibration {
  const { midsTsMs } = data
  const startTsMs = midsTsMs[0] ?? 0
  const endTsMs = Math.max(midsTsMs.at(-1) ?? 0, data.orders.at(-1)?.tsMs ?? 0)
  const seconds = (endTsMs - startTsMs) / 1000
  const orders = data.orders.filter((order) => order.depthFraction > 0 && order.tsMs >= startTsMs)
  if (seconds < SECONDS_MIN || orders.length < ORDERS_MIN) {
    const message = `${data.source}: ${seconds.toFixed(0)} s with ${orders.length} market orders; ${SECONDS_MIN} s and ${ORDERS_MIN} orders are the least to calibrate by`
    throw new SimulationError('NO_DATA', message)
  }
  const blockOf = (tsMs: number): number =>
    Math.min(Math.floor(((tsMs - startTsMs) / (endTsMs - startTsMs)) * BLOCKS), BLOCKS - 1)
  const overOrders = (of: (order: SeenOrder) => RatioSample | null): Estimate =>
    estimateOf(summedBy(orders, (order) => blockOf(order.tsMs), of))
  const kappa = overOrders(({ depthFraction }) => ({
    numerator: 1,
    denominator: Math.max(depthFraction, DEPTH_FRACTION_MIN),
  }))
  const fillsPerSec = estimateOf(
    countsBy(orders, (order) => blockOf(order.tsMs)).map((count) => ({
      numerator: count / 2,
      denominator: seconds / BLOCKS,
    })),
  )
  const midAt = midReader(data)
  const moves = HORIZONS_MS.map((horizonMs) => ({
    horizonMs,
    bps: overOrders(({ tsMs, aggressor }) => {
      if (tsMs + horizonMs > endTsMs) return null
      const before = midAt(tsMs - 1)
      const move = (midAt(tsMs + horizonMs) - before) / before / BPS
      return { numerator: aggressor === 'buy' ? move : -move, denominator: 1 }
    }),
  }))
  const sigmas = SAMPLES_MS.filter((sampleMs) => (seconds * 1000) / sampleMs >= 2 * BLOCKS).map(
    (sampleMs) => ({
      sampleMs,
      sigma: sigmaAt(sampleMs, startTsMs, endTsMs, midAt, blockOf),
    }),
  )
  const own = sigmas.find(({ sampleMs }) => sampleMs >= estimators.volatilitySampleMs) ?? sigmas.at(-1)
  const depths = orders.map(({ depthFraction }) => depthFraction)
  return {
    seconds,
    orderCount: orders.length,
    staleOrderCount: data.orders.length - orders.length,
    sigmas,
    sigma: own?.sigma ?? { value: 0, low: null, high: null },
    kappa,
    fillsPerSec,
    depths: depthRates(depths, seconds, kappa.value, fillsPerSec.value),
    depthKs: ksOf(depths, kappa.value),
    depthKsByChance: KS_POINT / Math.sqrt(depths.length),
    moves,
    adverseBps: (moves[estimators.adverseSelectionHorizonIndex] ?? moves[2])?.bps ?? {
      value: 0,
      low: null,
      high: null,
    },
    toxicity: toxicityOf(orders, estimators),
    makerFeeBps: medianOf(data.makerFeesBps),
    latencyMs: medianOf(data.roundTripsMs),
  }
}

function summedBy<One>(
  items: readonly One[],
  blockOf: (item: One) => number,
  of: (item: One) => RatioSample | null,
): RatioSample[] {
  const sums = Array.from({ length: BLOCKS }, () => ({ numerator: 0, denominator: 0 }))
  for (const item of items) {
    const sample = of(item)
    const sum = sums[blockOf(item)]
    if (sample === null || sum === undefined) continue
    sum.numerator += sample.numerator
    sum.denominator += sample.denominator
  }
  return sums
}

function countsBy<One>(items: readonly One[], blockOf: (item: One) => number): number[] {
  return summedBy(items, blockOf, () => ({ numerator: 1, denominator: 0 })).map((sum) => sum.numerator)
}

function estimateOf(samples: readonly RatioSample[]): Estimate {
  return withBounds(ratioInterval(samples.filter((sample) => sample.denominator > 0)))
}

function withBounds(interval: Interval | null): Estimate {
  if (interval === null) return { value: 0, low: null, high: null }
  const { mean: value, halfWidth } = interval
  return halfWidth === null
    ? { value, low: null, high: null }
    : { value, low: value - halfWidth, high: value + halfWidth }
}

/** The mid in force at a time; the first one before there was any. Times may come in any order near each other. */
function midReader({ midsTsMs, mids }: MarketData): (tsMs: number) => number {
  return (tsMs) => {
    let low = 0
    let high = midsTsMs.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((midsTsMs[middle] ?? 0) <= tsMs) low = middle + 1
      else high = middle
    }
    return mids[Math.max(low - 1, 0)] ?? 0
  }
}

function sigmaAt(
  sampleMs: number,
  startTsMs: number,
  endTsMs: number,
  midAt: (tsMs: number) => number,
  blockOf: (tsMs: number) => number,
): Estimate {
  const times: number[] = []
  for (let tsMs = startTsMs + sampleMs; tsMs <= endTsMs; tsMs += sampleMs) times.push(tsMs)
  const variance = estimateOf(
    summedBy(times, blockOf, (tsMs) => ({
      numerator: Math.log(midAt(tsMs) / midAt(tsMs - sampleMs)) ** 2,
      denominator: sampleMs / 1000,
    })),
  )
  const root = (of: number | null): number | null => (of === null ? null : Math.sqrt(Math.max(of, 0)))
  return { value: Math.sqrt(variance.value), low: root(variance.low), high: root(variance.high) }
}

function depthRates(depths: readonly number[], seconds: number, kappa: number, perSec: number): DepthRate[] {
  const rising = depths.toSorted((one, two) => one - two)
  const last = rising[Math.floor(0.995 * (rising.length - 1))] ?? 0
  return Array.from({ length: DEPTH_POINTS }, (_, index) => {
    const depth = (last * index) / (DEPTH_POINTS - 1)
    const reached = rising.length - rising.findIndex((one) => one >= depth)
    return {
      depthBps: depth / BPS,
      perSec: reached / 2 / seconds,
      fittedPerSec: perSec * Math.exp(-kappa * depth),
    }
  })
}

/** Kolmogorov and Smirnov's distance to 1 − e^(−kappa·δ). */
export function ksOf(depths: readonly number[], kappa: number): number {
  const rising = depths.toSorted((one, two) => one - two)
  return rising.reduce((largest, depth, index) => {
    const fitted = -Math.expm1(-kappa * depth)
    const above = (index + 1) / rising.length - fitted
    const below = fitted - index / rising.length
    return Math.max(largest, above, below)
  }, 0)
}

/** What the maker's own estimator reads in this market, with its own settings. */
function toxicityOf(orders: readonly SeenOrder[], config: EstimatorsConfig): Estimate | null {
  const state = initToxicity({
    bucketCount: config.toxicityBucketCount,
    bucketsMin: config.toxicityBucketsMin,
    bucketSec: config.toxicityBucketSec,
    bucketVolumeMin: config.toxicityBucketUsdMin,
  })
  const reading = initReading()
  const readings: number[] = []
  let readTsMs = -Infinity
  for (const { tsMs, aggressor, valueUsd } of orders) {
    observeTrade(state, tsMs, aggressor, valueUsd)
    readToxicity(state, reading)
    // Readings within one bucket are of the same buckets.
    if (reading.status !== 'measured' || reading.tsMs === readTsMs) continue
    readTsMs = reading.tsMs
    readings.push(reading.value)
  }
  return medianOf(readings)
}

/** The median with the order statistics that hold it 95 times of 100, by the normal form of the binomial. */
export function medianOf(values: readonly number[]): Estimate | null {
  const rising = values.toSorted((one, two) => one - two)
  const count = rising.length
  const value = rising[count >> 1]
  if (value === undefined) return null
  const reach = 0.98 * Math.sqrt(count)
  const low = rising[Math.floor(count / 2 - reach)] ?? null
  const high = rising[Math.ceil(count / 2 + reach)] ?? null
  return low === null || high === null ? { value, low: null, high: null } : { value, low, high }
}
