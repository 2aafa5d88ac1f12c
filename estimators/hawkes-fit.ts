/**
 * A self-exciting intensity whose parameters are learnt while it runs: λ(t) = μ + Σ nβ e^{−β(t − tᵢ)}.
 *
 * in      times of events, ms
 * out     intensity over its long-run rate; the share of children n, and whether it is below one
 * state   about twenty numbers, O(1) per event; nothing is done while only time passes
 * source  recursive maximum likelihood (Ljung & Söderström 1983) over the recursion of Ogata (1981); docs/math/hawkes.md
 *
 * Each event moves (ln μ, n, ln β) by its score over the information gathered so far, which forgets with the rate and never falls
 * below that of the configured values: they are worth `priorEvents`.
 *
 * With n at or above one the intensity would run away and has no long-run rate: then the fit says so, the ratio is that of
 * the configured values, and both come back by themselves once the data does.
 */
import { assert } from '../src/core/assert.ts'
import type { Reading } from '../src/core/contracts.ts'

export interface HawkesFitConfig {
  /** Prior of n = α/β, 0 ≤ n < 1, and of the decay β, 1/s; in use while the fit is not stationary. */
  readonly branchingRatio: number
  readonly decayPerSec: number
  /** How many parents the priors are worth, > 0. */
  readonly priorEvents: number
  /** Prior of the long-run rate, 1/s, and how many seconds of watching it is worth. */
  readonly ratePriorPerSec: number
  readonly ratePriorSec: number
  readonly halfLifeSec: number
  /** The long-run rate counts at least this, 1/s. */
  readonly rateMinPerSec: number
}

/** Everything as of `eventTsMs`, just after that event. */
export interface HawkesFitState {
  readonly config: HawkesFitConfig
  /** R = Σ e^{−β(t − tᵢ)} by the fitted decay, and Σ (t − tᵢ) e^{−β(t − tᵢ)}. */
  excitation: number
  excitationAgeSec: number
  /** The same R by the configured decay. */
  priorExcitation: number
  /** Of immigrants, logarithm of 1/s. */
  logMu: number
  branchingRatio: number
  /** Decay β of the excitation, logarithm of 1/s. */
  logDecay: number
  readonly information: Information
  /** Decayed. */
  events: number
  seconds: number
  isStationary: boolean
  /** Of the last event; 0: none yet. */
  eventTsMs: number
  /** Since when it is watched; 0: not yet. */
  sinceTsMs: number
}

/** Σ of products of scores, the upper half of a symmetric matrix in the order ln μ, n, ln β. */
interface Information {
  mm: number
  mn: number
  mb: number
  nn: number
  nb: number
  bb: number
}

/** From here on the intensity runs away; it counts as stationary again only well below, so that it does not flutter at the edge. */
const RUNAWAY_FROM = 1
const STATIONARY_BELOW = 0.95
/** Nothing is believed beyond these: more children than that is a change of the rate. */
const BRANCHING_MAX = 2
/** Venue times are grained by blocks: a faster decay cannot be seen. A slower one is a change of the rate. */
const LOG_DECAY_MIN = Math.log(0.01)
const LOG_DECAY_MAX = Math.log(10)
const LOG_MU_MIN = Math.log(1e-6)
const LOG_MU_MAX = Math.log(1e4)
/** What one event tells of each parameter, about: squares of usual scores. */
const EVENT_INFORMATION: Readonly<Information> = { mm: 0.3, mn: 0, mb: 0, nn: 0.3, nb: 0, bb: 0.1 }
/** A single event moves a parameter by at most this. */
const STEP_MAX = 0.25

