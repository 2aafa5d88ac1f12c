/** `hypermake sweep apply`: the settings of one trial as a TOML fragment for `--config`, with what speaks for them above it. */
import { findingsOf } from '../backtest/sweep/evaluate.ts'
import { marketText } from '../backtest/sweep/report.ts'
import { readResults } from '../backtest/sweep/results-file.ts'
import type { SettingValue } from '../backtest/sweep/space.ts'
import { ConfigError } from '../config/errors.ts'
import { numberText } from '../ops/format.ts'
import { exitCodes } from './exit-codes.ts'
import { verdict } from './sweep-text.ts'
import { writeWholeText } from '../journal/out-file.ts'

export interface SweepApplyCommand {
  readonly results: string
  /** Null: the best by the objective. */
  readonly trial: number | null
  /** Null: stdout. */
  readonly out: string | null
}

/** @throws SimulationError BAD_RESULTS, ConfigError for a trial that is not there or could not run */
export function sweepApply(command: SweepApplyCommand): number {
  const { head, trials } = readResults(command.results)
  const findings = findingsOf(trials, head.objective, head.heldOut)
  const number = command.trial ?? findings.best?.trial
  if (number === undefined) {
    throw new ConfigError('BAD_VALUE', `${command.results}: no trial has a score; name one with --trial N`)
  }
  const trial = findings.ranked.find((one) => one.trial === number)
  if (trial === undefined) {
    const refused = trials[number]?.refused
    const why = refused ? `it could not run: ${refused}` : `the last is ${trials.length - 1}`
    throw new ConfigError('BAD_VALUE', `${command.results}: there is no figure of trial ${number}; ${why}`)
  }
  const entries = head.space.flatMap((dimension, index) => {
    const value = trial.settings[index]
    return value === undefined ? [] : [[dimension.key, value] as const]
  })
  const comments = [
    `Settings of trial ${number} of a sweep: ${trials.length} trials by ${head.method}, objective ${head.objective}.`,
    `Market: ${head.market.coin}, ${marketText(head)}.`,
    `Objective ${numberText(trial.searchScore, 4)} on the searched windows, ${numberText(trial.heldOutScore, 4)} on the held-out ones.`,
    `Means per searched window: PnL ${numberText(trial.pnlUsd, 2)} USD, max drawdown ${numberText(trial.drawdownUsd, 2)} USD, inventory ${numberText(trial.inventoryUsd, 0)} USD, ${numberText(trial.fills, 1)} fills.`,
    ...verdict(findings).map(sentence),
    `Build ${head.build}, configuration ${head.configHash}, trial ${trials[number]?.configHash ?? ''}, run ${trials[number]?.runHash ?? ''}.`,
  ]
  const text = fragmentOf(comments, entries)
  if (command.out === null) process.stdout.write(text)
  else writeWholeText(command.out, text)
  return exitCodes.ok
}

function sentence(line: string): string {
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}.`
}

/** Keys under their tables, in the order given; a comment stands on a line of its own. */
export function fragmentOf(
  comments: readonly string[],
  entries: readonly (readonly [key: string, value: SettingValue, comment?: string])[],
): string {
  const tables = new Map<string, string[]>()
  for (const [key, value, comment] of entries) {
    const dot = key.lastIndexOf('.')
    const lines = tables.get(key.slice(0, dot)) ?? []
    tables.set(key.slice(0, dot), lines)
    lines.push(
      `${key.slice(dot + 1)} = ${JSON.stringify(value)}${comment === undefined ? '' : ` # ${comment}`}`,
    )
  }
  const parts = [...tables].map(([table, lines]) => `[${table}]\n${lines.join('\n')}\n`)
  return [`${comments.map((line) => `# ${line}`).join('\n')}\n`, ...parts].join('\n')
}
