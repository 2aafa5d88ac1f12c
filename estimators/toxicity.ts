/**
 * Toxicity: the share of one-sided volume over the last buckets of equal volume (VPIN with signed trades).
 *
 * in      trades with side and value; a trade may fill several buckets
 * out     mean |B − S|/V over the buckets, 0…1; nothing before `bucketsMin`
 * state   the imbalances of `bucketCount` buckets, the open bucket, and the volume rate that sizes the next
 * source  Easley, López de Prado & O'Hara (2012); disputed beyond volume and volatility by Andersen & Bondarenko
 *         (2014): it may widen and forbid, it never tightens. docs/math/flow.md
 */
import { assert } from '../src/core/assert.ts'
import type { Reading } from '../src/core/contracts.ts'
import type { Side } from '../src/core/units.ts'
import { initRing, pushRing } from './ring.ts'
import type { Ring } from './ring.ts'

export interface ToxicityConfig {
  readonly bucketCount: number
  readonly bucketsMin: number
  /** A bucket holds what trades in this time, … */
  readonly bucketSec: number
  /** …but at least this much. */
  readonly bucketVolumeMin: number
}

export interface ToxicityState {
  readonly config: ToxicityConfig
  readonly imbalances: Ring
  bucketVolume: number
  buy: number
  sell: number
  /** Decayed volume and time, for the size of the next bucket. */
  volumeDecayed: number
  secondsDecayed: number
  tsMs: number
  /** When the last bucket closed. */
  closedTsMs: number
}

/** Buckets of memory for the volume rate. */
const RATE_MEMORY_BUCKETS = 10

export function initToxicity(config: ToxicityConfig): ToxicityState {
  assert(config.bucketVolumeMin > 0 && config.bucketSec > 0, 'toxicity: buckets have volume and time')
  assert(
    config.bucketsMin >= 1 && config.bucketsMin <= config.bucketCount,
    'toxicity: bucketsMin ≤ bucketCount',
  )
  return {
    config,
    imbalances: initRing(config.bucketCount),
    bucketVolume: config.bucketVolumeMin,
    buy: 0,
    sell: 0,
    volumeDecayed: 0,
    secondsDecayed: 0,
    tsMs: 0,
    closedTsMs: 0,
  }
}

export function observeTrade(state: ToxicityState, tsMs: number, aggressor: Side, volume: number): void {
  assert(volume > 0, 'toxicity: volume is positive')
  learnRate(state, tsMs, volume)
  let rest = volume
  // A trade larger than the whole window would only overwrite it again and again.
  for (let bucket = 0; rest > 0 && bucket < state.config.bucketCount; bucket += 1) {
    const taken = Math.min(rest, state.bucketVolume - state.buy - state.sell)
    if (aggressor === 'buy') state.buy += taken
    else state.sell += taken
    rest -= taken
    if (state.buy + state.sell >= state.bucketVolume) closeBucket(state, tsMs)
  }
}

function closeBucket(state: ToxicityState, tsMs: number): void {
  pushRing(state.imbalances, Math.abs(state.buy - state.sell) / state.bucketVolume)
  state.buy = 0
  state.sell = 0
  state.closedTsMs = tsMs
  const { bucketSec, bucketVolumeMin } = state.config
  const ratePerSec = state.secondsDecayed > 0 ? state.volumeDecayed / state.secondsDecayed : 0
  state.bucketVolume = Math.max(bucketVolumeMin, ratePerSec * bucketSec)
}

function learnRate(state: ToxicityState, tsMs: number, volume: number): void {
  const elapsedSec = state.tsMs === 0 ? 0 : Math.max(0, tsMs - state.tsMs) / 1000
  state.tsMs = Math.max(tsMs, state.tsMs)
  const decay = 0.5 ** (elapsedSec / (RATE_MEMORY_BUCKETS * state.config.bucketSec))
  state.volumeDecayed = state.volumeDecayed * decay + volume
  state.secondsDecayed = state.secondsDecayed * decay + elapsedSec
}

/** Mean |B − S|/V of the closed buckets, 0…1; 0 when there is none. */
export function vpinOf(state: ToxicityState): number {
  let sum = 0
  for (const imbalance of state.imbalances.values) sum += imbalance
  return state.imbalances.count === 0 ? 0 : sum / state.imbalances.count
}

export function readToxicity(state: ToxicityState, out: Reading): void {
  const { count } = state.imbalances
  const isWarm = count >= state.config.bucketsMin
  out.value = isWarm ? vpinOf(state) : 0
  out.status = isWarm ? 'measured' : state.tsMs === 0 ? 'noData' : 'warming'
  out.tsMs = state.closedTsMs
  out.confidence = count / state.config.bucketCount
}
