/**
 * Dynamic risk aversion: ln g = ln g₀ + Σ xᵢ, bounded once at the end, each factor visible.
 *
 * in      what is known of volatility, regime, jumps, toxicity, inventory, depth, spread, warm-up and hour
 * out     the factors as logarithms ≥ 0 and their bounded sum; the price of inventory grows by √ of it
 * source  docs/math/risk-aversion.md
 *
 * All factors are at least one: signals widen freely, and nothing here tightens below the configured aversion.
 */
import { assert } from '../../src/core/assert.ts'
import type { VolatilityRegime } from '../../src/core/contracts.ts'
import { executionPower, riskScale } from './closed-form.ts'

/** Logarithms of the factors, each ≥ 0; 0 is neutral. */
export interface RiskFactors {
  volatility: number
  regime: number
  inventory: number
  depth: number
  spread: number
  warmup: number
  toxicity: number
  hour: number
}

export interface RiskFactorInput {
  /** Sigma over its reference, ≥ 0. */
  readonly sigmaRatio: number
  readonly regime: VolatilityRegime
  /** RV/BV of the recent window, and its z; null: not known. */
  readonly jumpRatio: number | null
  readonly jumpZ: number | null
  /** |position| over its limit, ≥ 0. */
  readonly inventoryShare: number
  /** Depth over the depth that is enough; null: not known. */
  readonly depthShare: number | null
  /** Widest hole of the book over the one that counts as no depth at all; null: not known. */
  readonly holeShare: number | null
  /** (percentile of the spread − what is usual)/(1 − what is usual), ≤ 1; null: not known. */
  readonly spreadExcess: number | null
  /** Share of the essential estimates that are measured, 0…1. */
  readonly warmth: number
  /** (toxicity − neutral)/(1 − neutral), 0…1. */
  readonly toxicityExcess: number
  /** Trade intensity over its long-run rate; null: not known. */
  readonly tradeIntensityRatio: number | null
  readonly hourMultiplier: number
}

/** Weights: what each input adds to ln g at its full strength. */
const VOLATILITY_WEIGHT = 0.5
const VOLATILITY_MAX = Math.LN2
const REGIME_LOG: Readonly<Record<VolatilityRegime, number>> = {
  calm: 0,
  normal: 0,
  volatile: Math.log(1.5),
  extreme: Math.log(2.5),
}
const JUMP_Z = 3.09
const JUMP_RATIO_MAX = 4
const INVENTORY_WEIGHT = 1
const THIN_BOOK_LOG = Math.log(1.5)
/** A hole below this share of the full one is the ordinary distance of levels. */
const HOLE_ORDINARY_SHARE = 0.5
const WIDE_SPREAD_LOG = Math.log(1.5)
const WARMUP_LOG = Math.log(1.5)
const TOXICITY_WEIGHT = 0.5
/** Trade intensity that is still ordinary, and the one that counts fully. */
const INTENSITY_ORDINARY = 2
const INTENSITY_FULL = 6

export function initRiskFactors(): RiskFactors {
  return { volatility: 0, regime: 0, inventory: 0, depth: 0, spread: 0, warmup: 0, toxicity: 0, hour: 0 }
}

