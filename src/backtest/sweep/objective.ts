/**
 * What a trial achieved in one window of the market, and scores over several windows. A window is a whole market of its own
 * (one seed), or a stretch of a tape.
 */
import { sharpeOf } from '../../core/math/performance.ts'
import type { SharpeReport } from '../../core/math/performance.ts'
import { cell } from '../columns.ts'
import type { Recording } from '../recording.ts'

/** Dollars in whole micro-dollars. */
export interface WindowFigures {
  readonly pnlMicroUsd: number
  readonly maxDrawdownMicroUsd: number
  readonly meanAbsInventoryMicroUsd: number
  readonly volumeMicroUsd: number
  readonly fillCount: number
  /** Changes of the account over even intervals, what Sharpe is made of. */
  readonly changesMicroUsd: readonly number[]
}

export const OBJECTIVES = ['sharpe', 'pnl', 'pnl-per-drawdown', 'pnl-per-inventory'] as const
export type Objective = (typeof OBJECTIVES)[number]

/** Figures of the samples `fromRow` … `toRow`, both included; what was there at `fromRow` is where the window begins. */
export function windowFigures(
  recording: Recording,
  fromRow: number,
  toRow: number,
  intervalMs: number,
): WindowFigures {
  const { samples, blockMs } = recording
  const equityAt = (row: number): number => cell(samples, 'equityMicroUsd', row)
  const first = equityAt(fromRow)
  let peak = first
  let fall = 0
  let held = 0
  for (let row = fromRow; row <= toRow; row += 1) {
    const equity = equityAt(row)
    peak = Math.max(peak, equity)
    fall = Math.max(fall, peak - equity)
    if (row > fromRow) held += Math.abs(cell(samples, 'positionLots', row)) * cell(samples, 'midTicks', row)
  }
  const stride = Math.ceil(intervalMs / blockMs)
  const changesMicroUsd: number[] = []
  for (let row = fromRow + stride; row <= toRow; row += stride) {
    changesMicroUsd.push(equityAt(row) - equityAt(row - stride))
  }
  // A fill is of the block after its sample.
  const fills = recording.fills.filter((fill) => fill.sampleIndex >= fromRow && fill.sampleIndex < toRow)
  return {
    pnlMicroUsd: equityAt(toRow) - first,
    maxDrawdownMicroUsd: fall,
    meanAbsInventoryMicroUsd: Math.round(held / Math.max(toRow - fromRow, 1)),
    volumeMicroUsd: fills.reduce((sum, fill) => sum + fill.priceTicks * fill.sizeLots, 0),
    fillCount: fills.length,
    changesMicroUsd,
  }
}

/** Higher is better; null where it is not defined: nothing moved, or nothing was at risk. */
export function scoreOf(objective: Objective, windows: readonly WindowFigures[]): number | null {
  const sum = (field: 'pnlMicroUsd' | 'maxDrawdownMicroUsd' | 'meanAbsInventoryMicroUsd'): number =>
    windows.reduce((total, window) => total + window[field], 0)
  switch (objective) {
    case 'sharpe':
      return pooledSharpe(windows)?.sharpePerPeriod ?? null
    case 'pnl':
      return windows.length === 0 ? null : sum('pnlMicroUsd') / windows.length / 1e6
    case 'pnl-per-drawdown':
      return sum('maxDrawdownMicroUsd') === 0 ? null : sum('pnlMicroUsd') / sum('maxDrawdownMicroUsd')
    case 'pnl-per-inventory':
      return sum('meanAbsInventoryMicroUsd') === 0
        ? null
        : sum('pnlMicroUsd') / sum('meanAbsInventoryMicroUsd')
  }
}

/** Of the changes of all windows together, per interval. Null with fewer than two, or without variation. */
export function pooledSharpe(windows: readonly WindowFigures[]): SharpeReport | null {
  const changes = windows.flatMap((window) => window.changesMicroUsd)
  if (changes.length < 2) return null
  const report = sharpeOf(changes, 1)
  return report.sharpePerPeriod === null ? null : report
}
