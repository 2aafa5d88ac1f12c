/**
 * What a sweep found. The windows are in order; the first are searched, the last are held out: no proposal and no choice ever
 * saw them. Walk-forward: for each held-out window the best trial of all windows before it is taken and scored on that one.
 */
import type { LimitFigures } from '../limited-venue.ts'
import { deflatedSharpe, expectedBestSharpe } from './deflated.ts'
import { pooledSharpe, scoreOf } from './objective.ts'
import type { Objective, WindowFigures } from './objective.ts'
import type { Settings } from './space.ts'

export interface Trial {
  /** 0: the configuration as it is; then the proposed ones. */
  readonly trial: number
  readonly settings: Settings
  /** SHA-256 of the trial's whole configuration; null when it may not be. */
  readonly configHash: string | null
  /** Of the runs: equal builds and settings give equal hashes. */
  readonly runHash: string | null
  /** Why the configuration may not be; null: it ran. */
  readonly refused: string | null
  /** In order; empty when it was refused. */
  readonly windows: readonly WindowFigures[]
  /** What was used of the venue's limits, over all windows; null, or left out by an older build: none held. */
  readonly limits?: LimitFigures | null
}

/** Means over windows. */
export interface TrialFigures {
  readonly trial: number
  readonly settings: Settings
  readonly searchScore: number | null
  readonly heldOutScore: number | null
  readonly pnlUsd: number
  readonly drawdownUsd: number
  readonly inventoryUsd: number
  readonly fills: number
  readonly heldOutPnlUsd: number
  /** No other trial earned as much with as small a drawdown, on the searched windows. */
  readonly isOnFront: boolean
  /** Null: no limits held. */
  readonly limits: LimitFigures | null
}

export interface Fold {
  /** Number of the held-out window, from 1. */
  readonly window: number
  readonly trial: number
  readonly scoreBefore: number
  readonly score: number | null
  readonly pnlUsd: number
}

export interface SweepFindings {
  readonly objective: Objective
  /** Every trial that ran, the best first; without a score last. */
  readonly ranked: readonly TrialFigures[]
  readonly refusedCount: number
  /** Why the first of them could not run; null: all ran. */
  readonly firstRefusal: string | null
  readonly best: TrialFigures | null
  /** Of the best, per interval, on the searched windows; and on the held-out ones. */
  readonly searchSharpe: SharpeWithError | null
  readonly heldOutSharpe: SharpeWithError | null
  /** Sharpe that the best of so many trials without merit would show. */
  readonly expectedBestSharpe: number | null
  /** Probability that the best trial's true Sharpe is above 0, so many trials considered. */
  readonly deflatedSharpe: number | null
  readonly folds: readonly Fold[]
  /** Sharpe per interval of the walk-forward path: each held-out window with the trial that was chosen before it. */
  readonly walkForwardSharpe: SharpeWithError | null
}

export interface SharpeWithError {
  readonly ratio: number
  readonly stdErr: number
  readonly count: number
}

const MICRO = 1e6

/** @param heldOut last windows that were not searched; 0: none */
export function findingsOf(trials: readonly Trial[], objective: Objective, heldOut: number): SweepFindings {
  const ran = trials.filter((trial) => trial.refused === null)
  const figures = ran.map((trial) => figuresOf(trial, objective, heldOut))
  const ranked = withFront(figures).toSorted(
    (one, two) => (two.searchScore ?? -Infinity) - (one.searchScore ?? -Infinity) || one.trial - two.trial,
  )
  const first = ranked[0]
  const best = first === undefined || first.searchScore === null ? null : first
  const bestTrial = ran.find((trial) => trial.trial === best?.trial)
  const searched = ran.map((trial) => searchedOf(trial, heldOut))
  const ratios = searched.flatMap((windows) => pooledSharpe(windows)?.sharpePerPeriod ?? [])
  const bestSearched = bestTrial === undefined ? [] : searchedOf(bestTrial, heldOut)
  const report = pooledSharpe(bestSearched)
  const folds = foldsOf(ran, objective, heldOut)
  const path = folds.flatMap(
    (fold) => ran.find((trial) => trial.trial === fold.trial)?.windows[fold.window - 1] ?? [],
  )
  return {
    objective,
    ranked,
    refusedCount: trials.length - ran.length,
    firstRefusal: trials.find((trial) => trial.refused !== null)?.refused ?? null,
    best,
    searchSharpe: sharpeWithError(bestSearched),
    heldOutSharpe: sharpeWithError(bestTrial === undefined ? [] : heldOutOf(bestTrial, heldOut)),
    expectedBestSharpe: expectedBestSharpe(ratios),
    deflatedSharpe: report === null ? null : deflatedSharpe(report, countOf(bestSearched), ratios),
    folds,
    walkForwardSharpe: sharpeWithError(path),
  }
}

