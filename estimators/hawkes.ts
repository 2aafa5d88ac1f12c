/**
 * A self-exciting intensity: each event makes the next more likely for a while.
 *
 * in      times of events; time
 * out     intensity over its long-run rate: near 1 ordinary, several in a burst
 * state   excitation and the learnt base rate, O(1)
 * source  Hawkes; recursion of Ogata (1981): λ(t) = μ + Σ α e^{−β(t − tᵢ)}; docs/math/hawkes.md
 *
 * The share n = α/β of events that are children must be below one, else the intensity runs away: checked at the start.
 */
import { assert } from '../src/core/assert.ts'
import type { Reading } from '../src/core/contracts.ts'
import { decaySlot, halvedSlot, initDecayMemo } from '../src/core/math/decay.ts'

export interface HawkesConfig {
  /** Share of events caused by earlier ones, α/β, 0 ≤ n < 1. */
  readonly branchingRatio: number
  /** Decay β of the excitation, 1/s. */
  readonly decayPerSec: number
  /** Prior of the long-run rate, 1/s, and how many seconds of watching it is worth. */
  readonly ratePriorPerSec: number
  readonly ratePriorSec: number
  readonly rateHalfLifeSec: number
  /** The long-run rate counts at least this, 1/s: when events are rare, one alone is not a burst. */
  readonly rateMinPerSec: number
}

export interface HawkesState {
  readonly config: HawkesConfig
  /** R = Σ e^{−β(t − tᵢ)} at `tsMs`. */
  excitation: number
  events: number
  seconds: number
  tsMs: number
  eventTsMs: number
}

export function initHawkes(config: HawkesConfig): HawkesState {
  assert(
    config.branchingRatio >= 0 && config.branchingRatio < 1,
    'hawkes: the branching ratio is in [0, 1), else the intensity is not stationary',
  )
  assert(config.decayPerSec > 0, 'hawkes: decayPerSec is positive')
  assert(config.ratePriorPerSec > 0 && config.ratePriorSec > 0, 'hawkes: the prior rate is positive')
  return { config, excitation: 0, events: 0, seconds: 0, tsMs: 0, eventTsMs: 0 }
}

const rateMemory = initDecayMemo()
/** The same for the excitation, which fades by a rate: gap, rate and e^(−rate × gap) of each slot. */
const excitementMemory = new Float64Array(3 * rateMemory.factors.length).fill(Number.NaN)

/** @returns where the factor stands */
function excitementPlace(elapsedMs: number, config: HawkesConfig): number {
  const at = 3 * decaySlot(elapsedMs)
  const { decayPerSec } = config
  if (excitementMemory[at] !== elapsedMs || excitementMemory[at + 1] !== decayPerSec) {
    excitementMemory[at] = elapsedMs
    excitementMemory[at + 1] = decayPerSec
    excitementMemory[at + 2] = Math.exp(-decayPerSec * (elapsedMs / 1000))
  }
  return at + 2
}

export function passHawkesTime(state: HawkesState, tsMs: number): void {
  const elapsedMs = state.tsMs === 0 ? 0 : Math.max(0, tsMs - state.tsMs)
  state.tsMs = Math.max(tsMs, state.tsMs)
  if (elapsedMs === 0) return
  const keep = rateMemory.factors[halvedSlot(rateMemory, elapsedMs, state.config.rateHalfLifeSec)] ?? 1
  state.excitation *= excitementMemory[excitementPlace(elapsedMs, state.config)] ?? 1
  state.events *= keep
  state.seconds = state.seconds * keep + elapsedMs / 1000
}

export function observeEvent(state: HawkesState, tsMs: number): void {
  passHawkesTime(state, tsMs)
  state.excitation += 1
  state.events += 1
  state.eventTsMs = state.tsMs
}

/** λ now over the long-run rate λ̄, with μ = λ̄(1 − n): 1 − n when nothing happened for long, above it in a burst. */
export function intensityRatio(state: HawkesState): number {
  const { branchingRatio, decayPerSec, ratePriorPerSec, ratePriorSec, rateMinPerSec } = state.config
  const learntPerSec = (ratePriorPerSec * ratePriorSec + state.events) / (ratePriorSec + state.seconds)
  const longRunPerSec = Math.max(learntPerSec, rateMinPerSec)
  return 1 - branchingRatio + (branchingRatio * decayPerSec * state.excitation) / longRunPerSec
}

export function readHawkes(state: HawkesState, out: Reading): void {
  out.value = intensityRatio(state)
  out.status = state.tsMs === 0 ? 'noData' : state.events > 0 ? 'measured' : 'prior'
  out.tsMs = state.eventTsMs
  out.confidence = state.seconds / (state.seconds + state.config.ratePriorSec)
}

/** Batch: intensities just before each event, at `untilSec`, and the log-likelihood of the whole. */
export function hawkesLikelihood(of: {
  readonly timesSec: readonly number[]
  readonly untilSec: number
  readonly mu: number
  readonly alpha: number
  readonly beta: number
}): {
  readonly intensityBefore: readonly number[]
  readonly intensityAtEnd: number
  readonly logLikelihood: number
  readonly branchingRatio: number
  readonly stationaryRate: number
} {
  const { timesSec, untilSec, mu, alpha, beta } = of
  assert(mu > 0 && alpha >= 0 && beta > 0, 'hawkes: mu and beta are positive, alpha is not negative')
  assert(alpha < beta, 'hawkes: alpha/beta is below one, else the intensity is not stationary')
  const intensityBefore: number[] = []
  let excitation = 0
  let lastSec = timesSec[0] ?? 0
  let logLikelihood = -mu * untilSec
  for (const timeSec of timesSec) {
    assert(timeSec >= lastSec && timeSec <= untilSec, 'hawkes: times ascend up to the end')
    excitation *= Math.exp(-beta * (timeSec - lastSec))
    const intensity = mu + alpha * excitation
    intensityBefore.push(intensity)
    logLikelihood += Math.log(intensity) + (alpha / beta) * Math.expm1(-beta * (untilSec - timeSec))
    excitation += 1
    lastSec = timeSec
  }
  return {
    intensityBefore,
    intensityAtEnd: mu + alpha * excitation * Math.exp(-beta * (untilSec - lastSec)),
    logLikelihood,
    branchingRatio: alpha / beta,
    stationaryRate: mu / (1 - alpha / beta),
  }
}
