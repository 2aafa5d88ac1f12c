/**
 * Measures of a run: drawdown, Sharpe and relatives, hedge effectiveness. Undefined is null, never an infinity.
 *
 * in      equity or returns on an even time grid (tick-level returns must be aggregated first)
 * source  Sharpe (1994); Lo (2002); Bailey & López de Prado (2012)
 */
import { assert } from '../assert.ts'
import { normalCdf } from './normal.ts'

export interface Drawdown {
  readonly maxAbsolute: number
  /** Null when the peak was never positive. */
  readonly maxRelative: number | null
  /** Most samples in a row below an earlier peak. */
  readonly longestUnderwaterSamples: number
  readonly current: number
}

/** @param equity at least one value; the first counts as a peak */
export function drawdownOf(equity: readonly number[]): Drawdown {
  assert(equity.length > 0, 'a drawdown needs at least one value')
  let peak = equity[0]!
  let maxAbsolute = 0
  let maxRelative: number | null = peak > 0 ? 0 : null
  let underwater = 0
  let longestUnderwaterSamples = 0
  for (const value of equity) {
    peak = Math.max(peak, value)
    const fall = peak - value
    maxAbsolute = Math.max(maxAbsolute, fall)
    if (peak > 0) maxRelative = Math.max(maxRelative ?? 0, fall / peak)
    underwater = fall > 0 ? underwater + 1 : 0
    longestUnderwaterSamples = Math.max(longestUnderwaterSamples, underwater)
  }
  return { maxAbsolute, maxRelative, longestUnderwaterSamples, current: peak - equity[equity.length - 1]! }
}

export interface SharpeReport {
  /** Annualised by √periods; null without variation. */
  readonly sharpe: number | null
  readonly sharpePerPeriod: number | null
  /** Downside deviation over all samples, annualised; null without losses. */
  readonly sortino: number | null
  /** Of the per-period ratio, independent returns. */
  readonly stdErrIid: number | null
  readonly skew: number | null
  readonly kurtosisRaw: number | null
  /** P(true ratio > 0). */
  readonly probabilisticSharpe: number | null
}

/** @param returns excess returns per period, at least two */
export function sharpeOf(returns: readonly number[], periodsPerYear: number): SharpeReport {
  const n = returns.length
  assert(n >= 2, 'a Sharpe ratio needs at least two returns')
  const mean = returns.reduce((sum, value) => sum + value, 0) / n
  const moment = (power: number): number =>
    returns.reduce((sum, value) => sum + (value - mean) ** power, 0) / n
  const variance = (moment(2) * n) / (n - 1)
  const downside = Math.sqrt(returns.reduce((sum, value) => sum + Math.min(value, 0) ** 2, 0) / n)
  const annual = Math.sqrt(periodsPerYear)
  const sortino = downside > 0 ? (mean / downside) * annual : null
  if (variance === 0) {
    return {
      sharpe: null,
      sharpePerPeriod: null,
      sortino,
      stdErrIid: null,
      skew: null,
      kurtosisRaw: null,
      probabilisticSharpe: null,
    }
  }
  const ratio = mean / Math.sqrt(variance)
  const skew = moment(3) / moment(2) ** 1.5
  const kurtosisRaw = moment(4) / moment(2) ** 2
  const spread = 1 - skew * ratio + ((kurtosisRaw - 1) / 4) * ratio * ratio
  return {
    sharpe: ratio * annual,
    sharpePerPeriod: ratio,
    sortino,
    stdErrIid: Math.sqrt((1 + (ratio * ratio) / 2) / n),
    skew,
    kurtosisRaw,
    probabilisticSharpe: spread > 0 ? normalCdf((ratio * Math.sqrt(n - 1)) / Math.sqrt(spread)) : null,
  }
}

/**
 * η(q) = q/√(q + 2Σ(q − k)ρ_k), in place of √q when returns are autocorrelated.
 * @param autocorrelations ρ₁, ρ₂, …; lags beyond the list count as zero
 */
export function loEta(q: number, autocorrelations: readonly number[]): number {
  assert(q >= 1, 'loEta takes at least one period')
  let sum = 0
  autocorrelations.forEach((rho, index) => {
    if (index + 1 < q) sum += (q - index - 1) * rho
  })
  const scale = q + 2 * sum
  assert(scale > 0, 'loEta: the autocorrelations leave a positive variance')
  return q / Math.sqrt(scale)
}

/** 1 − Var(hedged)/Var(unhedged); null when there was nothing to hedge. */
export function hedgeEffectiveness(
  unhedgedPnl: readonly number[],
  hedgedPnl: readonly number[],
): number | null {
  assert(unhedgedPnl.length === hedgedPnl.length, 'hedged and unhedged have the same periods')
  const unhedged = varianceOf(unhedgedPnl)
  return unhedged === 0 ? null : 1 - varianceOf(hedgedPnl) / unhedged
}

function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
}
