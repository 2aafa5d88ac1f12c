/**
 * How often a quote at distance δ is filled: λ(δ) = A e^{−κδ} per side. Gamma posteriors with forgetting for κ (from
 * the depths that market orders reach) and for A (from how many come); own fills are kept apart and lean on κ a little.
 *
 * in      market orders by side with depth as a fraction of the mid; own fills with distance at placement; time
 * out     κ per unit fraction and A per second, per side, with credible interval; usable from the prior at once
 * state   O(1) plain numbers per side
 * source  conjugate Gamma for exponential depths and Poisson counts; docs/math/fill-intensity.md
 *
 * Sides are named after our quote: sell aggressors hit our bid. A side with few orders leans on both sides pooled,
 * and both on the prior. Counts are orders, never volume: weights would break the conjugacy.
 */
import { assert } from '../src/core/assert.ts'
import type { Reading } from '../src/core/contracts.ts'
import { halvedSlot, initDecayMemo } from '../src/core/math/decay.ts'

export interface FillIntensityConfig {
  /** Prior mean of κ per unit fraction, and how many observed orders it is worth. */
  readonly kappaPrior: number
  readonly kappaPriorOrders: number
  readonly kappaMin: number
  readonly kappaMax: number
  /** Prior mean of A per side, and how many seconds of watching it is worth. */
  readonly fillRatePriorPerSec: number
  readonly fillRatePriorSec: number
  readonly halfLifeSec: number
  /** Decayed orders of a side from which its numbers count as measured. */
  readonly warmupOrders: number
  /** Watched so long, they count as measured however few came: that few come is what there was to learn. */
  readonly warmupSec: number
  /** Most that own fills may move ln κ, as a share of ln(κ own / κ market), 0…1. */
  readonly ownFillShareMax: number
  /** Longest stretch of silence that counts as watching, s: beyond it the feed was away. */
  readonly silenceSecMax: number
}

/** Decayed sums of one side, without the prior. */
export interface SideIntensity {
  orders: number
  depthSum: number
  seconds: number
  ownFills: number
  ownDepthSum: number
  /** Of the last order or own fill behind kappa; 0: none yet. */
  orderTsMs: number
}

export interface FillIntensityState {
  readonly config: FillIntensityConfig
  readonly bid: SideIntensity
  readonly ask: SideIntensity
  tsMs: number
  /** Seconds watched, nothing forgotten. */
  watchedSec: number
  /** Orders that traded inside a stale mid: counted, not used. */
  rejected: number
}

/** Own fills worth half of their full weight. */
const OWN_FILLS_HALF = 20
/** Own fills say at most this factor either way: where we quote is not where the market trades. */
const OWN_RATIO_MAX = 2
/** Depths below 0.1 bps are rounding of the grid. */
const DEPTH_FRACTION_MIN = 1e-5
/** A below this would send the inventory term to infinity. */
const FILL_RATE_MIN_PER_SEC = 1e-3

export function initFillIntensity(config: FillIntensityConfig): FillIntensityState {
  assert(config.kappaPrior > 0, 'kappa: kappaPrior is positive')
  assert(config.kappaPriorOrders > 1, 'kappa: kappaPriorOrders is above one, else 1/κ has no mean')
  assert(0 < config.kappaMin && config.kappaMin < config.kappaMax, 'kappa: kappaMin is below kappaMax')
  assert(config.fillRatePriorPerSec > 0, 'kappa: fillRatePriorPerSec is positive')
  assert(config.fillRatePriorSec > 0, 'kappa: fillRatePriorSec is positive')
  assert(config.halfLifeSec > 0, 'kappa: halfLifeSec is positive')
  const side = (): SideIntensity => ({
    orders: 0,
    depthSum: 0,
    seconds: 0,
    ownFills: 0,
    ownDepthSum: 0,
    orderTsMs: 0,
  })
  assert(config.warmupSec > 0, 'kappa: warmupSec is positive')
  return { config, bid: side(), ask: side(), tsMs: 0, watchedSec: 0, rejected: 0 }
}

const memory = initDecayMemo()

/** By comparison: a name that varies is searched for at every call. */
function sideOf(state: FillIntensityState, quote: 'bid' | 'ask'): SideIntensity {
  return quote === 'bid' ? state.bid : state.ask
}

/** Lets time pass: forgets, and counts the seconds watched. Call before each observation. */
export function passIntensityTime(state: FillIntensityState, tsMs: number): void {
  const elapsedMs = tsMs - state.tsMs
  const isFirst = state.tsMs === 0
  state.tsMs = tsMs
  if (isFirst || elapsedMs <= 0) return
  const decay = memory.factors[halvedSlot(memory, elapsedMs, state.config.halfLifeSec)] ?? 1
  const watchedSec = Math.min(elapsedMs / 1000, state.config.silenceSecMax)
  state.watchedSec += watchedSec
  passSide(state.bid, decay, watchedSec)
  passSide(state.ask, decay, watchedSec)
}

