/** `hypermake bias`: the maker decides the same whatever is still to come, or the first decision that does not. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBias } from '../backtest/bias.ts'
import type { BiasCheck, BiasReport, Decision } from '../backtest/bias.ts'
import { generateTape } from '../backtest/generate.ts'
import { toMicroUsd } from '../config/amounts.ts'
import type { EffectiveConfig } from '../config/config.ts'
import { readVenue } from '../config/venue-definitions.ts'
import { createEngine } from '../core/engine.ts'
import { openData } from '../backtest/open-data.ts'
import { startProgress } from './data-progress.ts'
import { enginePartsOf } from './engine-parts.ts'
import { exitCodes } from './exit-codes.ts'
import { scenarioAt } from './scenario.ts'

export interface BiasCommand {
  readonly config: EffectiveConfig
  readonly seed: number
  readonly minutes: number
  /** Recorded market; null: one that is recorded from the configured scenario first. */
  readonly tape: string | null
  /** Cuts, spread evenly over the time. */
  readonly cuts: number
  readonly json: boolean
}

/** @returns diverged at the first decision that depends on the future @throws ConfigError, SimulationError */
export function bias(command: BiasCommand): number {
  const folder = command.tape === null ? mkdtempSync(join(tmpdir(), 'hypermake-bias-')) : null
  try {
    const report = reportOf(command, command.tape ?? recordScenario(command, folder ?? ''))
    process.stdout.write(command.json ? `${JSON.stringify({ kind: 'bias', ...report })}\n` : textOf(report))
    return report.ok ? exitCodes.ok : exitCodes.diverged
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true })
  }
}

function coinOf({ config }: BiasCommand): string {
  const { dex, asset } = config.values.market
  return dex === '' || asset.includes(':') ? asset : `${dex}:${asset}`
}

function recordScenario(command: BiasCommand, folder: string): string {
  const { exchange } = command.config.values
  const path = join(folder, 'market.gz')
  const { seed, minutes } = command
  const spec = readVenue(exchange.markets)
  generateTape({
    spec,
    coin: coinOf(command),
    scenario: scenarioAt(exchange.scenario),
    seed,
    minutes,
    blockMs: exchange.blockMs,
    path,
  })
  return path
}

function reportOf(command: BiasCommand, path: string): BiasReport {
  const { values } = command.config
  const { blockMs, scenario, depositUsd, markets } = values.exchange
  const { seed, minutes, cuts } = command
  const progress = startProgress('bias', 1 + 2 * cuts, 'runs')
  const report = findBias({
    stage: {
      spec: readVenue(markets),
      coin: coinOf(command),
      reference: values.market.reference,
      depositMicroUsd: toMicroUsd(depositUsd),
      ...{ scenario: scenarioAt(scenario), seed, blockMs },
    },
    openTape: () => openData(path),
    minutes,
    cutShares: Array.from({ length: cuts }, (_, index) => (index + 1) / (cuts + 1)),
    engineOf: (market, capital) => createEngine(enginePartsOf(values, market, capital)),
    onProgress: (done) => progress.at(done),
  })
  progress.end()
  return report
}

function textOf(report: BiasReport): string {
  const seconds = (tsMs: number): string => `${((tsMs - report.startTsMs) / 1000).toFixed(1)} s`
  const lineOf = ({ future, cutTsMs, decisionCount, difference }: BiasCheck): string[] => [
    `  future ${future} after ${seconds(cutTsMs)}: ${decisionCount} decisions before it, ${difference === null ? 'all equal' : 'DIFFERENT'}`,
    ...(difference === null
      ? []
      : [
          `    as it is  ${decisionText(difference.whole)}`,
          `    changed   ${decisionText(difference.changed)}`,
        ]),
  ]
  return [
    `${report.decisionCount} decisions in ${seconds(report.endTsMs)}`,
    ...report.checks.flatMap(lineOf),
    report.ok
      ? 'no look-ahead: no decision depends on what came after it'
      : 'LOOK-AHEAD: see the first difference above',
    '',
  ].join('\n')
}

function decisionText(decision: Decision | null): string {
  return decision === null
    ? 'none'
    : `input ${decision.seq} (${decision.inputKind}) at ${decision.tsMs}: ${decision.commands}`
}