export function initHawkesFit(config: HawkesFitConfig): HawkesFitState {
  const { branchingRatio, decayPerSec, priorEvents } = config
  assert(
    branchingRatio >= 0 && branchingRatio < 1,
    'hawkes fit: the prior of the branching ratio is in [0, 1), else there is nothing to fall back on',
  )
  assert(decayPerSec > 0, 'hawkes fit: decayPerSec is positive')
  assert(priorEvents > 0, 'hawkes fit: priorEvents is positive')
  assert(config.ratePriorPerSec > 0 && config.ratePriorSec > 0, 'hawkes fit: the prior rate is positive')
  assert(config.halfLifeSec > 0, 'hawkes fit: halfLifeSec is positive')
  const information = { mm: 0, mn: 0, mb: 0, nn: 0, nb: 0, bb: 0 }
  return {
    config,
    excitation: 0,
    excitationAgeSec: 0,
    priorExcitation: 0,
    logMu: Math.log(config.ratePriorPerSec * (1 - branchingRatio)),
    branchingRatio,
    logDecay: Math.log(decayPerSec),
    information,
    events: 0,
    seconds: 0,
    isStationary: true,
    eventTsMs: 0,
    sinceTsMs: 0,
  }
}

/** Watching begins with the first call; later ones do nothing. */
export function watchHawkesFit(state: HawkesFitState, tsMs: number): void {
  if (state.sinceTsMs === 0) state.sinceTsMs = tsMs
}

/** @param tsMs not before the last event */
export function observeFitEvent(state: HawkesFitState, tsMs: number): void {
  watchHawkesFit(state, tsMs)
  const { config } = state
  const elapsedSec = secondsSinceLast(state, tsMs)
  const fade = 0.5 ** (elapsedSec / config.halfLifeSec)
  const beta = Math.exp(state.logDecay)
  const decay = Math.exp(-beta * elapsedSec)
  // Of the compensator since the last event: mass of the kernels that has passed, and its derivative by β.
  const passed = state.excitation * (1 - decay)
  const passedByBeta = state.excitation * elapsedSec * decay - (1 - decay) * state.excitationAgeSec
  state.excitationAgeSec = decay * (state.excitationAgeSec + elapsedSec * state.excitation)
  state.excitation *= decay
  state.priorExcitation *= Math.exp(-config.decayPerSec * elapsedSec)
  state.events = state.events * fade + 1
  state.seconds = state.seconds * fade + watchedSec(fade, config.halfLifeSec)
  state.eventTsMs = Math.max(tsMs, state.eventTsMs)
  learn(state, { elapsedSec, fade, beta, passed, passedByBeta })
  state.excitation += 1
  state.priorExcitation += 1
}

/** The event's score, and one step along it. */
function learn(
  state: HawkesFitState,
  of: {
    readonly elapsedSec: number
    readonly fade: number
    readonly beta: number
    readonly passed: number
    readonly passedByBeta: number
  },
): void {
  const { branchingRatio: n, excitation, excitationAgeSec } = state
  const { beta, elapsedSec, fade } = of
  const mu = Math.exp(state.logMu)
  const intensity = mu + n * beta * excitation
  const m = mu / intensity - mu * elapsedSec
  const c = (beta * excitation) / intensity - of.passed
  const b = beta * n * ((excitation - beta * excitationAgeSec) / intensity - of.passedByBeta)
  const { information } = state
  information.mm = information.mm * fade + m * m
  information.mn = information.mn * fade + m * c
  information.mb = information.mb * fade + m * b
  information.nn = information.nn * fade + c * c
  information.nb = information.nb * fade + c * b
  information.bb = information.bb * fade + b * b
  move(state, m, c, b, fade)
}

/**
 * J·step = score + pull of the prior, J = Σ of products of scores + what the prior knows. The pull is that of what the prior lost to
 * forgetting since the last event, so that it persists.
 */