function passSide(side: SideIntensity, decay: number, watchedSec: number): void {
  side.orders *= decay
  side.depthSum *= decay
  side.seconds = side.seconds * decay + watchedSec
  side.ownFills *= decay
  side.ownDepthSum *= decay
}

/** A market order reached `depthFraction` from the mid; `quote` is the side of ours that it hits. */
export function observeOrder(state: FillIntensityState, quote: 'bid' | 'ask', depthFraction: number): void {
  if (!(depthFraction > 0)) {
    state.rejected += 1
    return
  }
  const side = sideOf(state, quote)
  side.orders += 1
  side.orderTsMs = state.tsMs
  side.depthSum += Math.max(depthFraction, DEPTH_FRACTION_MIN)
}

/** A quote of ours was filled at this distance from the mid at its placement. */
export function observeOwnFill(state: FillIntensityState, quote: 'bid' | 'ask', depthFraction: number): void {
  if (!(depthFraction > 0)) {
    state.rejected += 1
    return
  }
  const side = sideOf(state, quote)
  side.ownFills += 1
  side.orderTsMs = state.tsMs
  side.ownDepthSum += Math.max(depthFraction, DEPTH_FRACTION_MIN)
}

/** Shape and rate of the Gamma posterior of κ of one side: its own orders on a prior centred on both sides pooled. */
export function kappaPosterior(
  state: FillIntensityState,
  quote: 'bid' | 'ask',
): { readonly shape: number; readonly rate: number } {
  const { config, bid, ask } = state
  const pooledShape = config.kappaPriorOrders + bid.orders + ask.orders
  const pooledRate = config.kappaPriorOrders / config.kappaPrior + bid.depthSum + ask.depthSum
  const pooledKappa = pooledShape / pooledRate
  const side = sideOf(state, quote)
  return {
    shape: config.kappaPriorOrders + side.orders,
    rate: config.kappaPriorOrders / pooledKappa + side.depthSum,
  }
}

/**
 * κ of one side. `confidence` is 1/(1 + sd/mean) of the posterior, so that a reader gets the credible interval back:
 * sd/mean = 1/confidence − 1.
 */
export function readKappa(state: FillIntensityState, quote: 'bid' | 'ask', out: Reading): void {
  const { config } = state
  const side = sideOf(state, quote)
  const { shape, rate } = kappaPosterior(state, quote)
  const marketKappa = shape / rate
  const kappa = marketKappa * ownFillLean(side, marketKappa, config.ownFillShareMax)
  out.value = Math.min(Math.max(kappa, config.kappaMin), config.kappaMax)
  out.status = isWarm(state, side) ? 'measured' : 'prior'
  out.tsMs = side.orderTsMs
  out.confidence = 1 / (1 + 1 / Math.sqrt(shape))
}

/** By orders, or by time: who waits for the orders of a market that does not trade stays wide and small for ever. */
function isWarm({ config, watchedSec }: FillIntensityState, side: SideIntensity): boolean {
  return side.orders >= config.warmupOrders || watchedSec >= config.warmupSec
}

/** A factor on κ. Fills of our own say where we quote as much as where others trade, so they lean and do not decide. */
function ownFillLean(side: SideIntensity, marketKappa: number, shareMax: number): number {
  if (side.ownFills <= 0 || side.ownDepthSum <= 0) return 1
  const ratio = side.ownFills / side.ownDepthSum / marketKappa
  const bounded = Math.min(Math.max(ratio, 1 / OWN_RATIO_MAX), OWN_RATIO_MAX)
  return bounded ** ((shareMax * side.ownFills) / (side.ownFills + OWN_FILLS_HALF))
}

/** A of one side: market orders per second that hit it. */
export function readFillRate(state: FillIntensityState, quote: 'bid' | 'ask', out: Reading): void {
  const { config } = state
  const side = sideOf(state, quote)
  const priorOrders = config.fillRatePriorPerSec * config.fillRatePriorSec
  const shape = priorOrders + side.orders
  out.value = Math.max(shape / (config.fillRatePriorSec + side.seconds), FILL_RATE_MIN_PER_SEC)
  out.status = isWarm(state, side) ? 'measured' : 'prior'
  // Of a rate, that nothing came is news as well.
  out.tsMs = state.tsMs
  out.confidence = 1 / (1 + 1 / Math.sqrt(shape))
}
