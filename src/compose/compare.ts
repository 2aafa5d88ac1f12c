/** `hypermake compare`: strategies in the same simulated markets, seed by seed, as a table, JSON, CSV, or a page with plots. */
import { compare as runCompare } from '../backtest/compare.ts'
import type { CompareReport, CompareRow, CompareRun } from '../backtest/compare.ts'
import { comparePage } from '../backtest/report/compare-page.ts'
import type { Table } from '../backtest/report/tables.ts'
import type { Interval } from '../backtest/statistics.ts'
import { toMicroUsd } from '../config/amounts.ts'
import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import { packageVersion } from '../config/locate.ts'
import { readVenue } from '../config/venue-definitions.ts'
import { MISSING, numberText } from '../ops/format.ts'
import { planOf, scenarioNameOf, type ScenarioChoice } from '../simulation/scenarios.ts'
import { contenderOf } from './contenders.ts'
import { exitCodes } from './exit-codes.ts'
import { scenarioAt } from './scenario.ts'
import { tableText } from './text-table.ts'
import { writeWholeText } from '../journal/out-file.ts'

export interface CompareCommand {
  /** The configuration of the command line with further `key=value` on top. */
  readonly configOf: (assignments: readonly string[]) => Config
  readonly strategies: readonly string[]
  /** Null: `fixed-spread` when it takes part, else the first strategy. */
  readonly baseline: string | null
  readonly scenarios: readonly string[]
  readonly seedCount: number
  readonly firstSeed: number
  readonly minutes: number
  /** The venue's limits on requests hold. */
  readonly rateLimits: boolean
  readonly json: boolean
  /** File for the figures of every single run; null: none. */
  readonly csv: string | null
  /** File for the page with plots and tables; null: none. */
  readonly report: string | null
  readonly configHash: string
}

const BASELINE_PREFERRED = 'fixed-spread'
/** Progress is written at most this often: a terminal line is enough, a log should stay readable. */
const PROGRESS_STEPS = 40

/**
 * Each once: two files that say the same under one name are one market.
 * @throws ConfigError, SimulationError UNKNOWN_SCENARIO: before the first run, and not when its turn comes
 */
function scenariosOf({ scenarios }: CompareCommand): ScenarioChoice[] {
  const chosen = scenarios.map(scenarioAt)
  chosen.forEach(planOf)
  return [...new Map(chosen.map((one) => [scenarioNameOf(one), one])).values()]
}

/** @throws ConfigError, SimulationError for what cannot be compared */
export async function compareStrategies(command: CompareCommand): Promise<number> {
  const base = command.configOf([])
  const names = [...new Set(command.strategies)]
  const baseline =
    command.baseline ?? (names.includes(BASELINE_PREFERRED) ? BASELINE_PREFERRED : (names[0] ?? ''))
  if (!names.includes(baseline)) {
    throw new ConfigError(
      'BAD_VALUE',
      `--baseline ${baseline}: it is not among --strategies ${names.join(',')}`,
    )
  }
  const { dex, asset } = base.market
  const coin = dex === '' ? asset : `${dex}:${asset}`
  const report = runCompare({
    spec: readVenue(base.exchange.markets),
    contenders: names.map((name) => contenderOf(name, command.configOf)),
    baseline,
    coin,
    reference: base.market.reference,
    scenarios: scenariosOf(command),
    seeds: Array.from({ length: command.seedCount }, (_, index) => command.firstSeed + index),
    minutes: command.minutes,
    rateLimits: command.rateLimits,
    blockMs: base.exchange.blockMs,
    depositMicroUsd: toMicroUsd(base.exchange.depositUsd),
    onProgress: progressWriter(),
  })
  if (command.csv !== null) writeWholeText(command.csv, csvOf(report.runs))
  const lastSeed = command.firstSeed + command.seedCount - 1
  const title = `${command.seedCount} seeds (${command.firstSeed}…${lastSeed}), ${command.minutes} virtual minutes each${command.rateLimits ? ', the venue’s request limits hold' : ''}, ± is a 95 % interval`
  if (command.report !== null) {
    const facts = { title, coin, configHash: command.configHash, version: packageVersion() }
    writeWholeText(command.report, await comparePage(report, (scenario) => tablesOf(report, scenario), facts))
  }
  process.stdout.write(
    command.json
      ? `${JSON.stringify({ kind: 'compare', ...report })}\n`
      : `${title}\n${textOf(report)}${command.report === null ? '' : `\nreport in ${command.report}\n`}`,
  )
  return exitCodes.ok
}

