/**
 * Several strategies in the same markets: every strategy meets every seed of every scenario, and what it earns is compared
 * with the baseline seed by seed.
 *
 * in      strategies by name (the first one named `baseline` counts as such), scenarios, seeds
 * out     the figures of each run, and one row per scenario and strategy with 95 % intervals
 */
import { mean } from 'simple-statistics'
import { assert } from '../core/assert.ts'
import type { VenueSpec } from '../exchange/instrument.ts'
import { scenarioNameOf } from '../simulation/scenarios.ts'
import type { ScenarioChoice } from '../simulation/scenarios.ts'
import { runOne } from './run-one.ts'
import type { RunMetrics } from './run-metrics.ts'
import { meanInterval, pairedDifference, ratioDifference, ratioInterval } from './statistics.ts'
import type { Interval, RatioSample } from './statistics.ts'
import type { EngineMaker } from './stage.ts'

export interface Contender {
  readonly name: string
  readonly engineOf: EngineMaker
}

export interface CompareOptions {
  readonly contenders: readonly Contender[]
  /** Name of the one that the others are compared with. */
  readonly baseline: string
  /** DEXs and markets of the exchange. */
  readonly spec: VenueSpec
  readonly coin: string
  /** Market whose mid the makers see besides; '' or left out: none. */
  readonly reference?: string
  readonly scenarios: readonly ScenarioChoice[]
  /** Different whole numbers. */
  readonly seeds: readonly number[]
  /** Virtual minutes of each run. */
  readonly minutes: number
  readonly blockMs: number
  readonly depositMicroUsd: number
  /** The venue's limits on requests hold, for each run anew; left out: they do not. */
  readonly rateLimits?: boolean
  /** Called before the first and after each run. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface CompareRun extends RunMetrics {
  readonly scenario: string
  readonly strategy: string
  readonly seed: number
  /** As in `LimitFigures`; null when no limits held. */
  readonly limitUsedCount: number | null
  readonly limitCapCount: number | null
  readonly limitWeightPeak: number | null
  readonly limitRefusedCount: number | null
}

export interface CompareRow {
  readonly scenario: string
  readonly strategy: string
  readonly pnlUsd: Interval
  /** PnL less that of the baseline on the same seed; null for the baseline itself. */
  readonly pnlOverBaselineUsd: Interval | null
  readonly meanAbsInventoryUsd: Interval
  /** The largest over all seeds. */
  readonly maxAbsInventoryUsd: number
  /** Mean |inventory| over that of the baseline. */
  readonly inventoryOverBaseline: number | null
  /** Mean PnL over mean inventory risk, and the difference to the baseline's. */
  readonly pnlPerRisk: Interval | null
  readonly pnlPerRiskOverBaseline: Interval | null
  readonly spreadUsd: number
  readonly feesUsd: number
  readonly inventoryUsd: number
  readonly fills: number
  readonly volumeUsd: number
  readonly fillRatio: number | null
  readonly spreadCapturedBps: number | null
  readonly adverseSelectionBps: number | null
  readonly quotesPerFill: number | null
  readonly requestsPerFill: number | null
  readonly uptimeShare: number
  /** Share of the account's requests that was used, and orders and cancels that a limit refused, means; null: no limits held. */
  readonly budgetShare: number | null
  readonly refusedByLimits: number | null
  /** The most weight of a minute in any run. */
  readonly weightPeak: number | null
}

export interface CompareReport {
  readonly baseline: string
  readonly rows: readonly CompareRow[]
  readonly runs: readonly CompareRun[]
}

/** @throws SimulationError for an unknown market or scenario */
export function compare(options: CompareOptions): CompareReport {
  const { contenders, scenarios, seeds, baseline } = options
  assert(seeds.length > 0 && new Set(seeds).size === seeds.length, 'seeds are different and at least one')
  assert(
    contenders.some((contender) => contender.name === baseline),
    'the baseline is one of the strategies',
  )
  const total = contenders.length * scenarios.length * seeds.length
  const runs: CompareRun[] = []
  options.onProgress?.(0, total)
  for (const scenario of scenarios) {
    for (const seed of seeds) {
      for (const contender of contenders) {
        const { metrics, limits } = runOne({ ...options, scenario, seed }, contender.engineOf)
        runs.push({
          ...{ scenario: scenarioNameOf(scenario), strategy: contender.name, seed, ...metrics },
          limitUsedCount: limits?.usedCount ?? null,
          limitCapCount: limits?.capCount ?? null,
          limitWeightPeak: limits?.weightPeak ?? null,
          limitRefusedCount: limits?.refusedCount ?? null,
        })
        options.onProgress?.(runs.length, total)
      }
    }
  }
  return { baseline, rows: rowsOf(runs, baseline), runs }
}

