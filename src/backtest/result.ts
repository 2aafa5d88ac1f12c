/** The figures of a backtest, all computed from its recording. docs/backtest.md defines each. */
import { assert } from '../core/assert.ts'
import type { MarketSpec } from '../core/market.ts'
import { drawdownOf, sharpeOf } from '../core/math/performance.ts'
import type { Drawdown, SharpeReport } from '../core/math/performance.ts'
import { attributionOf } from './attribution.ts'
import type { Attribution } from './attribution.ts'
import { cell, columnOf } from './columns.ts'
import { depthPointsOf, fitIntensity } from './intensity.ts'
import type { DepthPoint, IntensityFit } from './intensity.ts'
import { markoutsOf } from './markouts.ts'
import type { Markout } from './markouts.ts'
import { DAY_MS, HOUR_MS, inventoryOf, periodsOf, quotingOf, tradingOf } from './run-figures.ts'
import type { InventoryFigures, PeriodFigures, QuotingFigures, TradingFigures } from './run-figures.ts'
import type { Recording } from './recording.ts'

/** What a report is made of: a backtest, or a run that happened, as its journal tells it. */
export interface ReportedRun {
  readonly figures: BacktestFigures
  readonly recording: Recording
  readonly market: MarketSpec
}

export interface BacktestFigures {
  readonly startTsMs: number
  readonly endTsMs: number
  readonly capitalMicroUsd: number
  readonly attribution: Attribution
  readonly returns: ReturnFigures
  readonly drawdown: Drawdown
  readonly trading: TradingFigures
  readonly markouts: readonly Markout[]
  readonly inventory: InventoryFigures
  readonly quoting: QuotingFigures
  readonly depth: readonly DepthPoint[]
  readonly intensityFit: IntensityFit | null
  /** Of the UTC clock, in order. */
  readonly hours: readonly PeriodFigures[]
  readonly days: readonly PeriodFigures[]
}

/** Of equity changes over even intervals, each over the capital at the start. Null with fewer than two of them. */
export interface ReturnFigures {
  readonly intervalMs: number
  readonly count: number
  /** Annualised by √(intervals per 365 days). */
  readonly sharpe: SharpeReport | null
  /** Standard error of `sharpe.sharpe`, annualised alike. */
  readonly sharpeStdErr: number | null
}

const INTERVALS_MS = [3_600_000, 600_000, 60_000, 10_000, 1_000] as const
const RETURNS_WANTED = 30
const YEAR_MS = 365 * 86_400_000

/** @throws InvariantError when money moved that no fill, fee, funding or liquidation tells of: no figure is given then */
export function figuresOf(recording: Recording): BacktestFigures {
  const { samples } = recording
  const depth = depthPointsOf(recording)
  const attribution = attributionOf(recording)
  assert(
    attribution.unexplainedMicroUsd === 0,
    `the parts of the PnL add up to the change of the account; ${attribution.unexplainedMicroUsd} micro-dollars do not`,
  )
  return {
    startTsMs: cell(samples, 'tsMs', 0),
    endTsMs: cell(samples, 'tsMs', samples.length - 1),
    capitalMicroUsd: cell(samples, 'equityMicroUsd', 0),
    attribution,
    returns: returnsOf(recording),
    drawdown: drawdownOf([...columnOf(samples, 'equityMicroUsd')]),
    trading: tradingOf(recording),
    markouts: markoutsOf(recording),
    inventory: inventoryOf(recording),
    quoting: quotingOf(recording),
    depth,
    intensityFit: fitIntensity(depth),
    hours: periodsOf(recording, HOUR_MS),
    days: periodsOf(recording, DAY_MS),
  }
}

/** The longest of a few intervals that gives enough returns: short ones are full of bounce, long ones are too few. */
export function intervalOf(spanMs: number): number {
  return INTERVALS_MS.find((ms) => spanMs / ms >= RETURNS_WANTED) ?? 1_000
}

function returnsOf(recording: Recording): ReturnFigures {
  const { samples, blockMs } = recording
  const spanMs = (samples.length - 1) * blockMs
  const stride = Math.ceil(intervalOf(spanMs) / blockMs)
  const intervalMs = stride * blockMs
  const equity = columnOf(samples, 'equityMicroUsd')
  const capital = equity[0] ?? 0
  const returns: number[] = []
  for (let row = stride; row < equity.length; row += stride) {
    returns.push(((equity[row] ?? 0) - (equity[row - stride] ?? 0)) / capital)
  }
  const periodsPerYear = YEAR_MS / intervalMs
  const sharpe = returns.length < 2 || capital <= 0 ? null : sharpeOf(returns, periodsPerYear)
  const stdErr = sharpe?.stdErrIid ?? null
  return {
    intervalMs,
    count: returns.length,
    sharpe,
    sharpeStdErr: stdErr === null ? null : stdErr * Math.sqrt(periodsPerYear),
  }
}