function progressWriter(): (done: number, total: number) => void {
  const start = Date.now()
  let shown = -1
  return (done, total) => {
    const step = Math.floor((done * PROGRESS_STEPS) / total)
    if (step === shown) return
    shown = step
    const seconds = (Date.now() - start) / 1000
    const left = done === 0 ? '' : `, about ${Math.ceil((seconds * (total - done)) / done)} s left`
    process.stderr.write(`${done} of ${total} runs${left}\n`)
  }
}

const COLUMNS: readonly (readonly [head: string, cell: (row: CompareRow) => string])[] = [
  ['strategy', (row) => row.strategy],
  ['PnL $', (row) => intervalText(row.pnlUsd, 2)],
  ['over baseline $', (row) => intervalText(row.pnlOverBaselineUsd, 2)],
  ['PnL/risk', (row) => intervalText(row.pnlPerRisk, 2)],
  ['over baseline', (row) => intervalText(row.pnlPerRiskOverBaseline, 2)],
  ['mean |inv| $', (row) => intervalText(row.meanAbsInventoryUsd, 0)],
  ['× base', (row) => numberText(row.inventoryOverBaseline, 2)],
  ['max |inv| $', (row) => numberText(row.maxAbsInventoryUsd, 0)],
]

const LIMIT_COLUMNS: typeof COLUMNS = [
  ['of budget', (row) => percentText(row.budgetShare, 1)],
  ['weight peak', (row) => numberText(row.weightPeak, 0)],
  ['refused', (row) => numberText(row.refusedByLimits, 1)],
]

const MORE_COLUMNS: readonly (readonly [head: string, cell: (row: CompareRow) => string])[] = [
  ['strategy', (row) => row.strategy],
  ['spread $', (row) => numberText(row.spreadUsd, 2)],
  ['fees $', (row) => numberText(row.feesUsd, 2)],
  ['inventory $', (row) => numberText(row.inventoryUsd, 2)],
  ['fills', (row) => numberText(row.fills, 1)],
  ['volume $', (row) => numberText(row.volumeUsd, 0)],
  ['fill ratio', (row) => percentText(row.fillRatio, 2)],
  ['captured bps', (row) => numberText(row.spreadCapturedBps, 2)],
  ['adverse bps', (row) => numberText(row.adverseSelectionBps, 2)],
  ['quotes/fill', (row) => numberText(row.quotesPerFill, 1)],
  ['requests/fill', (row) => numberText(row.requestsPerFill, 1)],
  ['uptime', (row) => percentText(row.uptimeShare, 1)],
]

function textOf(report: CompareReport): string {
  const scenarios = [...new Set(report.rows.map((row) => row.scenario))]
  return scenarios
    .map((scenario) => {
      const tables = tablesOf(report, scenario).map(textOfTable)
      return `\n${scenario}, baseline ${report.baseline}\n${tables.join('\n')}`
    })
    .join('')
}

function tablesOf(report: CompareReport, scenario: string): Table[] {
  const rows = report.rows.filter((row) => row.scenario === scenario)
  const isLimited = rows.some((row) => row.refusedByLimits !== null)
  const table = (title: string, about: string, columns: typeof COLUMNS): Table => ({
    title,
    about,
    head: columns.map(([head]) => head),
    rows: rows.map((row) => columns.map(([, cell]) => cell(row))),
  })
  return [
    table('Result', '“Over baseline” is the mean of the differences seed by seed.', COLUMNS),
    table('Trading', 'Means over the seeds.', isLimited ? [...MORE_COLUMNS, ...LIMIT_COLUMNS] : MORE_COLUMNS),
  ]
}

function textOfTable({ head, rows }: Table): string {
  const figures = head.map((_, column) => column).slice(1)
  return tableText(head, rows, figures)
    .map((line) => `  ${line}\n`)
    .join('')
}

function intervalText(interval: Interval | null, digits: number): string {
  if (interval === null) return MISSING
  const middle = numberText(interval.mean, digits)
  return interval.halfWidth === null ? middle : `${middle} ± ${numberText(interval.halfWidth, digits)}`
}

function percentText(share: number | null, digits: number): string {
  return share === null ? MISSING : `${numberText(100 * share, digits)} %`
}

function csvOf(runs: readonly CompareRun[]): string {
  const first = runs[0]
  if (first === undefined) return ''
  const fields = Object.keys(first) as (keyof CompareRun)[]
  const lines = runs.map((run) => fields.map((field) => String(run[field] ?? '')).join(','))
  return `${[fields.join(','), ...lines].join('\n')}\n`
}
