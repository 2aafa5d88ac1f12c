/**
 * Toxicity: how much more one-sided the flow is than coin-flip sides would make it, over the last buckets of about equal volume
 * (VPIN with signed orders, less its value under the null).
 *
 * in      market orders with side and value; an order may fill several buckets
 * out     (mean |B − S|/V − its null)/(1 − null) over the buckets, 0…1: about 0 when sides are coin flips, 1 when all is one-sided
 * state   imbalance and null of `bucketCount` buckets, the open bucket with its shadows, the volume rate that sizes buckets
 * source  Easley, López de Prado & O'Hara (2012); disputed beyond volume and volatility by Andersen & Bondarenko
 *         (2014): it may widen and forbid, it never tightens. docs/math/flow.md
 *
 * A bucket of few orders is one-sided by chance: of one order always, of two of equal size every other time. So each order also
 * goes into `SHADOWS` shadow buckets with a side drawn anew; what those read is the null of exactly these order sizes. A bucket
 * that one order filled reads 1 in both, and so says nothing.
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
  /** What coin-flip sides would have read in the same buckets. */
  readonly nulls: Ring
  /** 0 while the first bucket is open: then time and not volume closes it. */
  bucketVolume: number
  buy: number
  sell: number
  /** Net volume of the open bucket with sides drawn anew. */
  readonly shadows: number[]
  /** Orders so far: what the sides of the shadows are drawn from. */
  orders: number
  /** Decayed volume and time, for the size of the next bucket. */
  volumeDecayed: number
  secondsDecayed: number
  firstTsMs: number
  tsMs: number
  /** When the last bucket closed. */
  closedTsMs: number
}

/** Buckets of memory for the volume rate. */
const RATE_MEMORY_BUCKETS = 10
const SHADOWS = 8
/** Buckets must differ from their null by this much together before anything is said: else they were one order each. */
const INFORMATION_MIN = 1

/** @param knownBucketVolume size of every bucket from the start, as the published form has it; left out: learnt from the rate */
export function initToxicity(config: ToxicityConfig, knownBucketVolume = 0): ToxicityState {
  assert(config.bucketVolumeMin > 0 && config.bucketSec > 0, 'toxicity: buckets have volume and time')
  assert(
    config.bucketsMin >= 1 && config.bucketsMin <= config.bucketCount,
    'toxicity: bucketsMin ≤ bucketCount',
  )
  return {
    config,
    imbalances: initRing(config.bucketCount),
    nulls: initRing(config.bucketCount),
    bucketVolume: knownBucketVolume,
    buy: 0,
    sell: 0,
    shadows: new Array<number>(SHADOWS).fill(0),
    orders: 0,
    volumeDecayed: 0,
    secondsDecayed: 0,
    firstTsMs: 0,
    tsMs: 0,
    closedTsMs: 0,
  }
}

export function observeTrade(state: ToxicityState, tsMs: number, aggressor: Side, volume: number): void {
  assert(volume > 0, 'toxicity: volume is positive')
  learnRate(state, tsMs, volume)
  state.orders += 1
  const sides = sidesOf(state.orders)
  let rest = volume
  // A trade larger than the whole window would only overwrite it again and again.
  for (let bucket = 0; rest > 0 && bucket < state.config.bucketCount; bucket += 1) {
    const room = state.bucketVolume === 0 ? rest : state.bucketVolume - state.buy - state.sell
    // Compared before the sum: buy + sell + room need not be the volume to the last bit, and the bucket would never close.
    const isFull = state.bucketVolume === 0 ? mayCloseFirst(state, rest) : rest >= room
    fill(state, aggressor, Math.min(rest, room), sides)
    rest -= Math.min(rest, room)
    if (isFull) closeBucket(state, tsMs)
  }
}

function fill(state: ToxicityState, aggressor: Side, taken: number, sides: number): void {
  if (aggressor === 'buy') state.buy += taken
  else state.sell += taken
  for (let shadow = 0; shadow < SHADOWS; shadow += 1) {
    const net = state.shadows[shadow] ?? 0
    state.shadows[shadow] = net + (((sides >>> shadow) & 1) === 1 ? taken : -taken)
  }
}

/** The first bucket is as long as a bucket should be, and so shows how much that is. */
function mayCloseFirst(state: ToxicityState, volume: number): boolean {
  const { bucketSec, bucketVolumeMin } = state.config
  const isLongEnough = state.tsMs - state.firstTsMs >= bucketSec * 1000
  return isLongEnough && state.buy + state.sell + volume >= bucketVolumeMin
}

/** Bits that look like coin flips and are the same in every replay (finaliser of MurmurHash3). */
function sidesOf(order: number): number {
  let bits = Math.imul(order ^ (order >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

function closeBucket(state: ToxicityState, tsMs: number): void {
  const volume = state.buy + state.sell
  let flipped = 0
  for (let shadow = 0; shadow < SHADOWS; shadow += 1) {
    flipped += Math.abs(state.shadows[shadow] ?? 0)
    state.shadows[shadow] = 0
  }
  pushRing(state.imbalances, Math.abs(state.buy - state.sell) / volume)
  pushRing(state.nulls, flipped / (SHADOWS * volume))
  state.buy = 0
  state.sell = 0
  state.closedTsMs = tsMs
  const { bucketSec, bucketVolumeMin } = state.config
  const ratePerSec = state.secondsDecayed > 0 ? state.volumeDecayed / state.secondsDecayed : 0
  state.bucketVolume = Math.max(bucketVolumeMin, ratePerSec * bucketSec)
}

function learnRate(state: ToxicityState, tsMs: number, volume: number): void {
  if (state.tsMs === 0) state.firstTsMs = tsMs
  const elapsedSec = state.tsMs === 0 ? 0 : Math.max(0, tsMs - state.tsMs) / 1000
  state.tsMs = Math.max(tsMs, state.tsMs)
  const decay = 0.5 ** (elapsedSec / (RATE_MEMORY_BUCKETS * state.config.bucketSec))
  state.volumeDecayed = state.volumeDecayed * decay + volume
  state.secondsDecayed = state.secondsDecayed * decay + elapsedSec
}

/** Mean |B − S|/V of the closed buckets, 0…1, as published: not less its null; 0 when there is none. */
export function vpinOf(state: ToxicityState): number {
  return state.imbalances.count === 0 ? 0 : sumOf(state.imbalances) / state.imbalances.count
}

/** How one-sided beyond chance, 0…1, and how much the buckets together could have said. @param nullSum of all buckets */
function toxicityOf(state: ToxicityState, nullSum: number): number {
  const information = state.nulls.count - nullSum
  if (information <= 0) return 0
  return Math.max(0, (sumOf(state.imbalances) - nullSum) / information)
}

function sumOf(ring: Ring): number {
  const { values } = ring
  let sum = 0
  for (let index = 0; index < values.length; index += 1) sum += values[index] ?? 0
  return sum
}

export function readToxicity(state: ToxicityState, out: Reading): void {
  const { count } = state.imbalances
  const nullSum = sumOf(state.nulls)
  const information = count - nullSum
  const isWarm = count >= state.config.bucketsMin && information >= INFORMATION_MIN
  out.value = isWarm ? toxicityOf(state, nullSum) : 0
  out.status = isWarm ? 'measured' : state.tsMs === 0 ? 'noData' : 'warming'
  out.tsMs = state.closedTsMs
  out.confidence = Math.max(0, information) / state.config.bucketCount
}