/** One row per scenario and strategy, in the order in which they first ran. Runs of one strategy stand in seed order. */
export function rowsOf(runs: readonly CompareRun[], baseline: string): CompareRow[] {
  const rows: CompareRow[] = []
  for (const scenario of new Set(runs.map((run) => run.scenario))) {
    const ofScenario = runs.filter((run) => run.scenario === scenario)
    const base = ofScenario.filter((run) => run.strategy === baseline)
    for (const strategy of new Set(ofScenario.map((run) => run.strategy))) {
      rows.push(
        rowOf(
          ofScenario.filter((run) => run.strategy === strategy),
          strategy === baseline ? null : base,
        ),
      )
    }
  }
  return rows
}

function rowOf(runs: readonly CompareRun[], base: readonly CompareRun[] | null): CompareRow {
  const first = runs[0]
  assert(first !== undefined, 'a row has runs')
  const column = (of: readonly CompareRun[], field: keyof RunMetrics): number[] =>
    of.map((run) => run[field] ?? 0)
  const average = (field: keyof RunMetrics): number => mean(column(runs, field))
  const risk = runs.map(riskSample)
  const fills = average('fillCount')
  const inventory = meanInterval(column(runs, 'meanAbsInventoryUsd'))
  const isLimited = first.limitUsedCount !== null
  const baseInventory = base === null ? 0 : mean(column(base, 'meanAbsInventoryUsd'))
  return {
    scenario: first.scenario,
    strategy: first.strategy,
    pnlUsd: meanInterval(column(runs, 'pnlUsd')),
    pnlOverBaselineUsd:
      base === null ? null : pairedDifference(column(runs, 'pnlUsd'), column(base, 'pnlUsd')),
    meanAbsInventoryUsd: inventory,
    maxAbsInventoryUsd: Math.max(...column(runs, 'maxAbsInventoryUsd')),
    inventoryOverBaseline: base === null || baseInventory === 0 ? null : inventory.mean / baseInventory,
    pnlPerRisk: ratioInterval(risk),
    pnlPerRiskOverBaseline: base === null ? null : ratioDifference(risk, base.map(riskSample)),
    spreadUsd: average('spreadUsd'),
    feesUsd: average('feesUsd'),
    inventoryUsd: average('inventoryUsd'),
    fills,
    volumeUsd: average('volumeUsd'),
    fillRatio: meanOfKnown(runs, 'fillRatio'),
    spreadCapturedBps: meanOfKnown(runs, 'spreadCapturedBps'),
    adverseSelectionBps: meanOfKnown(runs, 'adverseSelectionBps'),
    quotesPerFill: fills === 0 ? null : average('quoteCount') / fills,
    requestsPerFill: fills === 0 ? null : average('requestCount') / fills,
    uptimeShare: average('uptimeShare'),
    budgetShare: isLimited
      ? mean(runs.map((run) => (run.limitUsedCount ?? 0) / (run.limitCapCount ?? 1)))
      : null,
    refusedByLimits: isLimited ? mean(runs.map((run) => run.limitRefusedCount ?? 0)) : null,
    weightPeak: isLimited ? Math.max(...runs.map((run) => run.limitWeightPeak ?? 0)) : null,
  }
}

function riskSample(run: CompareRun): RatioSample {
  return { numerator: run.pnlUsd, denominator: run.inventoryRiskUsd }
}

/** Mean over the runs in which the figure is defined; null when it never was. */
function meanOfKnown(runs: readonly CompareRun[], field: keyof RunMetrics): number | null {
  const known = runs.map((run) => run[field]).filter((value) => value !== null)
  return known.length === 0 ? null : mean(known)
}
