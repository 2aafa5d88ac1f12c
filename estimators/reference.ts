/**
 * What another market of the same coin says about ours: the main DEX beside a builder DEX. Ours is expected at the reference's
 * price plus the usual basis; how much of a gap to that is made up within the horizon is learnt, not assumed.
 *
 * in      mids of the reference in ticks of our market; our own mid and fair price, sampled on an even grid
 * out     basis in bps, lead 0…1, and the move of our fair price that is still to come, at most `moveBpsMax`
 * state   decayed sums, and the gaps of one horizon: at most `WINDOW_SAMPLES_MAX`
 * source  an error correction with one lag (Engle & Granger 1987); docs/math/reference.md
 */
import { assert } from '../src/core/assert.ts'
import type { Reading } from '../src/core/contracts.ts'
import { BPS } from '../src/core/units.ts'

export interface ReferenceConfig {
  /** There is one to be heard of. */
  readonly isExpected: boolean
  /** Memory of the basis, s. */
  readonly halfLifeSec: number
  /** Memory of the lead, s. */
  readonly leadHalfLifeSec: number
  /** Time within which a gap is expected to be made up, ms. */
  readonly horizonMs: number
  /** The fair price is moved by at most this, bps ≥ 0. */
  readonly moveBpsMax: number
  /** A reference that says nothing for this long moves nothing, ms. */
  readonly staleMs: number
}

/** Our own market at one moment; > 0 once there was a two-sided book. */
interface OwnPrices {
  readonly midTicks: number
  readonly fairTicks: number
}

export interface ReferenceState {
  readonly config: ReferenceConfig
  /** 0 before the first. */
  midTicks: number
  tsMs: number
  nextSampleTsMs: number
  /** Σ w·ln(own mid/reference) and Σ w, decayed. */
  basisSum: number
  basisWeight: number
  basisSamples: number
  /** Σ w·gap·move, Σ w·gap², decayed; and the decayed number of horizons behind them. */
  gapMove: number
  gapGap: number
  horizons: number
  /** A ring of the gaps that wait for their horizon, and our log fair price beside each; oldest at `next` once it is full. */
  readonly gaps: number[]
  readonly fairLogs: number[]
  next: number
}

const REFERENCE_SAMPLE_MS = 250
/** Of a horizon of ten seconds. */
const WINDOW_SAMPLES_MAX = 40
/** Five seconds: the basis is the mean of a fast noise and a slow one, and that takes out the fast one. */
const BASIS_SAMPLES_MIN = 20
/** Horizons after which the learnt lead is half believed: a minute at two seconds. */
const LEAD_PRIOR_HORIZONS = 30
/** A gap or a move beyond this teaches no more: one jump must not decide for minutes. */
const LEARN_BPS_MAX = 20

/** @throws InvariantError naming the field when a setting has no meaning */
export function initReference(config: ReferenceConfig): ReferenceState {
  assert(config.halfLifeSec > 0 && config.leadHalfLifeSec > 0, 'reference: half lives are positive')
  assert(windowSamples(config) >= 1, `reference: horizonMs is at least ${REFERENCE_SAMPLE_MS}`)
  assert(windowSamples(config) <= WINDOW_SAMPLES_MAX, 'reference: horizonMs is at most ten seconds')
  return {
    config,
    midTicks: 0,
    tsMs: 0,
    nextSampleTsMs: 0,
    basisSum: 0,
    basisWeight: 0,
    basisSamples: 0,
    gapMove: 0,
    gapGap: 0,
    horizons: 0,
    gaps: [],
    fairLogs: [],
    next: 0,
  }
}

/** @param midTicks of the reference, in ticks of our market, > 0 */
export function observeReference(state: ReferenceState, tsMs: number, midTicks: number): void {
  assert(Number.isFinite(midTicks) && midTicks > 0, 'reference: a mid is a positive number of ticks')
  assert(tsMs >= state.tsMs, 'reference: time does not go back')
  if (state.tsMs === 0) state.nextSampleTsMs = tsMs + REFERENCE_SAMPLE_MS
  state.midTicks = midTicks
  state.tsMs = tsMs
}

/**
 * Samples what falls due up to `tsMs`, with what was known before it. A silence longer than a window begins it anew.
 * @param own null while our own market has no fresh price
 */
export function passReferenceTime(state: ReferenceState, tsMs: number, own: OwnPrices | null): void {
  if (state.tsMs === 0 || tsMs < state.nextSampleTsMs) return
  if (tsMs - state.nextSampleTsMs > WINDOW_SAMPLES_MAX * REFERENCE_SAMPLE_MS) {
    forgetWindow(state)
    state.nextSampleTsMs = tsMs
  }
  while (state.nextSampleTsMs <= tsMs) {
    sample(state, state.nextSampleTsMs, own)
    state.nextSampleTsMs += REFERENCE_SAMPLE_MS
  }
}

