/**
 * Options and underlying that make a portfolio neutral in gamma (and vega), then in delta.
 *
 * in      Greeks of portfolio and options in one size unit, on one underlying
 * out     lots to trade, positive buys; null when the options cannot do it
 * source  Hull, Options, Futures and Other Derivatives; docs/math/hedging.md
 *
 * One option cannot neutralise both gamma and vega. Round the options to lots first, then solve the underlying again.
 */
import { solveLinear } from '../../src/core/math/linear.ts'

export interface Greeks {
  readonly delta: number
  readonly gamma: number
  readonly vega: number
}

/** Determinant below this share of the row norms: the options are nearly the same one. */
const DETERMINANT_SHARE_MIN = 1e-8

export function deltaGammaHedge(
  portfolio: Pick<Greeks, 'delta' | 'gamma'>,
  option: Pick<Greeks, 'delta' | 'gamma'>,
): { readonly option: number; readonly underlying: number } | null {
  if (option.gamma === 0) return null
  const size = -portfolio.gamma / option.gamma
  return { option: size, underlying: -(portfolio.delta + size * option.delta) }
}

export function deltaGammaVegaHedge(
  portfolio: Greeks,
  first: Greeks,
  second: Greeks,
): { readonly first: number; readonly second: number; readonly underlying: number } | null {
  const determinant = first.gamma * second.vega - second.gamma * first.vega
  const norms = Math.hypot(first.gamma, second.gamma) * Math.hypot(first.vega, second.vega)
  if (norms === 0 || Math.abs(determinant) < DETERMINANT_SHARE_MIN * norms) return null
  const sizes = solveLinear(
    [
      [first.gamma, second.gamma],
      [first.vega, second.vega],
    ],
    [-portfolio.gamma, -portfolio.vega],
  )
  if (sizes === null) return null
  const [a = 0, b = 0] = sizes
  return { first: a, second: b, underlying: -(portfolio.delta + a * first.delta + b * second.delta) }
}
