/**
 * The volatility that quoting uses, from three memories of bipower variation, a prior, and a check against what
 * really happened.
 *
 * in      samples on the grid: the mean mid of each interval for the volatilities, the mid at its end for the jump test
 * out     sigma (per √second) of a short, middle and long memory; the middle one is the model's
 * state   five small estimators, the bounce, the jump test and the regime
 * source  docs/math/volatility.md
 *
 * The prior is blended out over the warm-up, so that the number moves smoothly and is never missing. When the
 * volatility realised in the last seconds leaves [½, 2] times the model without a jump to explain it, or stays there
 * for a half life, or when most returns are zero (which pulls bipower down), the realised one is used: a model that
 * is wrong for hours is worse than one that counts a jump.
 */
import { assert } from '../src/core/assert.ts'
import type { Reading, VolatilityRegime } from '../src/core/contracts.ts'
import { bipowerVolatility } from './bipower-volatility.ts'
import type { BipowerState } from './bipower-volatility.ts'
import { initBounce, MEAN_VARIANCE_SHARE, movementShare, updateBounce } from './bounce.ts'
import type { BounceState } from './bounce.ts'
import type { GridSample, MidSample } from './grid-sampler.ts'
import { jumpTest } from './jump-test.ts'
import type { JumpTestState } from './jump-test.ts'
import { nonZeroShare, realisedVolatility } from './realised-volatility.ts'
import type { RealisedState } from './realised-volatility.ts'
import { initRegime, updateRegime } from './volatility-regime.ts'
import type { RegimeState } from './volatility-regime.ts'

export interface VolatilityConfig {
  readonly sigmaPriorPerSqrtSec: number
  /** No reading below this: a market that stands still for a minute is not riskless. */
  readonly sigmaMinPerSqrtSec: number
  readonly sampleMs: number
  readonly fastHalfLifeSec: number
  readonly halfLifeSec: number
  readonly slowHalfLifeSec: number
  readonly warmupPairs: number
  readonly jumpWindowReturns: number
  readonly regimeEnter: readonly [number, number, number]
}

export interface VolatilityState {
  readonly config: VolatilityConfig
  readonly fast: BipowerState
  readonly middle: BipowerState
  readonly slow: BipowerState
  readonly realised: RealisedState
  readonly realisedFast: RealisedState
  readonly bounce: BounceState
  /** Since when the realised volatility contradicts the model; null while it does not. */
  outsideSinceTsMs: number | null
  readonly jumps: JumpTestState
  readonly regime: RegimeState
  tsMs: number
}

/** Realised over predicted outside this band means that the model is wrong. */
const OVERRIDE_BELOW = 0.5
const OVERRIDE_ABOVE = 2
/** z of the jump test beyond which a jump, not a wrong model, explains the difference (0.1 % one-sided). */
const JUMP_Z = 3.09
/** A return counts at most this many standard deviations in the model. */
const CLIP_SIGMAS = 6
/** Below this share of moving intervals bipower variation is starved. */
const NON_ZERO_SHARE_MIN = 0.6
const REGIME_LEAVE_SHARE = 0.8
/** Returns after which the bounce is believed as much as its absence. */
const BOUNCE_PRIOR_PRODUCTS = 20

/** Written and read within one call. */
const mean: MidSample = { tsMs: 0, midTicks: 0 }

export function initVolatility(config: VolatilityConfig): VolatilityState {
  assert(config.sigmaPriorPerSqrtSec > 0, 'volatility: sigmaPriorPerSqrtSec is positive')
  assert(config.sigmaMinPerSqrtSec > 0, 'volatility: sigmaMinPerSqrtSec is positive')
  const { sampleMs, warmupPairs, fastHalfLifeSec, halfLifeSec, slowHalfLifeSec } = config
  assert(fastHalfLifeSec < halfLifeSec && halfLifeSec < slowHalfLifeSec, 'volatility: half lives ascend')
  const bipower = (memorySec: number): BipowerState =>
    bipowerVolatility.init({
      sampleMs,
      varianceShare: MEAN_VARIANCE_SHARE,
      halfLifeSec: memorySec,
      warmupPairs,
      clipSigmas: CLIP_SIGMAS,
      clipFloorPerSqrtSec: config.sigmaMinPerSqrtSec,
    })
  return {
    config,
    fast: bipower(fastHalfLifeSec),
    middle: bipower(halfLifeSec),
    slow: bipower(slowHalfLifeSec),
    realised: realisedVolatility.init({
      sampleMs,
      varianceShare: MEAN_VARIANCE_SHARE,
      halfLifeSec,
      warmupReturns: warmupPairs,
    }),
    realisedFast: realisedVolatility.init({
      sampleMs,
      varianceShare: MEAN_VARIANCE_SHARE,
      halfLifeSec: fastHalfLifeSec,
      warmupReturns: warmupPairs,
    }),
    bounce: initBounce({ sampleMs, halfLifeSec: slowHalfLifeSec, priorProducts: BOUNCE_PRIOR_PRODUCTS }),
    outsideSinceTsMs: null,
    jumps: jumpTest.init({ sampleMs, windowReturns: config.jumpWindowReturns, warmupReturns: 20 }),
    regime: initRegime({ enter: config.regimeEnter, leaveShare: REGIME_LEAVE_SHARE }),
    tsMs: 0,
  }
}