function sample(state: ReferenceState, tsMs: number, own: OwnPrices | null): void {
  if (own === null || isStale(state, tsMs)) {
    forgetWindow(state)
    return
  }
  const basisLog = Math.log(own.midTicks / state.midTicks)
  if (state.basisSamples >= BASIS_SAMPLES_MIN) learnLead(state, own)
  const keep = keepPerSample(state.config.halfLifeSec)
  state.basisSum = state.basisSum * keep + basisLog
  state.basisWeight = state.basisWeight * keep + 1
  state.basisSamples = Math.min(state.basisSamples + 1, BASIS_SAMPLES_MIN)
}

/** The gap of one horizon ago against what our mid has done since, by least squares through the origin. */
function learnLead(state: ReferenceState, own: OwnPrices): void {
  const { config, gaps, fairLogs, next } = state
  const size = windowSamples(config)
  const gap = clipped(gapLog(state, own.fairTicks))
  const gapThen = gaps[next]
  const fairThen = fairLogs[next]
  if (gaps.length === size && gapThen !== undefined && fairThen !== undefined) {
    const move = clipped(Math.log(own.midTicks) - fairThen)
    const keep = keepPerSample(config.leadHalfLifeSec)
    state.gapMove = state.gapMove * keep + gapThen * move
    state.gapGap = state.gapGap * keep + gapThen * gapThen
    // The windows of neighbouring samples overlap: together they tell as much as one.
    state.horizons = state.horizons * keep + 1 / size
  }
  gaps[next] = gap
  fairLogs[next] = Math.log(own.fairTicks)
  state.next = (next + 1) % size
}

export function readReferenceBasis(state: ReferenceState, tsMs: number, out: Reading): void {
  const status = statusOf(state, tsMs)
  out.value = state.basisWeight > 0 ? basisOf(state) / BPS : 0
  out.status = status
  out.tsMs = state.tsMs
  out.confidence = status === 'measured' ? 1 : 0
}

/** 0: our market moves by itself. 1: it makes up all of a gap within the horizon. */
export function readReferenceLead(state: ReferenceState, tsMs: number, out: Reading): void {
  const status = statusOf(state, tsMs)
  const isKnown = state.horizons > 0
  out.value = leadOf(state)
  out.status = status === 'measured' && !isKnown ? 'warming' : status
  out.tsMs = state.tsMs
  out.confidence = out.status === 'measured' ? leadConfidence(state) : 0
}

/** How far the fair price is moved towards the reference, bps. Not usable: it is not moved, and the status says why. */
export function readReferenceMove(
  state: ReferenceState,
  tsMs: number,
  fairTicks: number,
  out: Reading,
): void {
  readReferenceLead(state, tsMs, out)
  if (out.status !== 'measured' || fairTicks <= 0) {
    out.value = 0
    return
  }
  const { moveBpsMax } = state.config
  const moveBps = (out.confidence * out.value * gapLog(state, fairTicks)) / BPS
  out.value = Math.min(Math.max(moveBps, -moveBpsMax), moveBpsMax)
}

function statusOf(state: ReferenceState, tsMs: number): Reading['status'] {
  if (state.tsMs === 0) return state.config.isExpected ? 'noData' : 'off'
  if (isStale(state, tsMs)) return 'stale'
  return state.basisSamples < BASIS_SAMPLES_MIN ? 'warming' : 'measured'
}

function isStale(state: ReferenceState, tsMs: number): boolean {
  return tsMs - state.tsMs > state.config.staleMs
}

/** Where the reference and the usual basis expect us, above where we are; log. */
function gapLog(state: ReferenceState, fairTicks: number): number {
  return Math.log(state.midTicks / fairTicks) + basisOf(state)
}

function basisOf(state: ReferenceState): number {
  return state.basisSum / state.basisWeight
}

function leadOf({ gapMove, gapGap }: ReferenceState): number {
  return gapGap > 0 ? Math.min(Math.max(gapMove / gapGap, 0), 1) : 0
}

function leadConfidence({ horizons }: ReferenceState): number {
  return horizons / (horizons + LEAD_PRIOR_HORIZONS)
}

function forgetWindow(state: ReferenceState): void {
  state.gaps.length = 0
  state.fairLogs.length = 0
  state.next = 0
}

function windowSamples({ horizonMs }: ReferenceConfig): number {
  return Math.floor(horizonMs / REFERENCE_SAMPLE_MS)
}

function keepPerSample(halfLifeSec: number): number {
  return 0.5 ** (REFERENCE_SAMPLE_MS / 1000 / halfLifeSec)
}

function clipped(log: number): number {
  const bound = LEARN_BPS_MAX * BPS
  return Math.min(Math.max(log, -bound), bound)
}