export function searchedOf(trial: Trial, heldOut: number): readonly WindowFigures[] {
  return trial.windows.slice(0, trial.windows.length - heldOut)
}

function heldOutOf(trial: Trial, heldOut: number): readonly WindowFigures[] {
  return trial.windows.slice(trial.windows.length - heldOut)
}

function figuresOf(trial: Trial, objective: Objective, heldOut: number): TrialFigures {
  const searched = searchedOf(trial, heldOut)
  const last = heldOutOf(trial, heldOut)
  const mean = (
    of: readonly WindowFigures[],
    field: Exclude<keyof WindowFigures, 'changesMicroUsd'>,
  ): number => of.reduce((sum, window) => sum + window[field], 0) / Math.max(of.length, 1)
  return {
    trial: trial.trial,
    settings: trial.settings,
    searchScore: scoreOf(objective, searched),
    heldOutScore: heldOut === 0 ? null : scoreOf(objective, last),
    pnlUsd: mean(searched, 'pnlMicroUsd') / MICRO,
    drawdownUsd: mean(searched, 'maxDrawdownMicroUsd') / MICRO,
    inventoryUsd: mean(searched, 'meanAbsInventoryMicroUsd') / MICRO,
    fills: mean(searched, 'fillCount'),
    heldOutPnlUsd: mean(last, 'pnlMicroUsd') / MICRO,
    isOnFront: false,
    limits: trial.limits ?? null,
  }
}

/** Marks those that no other beats in PnL and drawdown both. */
function withFront(figures: readonly TrialFigures[]): TrialFigures[] {
  const beats = (one: TrialFigures, two: TrialFigures): boolean =>
    one.pnlUsd >= two.pnlUsd &&
    one.drawdownUsd <= two.drawdownUsd &&
    (one.pnlUsd > two.pnlUsd || one.drawdownUsd < two.drawdownUsd)
  return figures.map((one) => ({ ...one, isOnFront: !figures.some((other) => beats(other, one)) }))
}

function foldsOf(ran: readonly Trial[], objective: Objective, heldOut: number): Fold[] {
  const windowCount = ran[0]?.windows.length ?? 0
  return Array.from(
    { length: Math.min(heldOut, windowCount) },
    (_, index) => windowCount - heldOut + index,
  ).flatMap((at) => {
    let chosen: Trial | null = null
    let scoreBefore = -Infinity
    for (const trial of ran) {
      const score = scoreOf(objective, trial.windows.slice(0, at))
      if (score !== null && score > scoreBefore) [chosen, scoreBefore] = [trial, score]
    }
    const window = chosen?.windows[at]
    if (chosen === null || window === undefined) return []
    const score = scoreOf(objective, [window])
    return [{ window: at + 1, trial: chosen.trial, scoreBefore, score, pnlUsd: window.pnlMicroUsd / MICRO }]
  })
}

function countOf(windows: readonly WindowFigures[]): number {
  return windows.reduce((sum, window) => sum + window.changesMicroUsd.length, 0)
}

function sharpeWithError(windows: readonly WindowFigures[]): SharpeWithError | null {
  const report = pooledSharpe(windows)
  if (report === null || report.sharpePerPeriod === null || report.stdErrIid === null) return null
  return { ratio: report.sharpePerPeriod, stdErr: report.stdErrIid, count: countOf(windows) }
}
