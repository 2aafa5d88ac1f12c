/**
 * Moves over several horizons as z-scores: is the price running?
 *
 * in      the mid as it changes and the passing of time
 * out     per horizon z = ln(S/S_{t−h})/√(σ²h + s²), about standard normal without drift; s is the half spread, so that
 *         a flicker between two ticks is not a trend
 * state   per horizon `STEPS` mids with their times: the window is between h and h(1 + 1/STEPS)
 * source  docs/math/momentum.md; σ must come from a longer memory than h, else a move hides itself
 */
import { assert } from '../src/core/assert.ts'
import type { Reading } from '../src/core/contracts.ts'
import { normalCdf } from '../src/core/math/normal.ts'
import { initRing, pushRing, ringBack, ringPlace } from './ring.ts'
import type { Ring } from './ring.ts'

export interface MomentumHorizon {
  readonly horizonMs: number
  readonly mids: Ring
  readonly times: Ring
}

export interface MomentumState {
  readonly horizons: readonly MomentumHorizon[]
  midTicks: number
  tsMs: number
}

/** Points kept per horizon. */
const STEPS = 10
/** A return over less than this share of the horizon says nothing of it yet. */
const HORIZON_SHARE_MIN = 0.5
/** An older point spans an outage. */
const HORIZON_SHARE_MAX = 1.5

export function initMomentum(horizonsMs: readonly number[]): MomentumState {
  assert(
    horizonsMs.every((ms) => ms > 0),
    'momentum: horizons are positive',
  )
  const horizons = horizonsMs.map((horizonMs) => ({
    horizonMs,
    mids: initRing(STEPS + 1),
    times: initRing(STEPS + 1),
  }))
  return { horizons, midTicks: 0, tsMs: 0 }
}

export function updateMomentum(state: MomentumState, tsMs: number, midTicks: number): void {
  assert(midTicks > 0, 'momentum: mid is positive')
  state.midTicks = midTicks
  state.tsMs = tsMs
  // By index: the iterator would be an object each time.
  for (let index = 0; index < state.horizons.length; index += 1) {
    const horizon = state.horizons[index]
    if (horizon === undefined) continue
    const stepMs = horizon.horizonMs / STEPS
    const { mids, times } = horizon
    if (times.count > 0 && tsMs - (times.values[ringPlace(times, 0)] ?? 0) < stepMs) continue
    pushRing(mids, midTicks)
    pushRing(times, tsMs)
  }
}

/** @param noiseFraction half spread as a fraction of the mid, ≥ 0 */
export function readMomentumZ(
  state: MomentumState,
  horizonIndex: number,
  sigmaPerSqrtSec: number,
  noiseFraction: number,
  out: Reading,
): void {
  const horizon = state.horizons[horizonIndex]
  assert(horizon !== undefined, 'momentum: the horizon exists')
  out.tsMs = state.tsMs
  const age = startOfWindow(horizon, state.tsMs)
  const scale =
    age < 0
      ? 0
      : momentumScale(sigmaPerSqrtSec, (state.tsMs - ringBack(horizon.times, age)) / 1000, noiseFraction)
  if (age < 0 || scale <= 0) {
    out.value = 0
    out.status = horizon.times.count === 0 ? 'noData' : 'warming'
    out.confidence = 0
    return
  }
  out.value = Math.log(state.midTicks / ringBack(horizon.mids, age)) / scale
  out.status = 'measured'
  out.confidence = Math.min(1, horizon.times.count / STEPS)
}

function momentumScale(sigmaPerSqrtSec: number, elapsedSec: number, noiseFraction: number): number {
  return Math.sqrt(sigmaPerSqrtSec * sigmaPerSqrtSec * elapsedSec + noiseFraction * noiseFraction)
}

/** The youngest point at least one horizon old, else the oldest that spans enough of it; −1 when there is none. */
function startOfWindow(horizon: MomentumHorizon, tsMs: number): number {
  const { times, horizonMs } = horizon
  const { values, count } = times
  // The ring is walked and not asked for each age: four horizons are looked at in every cycle.
  let at = times.head
  for (let age = 0; age < count; age += 1) {
    at = at === 0 ? values.length - 1 : at - 1
    const elapsedMs = tsMs - (values[at] ?? 0)
    if (elapsedMs > HORIZON_SHARE_MAX * horizonMs)
      return age - 1 >= 0 && spans(horizon, tsMs, age - 1) ? age - 1 : -1
    if (elapsedMs >= horizonMs) return age
  }
  const oldest = times.count - 1
  return oldest >= 0 && spans(horizon, tsMs, oldest) ? oldest : -1
}

function spans(horizon: MomentumHorizon, tsMs: number, age: number): boolean {
  return tsMs - ringBack(horizon.times, age) >= HORIZON_SHARE_MIN * horizon.horizonMs
}

/** One window of returns against a known σ: z, drift per second and the one-sided probability of a move this low. */
export function momentumScore(of: {
  readonly logReturns: readonly number[]
  readonly durationsSec: readonly number[]
  readonly sigmaPerSqrtSec: number
}): { readonly z: number; readonly driftPerSecond: number; readonly probability: number } {
  const total = of.logReturns.reduce((sum, value) => sum + value, 0)
  const elapsedSec = of.durationsSec.reduce((sum, value) => sum + value, 0)
  assert(elapsedSec > 0 && of.sigmaPerSqrtSec > 0, 'momentum: time passed and sigma is positive')
  const z = total / (of.sigmaPerSqrtSec * Math.sqrt(elapsedSec))
  return { z, driftPerSecond: total / elapsedSec, probability: normalCdf(z) }
}
