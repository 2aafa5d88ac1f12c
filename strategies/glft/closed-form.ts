/**
 * The closed form of Guéant, Lehalle and Fernandez-Tapia: half spread without inventory, price of one clip of
 * inventory, and depths with drift, adverse selection, fee and general fill size.
 *
 * in      γ per (price·lot), κ per price, A per second, σ per √second, q in lots; "price" is any one unit
 * out     depths in that price unit, from the reference price; they may be negative: the caller floors them
 * source  GLFT (2013), Prop. 3–5; Guéant (2017), 4.6–4.7; docs/math/glft.md
 *
 * Stable for tiny γ/κ: log1p throughout, and a series where (1 + x)^(1 + 1/x) would lose its digits.
 */
import { assert } from '../../src/core/assert.ts'

export interface GlftModel {
  readonly sigma: number
  readonly fillRate: number
  readonly kappa: number
  /** Aversion to inventory; 0: none. */
  readonly gamma: number
  /** Aversion to the uncertainty of execution; equal to gamma in the first model, 0 for mean minus variance. */
  readonly executionGamma: number
  /** Lots that one fill trades, Δ > 0. */
  readonly clip: number
}

export interface Depths {
  readonly bidDepth: number
  readonly askDepth: number
}

/** Below it the series of ln P is exact to the last bit. */
const SERIES_BELOW = 1e-6
const SMALLEST_NORMAL = 2.2250738585072014e-308

/** h0 = ln(1 + γΔ/κ)/(γΔ), and 1/κ in the limit γ → 0. */
export function inventoryFreeHalfSpread(of: {
  readonly gamma: number
  readonly kappa: number
  readonly clip: number
}): number {
  assertPositive('kappa', of.kappa)
  assertPositive('clip', of.clip)
  assertNotNegative('gamma', of.gamma)
  const gammaClip = of.gamma * of.clip
  const x = gammaClip / of.kappa
  return x < SMALLEST_NORMAL ? 1 / of.kappa : Math.log1p(x) / gammaClip
}

/** (1 + x)^(1 + 1/x), e in the limit x → 0. */
export function executionPower(x: number): number {
  assertNotNegative('gamma/kappa', x)
  const log = x < SERIES_BELOW ? 1 + x / 2 - (x * x) / 6 : (1 + 1 / x) * Math.log1p(x)
  return Math.exp(log)
}

/** C, price per lot of inventory: σ √(γ/(2AΔκ) · (1 + ξΔ/κ)^(1 + κ/(ξΔ))). */
export function riskScale(model: GlftModel): number {
  const { sigma, fillRate, kappa, gamma, executionGamma, clip } = model
  assertPositive('fillRate', fillRate)
  assertPositive('kappa', kappa)
  assertPositive('clip', clip)
  assertNotNegative('sigma', sigma)
  assertNotNegative('gamma', gamma)
  const power = executionPower((executionGamma * clip) / kappa)
  return sigma * Math.sqrt((gamma / (2 * fillRate * clip * kappa)) * power)
}

/** Depths at inventory q (lots): h0 ± (2q ± Δ)/2 · C. */
export function asymptoticDepths(model: GlftModel, q: number): Depths {
  const { kappa, executionGamma, clip } = model
  const halfSpread = inventoryFreeHalfSpread({ gamma: executionGamma, kappa, clip })
  const scale = riskScale(model)
  return {
    bidDepth: halfSpread + ((2 * q + clip) / 2) * scale,
    askDepth: halfSpread - ((2 * q - clip) / 2) * scale,
  }
}

/**
 * Depths with what the plain model leaves out, for unit clips.
 * @param of drift of the reference, price/s; `impactPerFill` permanent move against us; `feePerUnit` maker fee
 */
export function extendedDepths(
  model: GlftModel,
  q: number,
  of: { readonly drift: number; readonly impactPerFill: number; readonly feePerUnit: number },
): Depths {
  const { kappa, executionGamma, clip, gamma, sigma } = model
  const halfSpread = inventoryFreeHalfSpread({ gamma: executionGamma, kappa, clip })
  const scale = riskScale(model) * costGrowth(kappa, of.impactPerFill, of.feePerUnit)
  const cost = of.impactPerFill / 2 + of.feePerUnit
  const lean = of.drift === 0 ? 0 : (of.drift / (gamma * sigma * sigma)) * scale
  return {
    bidDepth: halfSpread + ((2 * q + clip) / 2) * scale + cost - lean,
    askDepth: halfSpread - ((2 * q - clip) / 2) * scale + cost + lean,
  }
}

/** Impact and fee lower the rate of fills that is worth having, so inventory costs more: C grows by this factor. */
export function costGrowth(kappa: number, impactPerFill: number, feePerUnit: number): number {
  return Math.exp(kappa * (impactPerFill / 4 + feePerUnit / 2))
}

/** The sentence is made only when it is needed: to print a number costs more than the formula. */
function assertPositive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return
  assert(false, `glft: ${name} is positive and finite; got ${value}`)
}

function assertNotNegative(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return
  assert(false, `glft: ${name} is not negative and finite; got ${value}`)
}
