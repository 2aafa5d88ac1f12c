/** What a sweep found, for a terminal: the best trials, the walk-forward path, and how much of it may be chance. */
import { limitText } from '../backtest/limited-venue.ts'
import type { SweepFindings } from '../backtest/sweep/evaluate.ts'
import { foldTable, marketText, sharpeText, trialRows } from '../backtest/sweep/report.ts'
import type { SweepResults } from '../backtest/sweep/results-file.ts'
import { numberText } from '../ops/format.ts'
import { tableText } from './text-table.ts'

const TRIALS_SHOWN = 10

export interface SweepFiles {
  readonly path: string
  /** Trials that were in the file already. */
  readonly doneBefore: number
  readonly report: string | null
}

export function sweepText({ head }: SweepResults, findings: SweepFindings, files: SweepFiles): string {
  const { ranked, refusedCount, firstRefusal, best } = findings
  const folds = foldTable(findings)
  const asConfigured = ranked.find((one) => one.trial === 0)
  const top = ranked.slice(0, TRIALS_SHOWN)
  const shown = asConfigured === undefined || top.includes(asConfigured) ? top : [...top, asConfigured]
  const trials = trialRows(head, shown)
  const right = trials.head.map((_, column) => column)
  const resumed = files.doneBefore === 0 ? '' : `; ${files.doneBefore} of them were there`
  return [
    `${head.method} on ${head.market.coin}, ${marketText(head)}`,
    `objective ${head.objective}, ${ranked.length + refusedCount} trials${resumed}`,
    ...(firstRefusal === null ? [] : [`${refusedCount} could not run; the first: ${firstRefusal}`]),
    '',
    ...tableText(trials.head, trials.rows, right),
    '* on the front of PnL and drawdown; trial 0 is the configuration as it is; dollars are means per searched window',
    '',
    ...(folds.rows.length === 0
      ? []
      : [folds.about, ...tableText(folds.head, folds.rows, [0, 1, 2, 3, 4]), '']),
    ...verdict(findings),
    ...(best === null ? [] : [`as a file: hypermake sweep apply ${files.path} --trial ${best.trial}`]),
    ...(files.report === null ? [] : [`report in ${files.report}`]),
    '',
  ].join('\n')
}

/** The best trial in sentences; the same lines are the evidence in a fragment. */
export function verdict(findings: SweepFindings): string[] {
  const { best } = findings
  if (best === null)
    return ['no trial has a score: nothing was traded, or nothing moved; give more --minutes']
  const lines = [
    `best: trial ${best.trial}, Sharpe per interval ${sharpeText(findings.searchSharpe)} on the searched windows, ${sharpeText(findings.heldOutSharpe)} on the held-out ones`,
    `the best of so many trials without merit would show ${numberText(findings.expectedBestSharpe, 3)}; probability that this one has merit (deflated Sharpe) ${numberText(findings.deflatedSharpe, 3)}`,
  ]
  if (findings.walkForwardSharpe !== null) {
    lines.push(`walk-forward: Sharpe per interval ${sharpeText(findings.walkForwardSharpe)}`)
  }
  if (best.limits !== null) {
    lines.push(`limits of the venue held; trial ${best.trial} over its windows: ${limitText(best.limits)}`)
  }
  return lines
}