export function updateVolatility(state: VolatilityState, sample: Readonly<GridSample>): void {
  mean.tsMs = sample.tsMs
  mean.midTicks = sample.meanTicks
  bipowerVolatility.update(state.fast, mean)
  bipowerVolatility.update(state.middle, mean)
  bipowerVolatility.update(state.slow, mean)
  realisedVolatility.update(state.realised, mean)
  realisedVolatility.update(state.realisedFast, mean)
  updateBounce(state.bounce, mean, returnMax(state))
  jumpTest.update(state.jumps, sample)
  state.tsMs = sample.tsMs
  if (!isContradicted(state)) state.outsideSinceTsMs = null
  else state.outsideSinceTsMs ??= sample.tsMs
  if (isWarm(state)) {
    updateRegime(state.regime, sigmaOf(state, state.fast), sigmaOf(state, state.slow))
  }
}

/** The model's sigma: middle memory, overridden by what was realised when the two disagree. */
export function readSigma(state: VolatilityState, out: Reading): void {
  writeReading(state, state.middle, out)
  const realised = realisedOf(state, state.realised)
  const realisedFast = realisedOf(state, state.realisedFast)
  if (realised === null || realisedFast === null) return
  if (nonZeroShare(state.realised) < NON_ZERO_SHARE_MIN) out.value = Math.max(out.value, realised)
  else if (isOverridden(state)) {
    out.value = Math.max(realisedFast, state.config.sigmaMinPerSqrtSec)
    out.confidence *= 0.5
  }
}

/** Realised over the last seconds against the model. */
function isContradicted(state: VolatilityState): boolean {
  const realisedFast = realisedOf(state, state.realisedFast)
  if (realisedFast === null || !isWarm(state)) return false
  const ratio = realisedFast / sigmaOf(state, state.middle)
  return ratio < OVERRIDE_BELOW || ratio > OVERRIDE_ABOVE
}

/** What was realised, without its bounce. */
function realisedOf(state: VolatilityState, realised: RealisedState): number | null {
  const sigma = realisedVolatility.read(realised)
  return sigma === null ? null : sigma * Math.sqrt(movementShare(state.bounce))
}

/** The largest return of a mean mid that the model takes for diffusion. */
function returnMax(state: VolatilityState): number {
  const { sigmaPriorPerSqrtSec, sampleMs } = state.config
  const sigma = isWarm(state) ? Math.sqrt(state.middle.variancePerSec) : sigmaPriorPerSqrtSec
  const least = Math.max(sigma, state.config.sigmaMinPerSqrtSec)
  return CLIP_SIGMAS * least * Math.sqrt((sampleMs / 1000) * MEAN_VARIANCE_SHARE)
}

/** A jump explains a contradiction, but not one that stays for a whole half life. */
function isOverridden(state: VolatilityState): boolean {
  if (state.outsideSinceTsMs === null) return false
  const jumpZ = jumpTest.read(state.jumps).z
  const heldMs = state.tsMs - state.outsideSinceTsMs
  return jumpZ === null || jumpZ < JUMP_Z || heldMs >= state.config.halfLifeSec * 1000
}

export function readSigmaFast(state: VolatilityState, out: Reading): void {
  writeReading(state, state.fast, out)
}

export function readSigmaSlow(state: VolatilityState, out: Reading): void {
  writeReading(state, state.slow, out)
}

/** RV/BV and its z over the jump window. */
export function readJumps(state: VolatilityState, ratio: Reading, z: Reading): void {
  const jump = jumpTest.read(state.jumps)
  writeOptional(jump.ratio, state, ratio)
  writeOptional(jump.z, state, z)
}

export function readRegime(state: VolatilityState): VolatilityRegime {
  return state.regime.regime
}

function writeOptional(value: number | null, state: VolatilityState, out: Reading): void {
  out.value = value ?? 0
  out.status = value === null ? 'warming' : 'measured'
  out.tsMs = state.tsMs
  out.confidence =
    value === null ? 0 : Math.min(1, state.jumps.absReturns.count / state.jumps.config.windowReturns)
}

function writeReading(state: VolatilityState, bipower: BipowerState, out: Reading): void {
  out.value = sigmaOf(state, bipower)
  out.status = isWarm(state) ? 'measured' : 'prior'
  out.tsMs = state.tsMs
  out.confidence = Math.min(1, bipower.pairs / (3 * state.config.warmupPairs))
}

function isWarm(state: VolatilityState): boolean {
  return state.middle.pairs >= state.config.warmupPairs
}

/** Variance of prior and data, the data's weight growing to one over the warm-up. */
function sigmaOf(state: VolatilityState, bipower: BipowerState): number {
  const { sigmaPriorPerSqrtSec, sigmaMinPerSqrtSec, warmupPairs } = state.config
  const dataWeight = Math.min(1, bipower.pairs / warmupPairs)
  const measured = bipower.variancePerSec * movementShare(state.bounce)
  // Once warm the prior weighs nothing: adding nothing leaves each bit as it is.
  const variance =
    dataWeight === 1 ? measured : dataWeight * measured + (1 - dataWeight) * sigmaPriorPerSqrtSec ** 2
  return Math.max(Math.sqrt(variance), sigmaMinPerSqrtSec)
}