export function writeRiskFactors(input: RiskFactorInput, out: RiskFactors): void {
  assert(input.hourMultiplier >= 1, 'risk aversion: an hour multiplier is at least one')
  out.volatility = Math.min(VOLATILITY_WEIGHT * Math.log(Math.max(input.sigmaRatio, 1)), VOLATILITY_MAX)
  const hasJump = input.jumpRatio !== null && input.jumpZ !== null && input.jumpZ >= JUMP_Z
  const jump = hasJump ? 0.5 * Math.log(Math.min(Math.max(input.jumpRatio ?? 1, 1), JUMP_RATIO_MAX)) : 0
  out.regime = REGIME_LOG[input.regime] + jump
  out.inventory = inventoryLog(Math.min(input.inventoryShare, 1))
  // Depth that lies behind a hole is none: the worse of both counts, not their sum.
  const hole = ((input.holeShare ?? 0) - HOLE_ORDINARY_SHARE) / (1 - HOLE_ORDINARY_SHARE)
  out.depth = THIN_BOOK_LOG * Math.min(Math.max(0, 1 - (input.depthShare ?? 1), hole), 1)
  out.spread = WIDE_SPREAD_LOG * Math.max(0, input.spreadExcess ?? 0)
  out.warmup = WARMUP_LOG * (1 - input.warmth)
  const intensity =
    ((input.tradeIntensityRatio ?? 0) - INTENSITY_ORDINARY) / (INTENSITY_FULL - INTENSITY_ORDINARY)
  out.toxicity = TOXICITY_WEIGHT * (input.toxicityExcess + Math.min(Math.max(intensity, 0), 1))
  out.hour = input.hourMultiplier === 1 ? 0 : Math.log(input.hourMultiplier)
}

/** The position changes more rarely than anybody looks at it: the last answer is kept, with what it is the answer to. */
const lastInventory = { share: 0, log: 0 }

function inventoryLog(share: number): number {
  if (share !== lastInventory.share) {
    lastInventory.share = share
    lastInventory.log = Math.log1p(INVENTORY_WEIGHT * share ** 2)
  }
  return lastInventory.log
}

/**
 * γ = clamp(γ_base · Π mᵢ, min, max), with every mᵢ > 0; through logarithms, so that the factors can be shown as a sum.
 */
export function dynamicGamma(of: {
  readonly base: number
  readonly multipliers: readonly number[]
  readonly min: number
  readonly max: number
}): { readonly product: number; readonly clamped: number; readonly logAdditive: number } {
  assert(
    of.base > 0 && of.multipliers.every((m) => m > 0),
    'risk aversion: base and multipliers are positive',
  )
  const log = of.multipliers.reduce((sum, multiplier) => sum + Math.log(multiplier), Math.log(of.base))
  const product = of.multipliers.reduce((value, multiplier) => value * multiplier, of.base)
  const bound = (value: number): number => Math.min(Math.max(value, of.min), of.max)
  return { product, clamped: bound(product), logAdditive: bound(Math.exp(log)) }
}

const BISECTIONS = 200

/**
 * γ (per price·lot) such that C(γ) · inventoryMax is the wanted skew. C rises with γ, so bisection on ln γ is safe.
 * @returns null when no γ in reach gives it: sigma is zero or the target is beyond any
 */
export function gammaFromTargetSkew(of: {
  readonly sigma: number
  readonly fillRate: number
  readonly kappa: number
  readonly inventoryMax: number
  readonly targetSkew: number
}): number | null {
  const { sigma, fillRate, kappa, inventoryMax, targetSkew } = of
  assert(inventoryMax > 0 && targetSkew > 0, 'risk aversion: inventoryMax and targetSkew are positive')
  const skewAt = (logGamma: number): number => {
    const gamma = Math.exp(logGamma)
    return riskScale({ sigma, fillRate, kappa, gamma, executionGamma: gamma, clip: 1 }) * inventoryMax
  }
  let low = Math.log(kappa) - 60
  let high = Math.log(kappa) + 12
  if (sigma <= 0 || skewAt(high) < targetSkew || skewAt(low) > targetSkew) return null
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (skewAt(middle) < targetSkew) low = middle
    else high = middle
  }
  return Math.exp((low + high) / 2)
}

/**
 * Dimensionless g such that C · inventoryMax is the wanted skew, with the execution aversion given apart: then
 * C = σ√(g P/(2A)) and the answer is closed.
 */
export function aversionFromTargetSkew(of: {
  readonly sigma: number
  readonly fillRate: number
  readonly executionRiskAversion: number
  readonly inventoryMax: number
  readonly targetSkew: number
}): number {
  const perClip = of.targetSkew / of.inventoryMax
  const power = executionPower(of.executionRiskAversion)
  return (2 * of.fillRate * (perClip / of.sigma) ** 2) / power
}
