/** `hypermake backtest`: the shipped maker in a simulated or recorded market in virtual time; figures, files and a report. */
import { performance } from 'node:perf_hooks'
import { runBacktest } from '../backtest/backtest.ts'
import type { BacktestRun } from '../backtest/backtest.ts'
import { limitText } from '../backtest/limited-venue.ts'
import { writeCsvFiles } from '../backtest/csv.ts'
import { openData } from '../backtest/open-data.ts'
import { reportPage } from '../backtest/report/page.ts'
import type { ReportFacts } from '../backtest/report/page.ts'
import { toMicroUsd } from '../config/amounts.ts'
import type { EffectiveConfig } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import { drawsOf } from '../backtest/latency.ts'
import type { LatencyModel } from '../backtest/latency.ts'
import { packageVersion } from '../config/locate.ts'
import { readVenue } from '../config/venue-definitions.ts'
import { createEngine } from '../core/engine.ts'
import { queueModelText } from '../core/queue/queue-models.ts'
import type { QueueModel } from '../core/queue/queue-models.ts'
import { numberText } from '../ops/format.ts'

import { scenarioNameOf } from '../simulation/scenarios.ts'
import { startProgress } from './data-progress.ts'
import { enginePartsOf } from './engine-parts.ts'
import { exitCodes } from './exit-codes.ts'
import { figureLines } from './figures-text.ts'
import { latencyModelOf, queueModelOf } from './models.ts'
import { scenarioAt } from './scenario.ts'
import { writeWholeText } from '../journal/out-file.ts'

export interface BacktestCommand {
  readonly config: EffectiveConfig
  readonly seed: number
  /** Null: to the end of the tape; a scenario needs one. */
  readonly minutes: number | null
  /** Recorded market, or null for the configured scenario. */
  readonly tape: string | null
  /** Queue model of the tape by name; null: pessimistic. A scenario has true queues and takes none. */
  readonly queue: string | null
  /** Latency model by name; null: none beside the wait for the next block. */
  readonly latency: string | null
  /** The venue's limits on requests hold. */
  readonly rateLimits: boolean
  readonly json: boolean
  /** Folder for CSV files, file for the report; null: none. */
  readonly csv: string | null
  readonly report: string | null
}

/** Samples kept in memory, one a block: 72 bytes each. Two days of blocks of 100 ms. */
const SAMPLES_MAX = 2_000_000
const MS_PER_MINUTE = 60_000

/** @throws ConfigError, SimulationError for what cannot be run */
export async function backtest(command: BacktestCommand): Promise<number> {
  const { values } = command.config
  const { blockMs, depositUsd } = values.exchange
  const { dex, asset } = values.market
  const queue = queueOf(command)
  const latency = latencyOf(command)
  const tape = command.tape === null ? null : openData(command.tape)
  const scenario = scenarioAt(values.exchange.scenario)
  if (((command.minutes ?? 0) * MS_PER_MINUTE) / blockMs > SAMPLES_MAX) {
    const minutesMax = Math.floor((SAMPLES_MAX * blockMs) / MS_PER_MINUTE)
    throw new ConfigError(
      'BAD_VALUE',
      `--minutes ${command.minutes}: at most ${minutesMax} with exchange.block_ms=${blockMs}`,
    )
  }
  const market =
    tape === null
      ? `scenario ${scenarioNameOf(scenario)}, seed ${command.seed}`
      : `tape ${command.tape ?? ''} (${tape.symbol}), queue ${queueModelText(queue)}`
  const source = command.latency === null ? market : `${market}, latency ${command.latency}`
  const total = command.minutes === null ? null : command.minutes * 60
  const progress = startProgress('backtest', total, 's')
  const start = performance.now()
  const run = runBacktest({
    spec: readVenue(values.exchange.markets),
    coin: dex === '' || asset.includes(':') ? asset : `${dex}:${asset}`,
    reference: values.market.reference,
    scenario,
    seed: command.seed,
    blockMs,
    depositMicroUsd: toMicroUsd(depositUsd),
    minutes: command.minutes,
    engineOf: (market, capital) => createEngine(enginePartsOf(values, market, capital)),
    onProgress: (playedMs) => progress.at(Math.floor(playedMs / 1000)),
    ...(tape === null ? {} : { tape, queue }),
    rateLimits: command.rateLimits,
    ...(latency === null ? {} : { latency: drawsOf(latency, command.seed) }),
  })
  const wallSec = (performance.now() - start) / 1000
  progress.end()
  if (command.csv !== null) writeCsvFiles(run.recording, command.csv)
  if (command.report !== null) {
    const { hashes } = run
    const facts: ReportFacts = {
      what: 'Backtest',
      source,
      money: `simulated money; ${tape === null ? 'our orders rested in the exchange’s own book, at their true place in the queue' : `our fills by the queue model ${queueModelText(queue)}`}`,
      strategy: values.strategy.name,
      configHash: command.config.hash,
      version: packageVersion(),
      hashes: [
        ['run', hashes.run],
        ['maker', hashes.engine],
        ['exchange', hashes.exchange],
      ],
      proof: 'The same build, configuration and market give the same hashes.',
    }
    writeWholeText(command.report, await reportPage(run, facts))
  }
  const speed = speedOf(run, wallSec)
  process.stdout.write(
    command.json ? jsonOf(run, source, speed, command) : textOf(run, source, speed, command),
  )
  return exitCodes.ok
}