function move(state: HawkesFitState, m: number, c: number, b: number, fade: number): void {
  const { config, information } = state
  const weight = config.priorEvents
  const pull = (1 - fade) * weight
  const prior = EVENT_INFORMATION
  const priorLogMu = Math.log(config.ratePriorPerSec * (1 - config.branchingRatio))
  const rm = m - pull * prior.mm * (state.logMu - priorLogMu)
  const rc = c - pull * prior.nn * (state.branchingRatio - config.branchingRatio)
  const rb = b - pull * prior.bb * (state.logDecay - Math.log(config.decayPerSec))
  // Cholesky of three rows, written out: it runs with every market order.
  const l11 = Math.sqrt(information.mm + weight * prior.mm)
  const l21 = information.mn / l11
  const l31 = information.mb / l11
  const l22 = Math.sqrt(information.nn + weight * prior.nn - l21 * l21)
  const l32 = (information.nb - l31 * l21) / l22
  const l33 = Math.sqrt(information.bb + weight * prior.bb - l31 * l31 - l32 * l32)
  const y1 = rm / l11
  const y2 = (rc - l21 * y1) / l22
  const y3 = (rb - l31 * y1 - l32 * y2) / l33
  const stepB = y3 / l33
  const stepC = (y2 - l32 * stepB) / l22
  const stepM = (y1 - l21 * stepC - l31 * stepB) / l11
  state.logMu = within(state.logMu + within(stepM, -STEP_MAX, STEP_MAX), LOG_MU_MIN, LOG_MU_MAX)
  state.branchingRatio = within(state.branchingRatio + within(stepC, -STEP_MAX, STEP_MAX), 0, BRANCHING_MAX)
  state.logDecay = within(state.logDecay + within(stepB, -STEP_MAX, STEP_MAX), LOG_DECAY_MIN, LOG_DECAY_MAX)
  if (state.branchingRatio >= RUNAWAY_FROM) state.isStationary = false
  else if (state.branchingRatio < STATIONARY_BELOW) state.isStationary = true
}

function within(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

function secondsSinceLast({ eventTsMs, sinceTsMs }: HawkesFitState, tsMs: number): number {
  const lastTsMs = eventTsMs === 0 ? sinceTsMs : eventTsMs
  return Math.max(0, tsMs - lastTsMs) / 1_000
}

/** Seconds of a stretch that has faded to `fade` at its start and not at all at its end. */
function watchedSec(fade: number, halfLifeSec: number): number {
  return ((1 - fade) * halfLifeSec) / Math.LN2
}

/** λ over its long-run rate λ̄ at `tsMs`, with μ = λ̄(1 − n): 1 − n when nothing happened for long, above it in a burst. */
export function fittedIntensityRatio(state: HawkesFitState, tsMs: number): number {
  const { config } = state
  const elapsedSec = secondsSinceLast(state, tsMs)
  const fade = 0.5 ** (elapsedSec / config.halfLifeSec)
  const events = config.ratePriorPerSec * config.ratePriorSec + state.events * fade
  const seconds = config.ratePriorSec + state.seconds * fade + watchedSec(fade, config.halfLifeSec)
  const longRunPerSec = Math.max(events / seconds, config.rateMinPerSec)
  const branchingRatio = state.isStationary ? state.branchingRatio : config.branchingRatio
  const decayPerSec = state.isStationary ? Math.exp(state.logDecay) : config.decayPerSec
  const lastExcitation = state.isStationary ? state.excitation : state.priorExcitation
  const excitation = lastExcitation * Math.exp(-decayPerSec * elapsedSec)
  return 1 - branchingRatio + (branchingRatio * decayPerSec * excitation) / longRunPerSec
}

/** @param ratio of the intensity to its long-run rate. @param branching the share of children, with why it is not used */
export function readHawkesFit(state: HawkesFitState, tsMs: number, ratio: Reading, branching: Reading): void {
  const { config, events, eventTsMs, sinceTsMs } = state
  const isSilent = sinceTsMs === 0
  ratio.value = fittedIntensityRatio(state, tsMs)
  ratio.status = isSilent ? 'noData' : eventTsMs > 0 ? 'measured' : 'prior'
  ratio.tsMs = eventTsMs
  const seconds = isSilent ? 0 : Math.min((tsMs - sinceTsMs) / 1_000, config.halfLifeSec / Math.LN2)
  ratio.confidence = (seconds / (seconds + config.ratePriorSec)) * (state.isStationary ? 1 : 0.5)
  branching.value = state.branchingRatio
  branching.status = isSilent ? 'noData' : events >= config.priorEvents ? 'measured' : 'prior'
  if (!state.isStationary) branching.status = 'notIdentifiable'
  branching.tsMs = eventTsMs
  branching.confidence = events / (events + config.priorEvents)
}