/** @throws ConfigError for an unknown model, or one for a market whose queues are true */
export function queueOf({ queue, tape }: Pick<BacktestCommand, 'queue' | 'tape'>): QueueModel {
  if (queue === null) return { name: 'pessimistic' }
  if (tape === null) {
    const message = `--queue ${queue}: a scenario has true queues, because our orders rest in its book; leave it out, or give --data PATH`
    throw new ConfigError('BAD_VALUE', message)
  }
  return queueModelOf(queue)
}

/** @throws ConfigError for an unknown model, JournalError or SimulationError for a journal that tells none */
export function latencyOf({ latency }: Pick<BacktestCommand, 'latency'>): LatencyModel | null {
  return latency === null ? null : latencyModelOf(latency)
}

interface Speed {
  readonly wallSec: number
  readonly inputsPerSec: number
  readonly exchangeCommandsPerSec: number
  /** Seconds of the market per second of the clock. */
  readonly timesRealTime: number
}

function speedOf(run: BacktestRun, wallSec: number): Speed {
  const playedSec = (run.figures.endTsMs - run.figures.startTsMs) / 1000
  return {
    wallSec,
    inputsPerSec: run.counts.inputs / wallSec,
    exchangeCommandsPerSec: run.counts.exchangeCommands / wallSec,
    timesRealTime: playedSec / wallSec,
  }
}

function limitLines({ limits }: BacktestRun): string[] {
  return limits === null ? [] : [`limits: ${limitText(limits)}`]
}

function jsonOf(run: BacktestRun, source: string, speed: Speed, command: BacktestCommand): string {
  const { figures, hashes, counts, market, tape } = run
  const { values, hash } = command.config
  const read = tape === null ? null : { symbol: tape.symbol, ...tape.counters, firstDamage: tape.firstDamage }
  const of = { coin: market.coin, source, strategy: values.strategy.name, configHash: hash }
  return `${JSON.stringify({ kind: 'backtest', ...of, ...figures, limits: run.limits, hashes, counts, tape: read, speed })}\n`
}

function textOf(run: BacktestRun, source: string, speed: Speed, command: BacktestCommand): string {
  const { figures, hashes, market, tape } = run
  const lines = [
    `${command.config.values.strategy.name} on ${market.coin}, ${source}, ${(figures.endTsMs - figures.startTsMs) / 1000} s`,
    ...figureLines(run),
    ...limitLines(run),
    `hash ${hashes.run} (maker ${hashes.engine}, exchange ${hashes.exchange})`,
    `${numberText(speed.wallSec, 1)} s: ${numberText(speed.timesRealTime, 0)} × real time, ${numberText(speed.inputsPerSec, 0)} inputs/s to the maker, ${numberText(speed.exchangeCommandsPerSec, 0)} commands/s in the exchange`,
  ]
  if (tape !== null && tape.counters.damagedLines + tape.counters.gaps > 0) {
    const { damagedLines, gaps } = tape.counters
    lines.push(`tape: ${damagedLines} damaged lines left out, ${gaps} gaps; see hypermake data verify`)
  }
  if (command.csv !== null) lines.push(`CSV files in ${command.csv}`)
  if (command.report !== null) lines.push(`report in ${command.report}`)
  return `${lines.join('\n')}\n`
}
