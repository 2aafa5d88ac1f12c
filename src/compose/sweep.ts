/**
 * `hypermake sweep`: many configurations in the same markets, searched on some windows and judged on others. Trials run in
 * worker threads; what is proposed and what is written does not depend on how many there are.
 */
import { assert } from '../core/assert.ts'
import { latencyOf, queueOf } from './backtest.ts'
import { openData } from '../backtest/open-data.ts'
import { openStage } from '../backtest/stage.ts'
import { findingsOf, searchedOf } from '../backtest/sweep/evaluate.ts'
import type { Trial } from '../backtest/sweep/evaluate.ts'
import { scoreOf } from '../backtest/sweep/objective.ts'
import type { Objective } from '../backtest/sweep/objective.ts'
import { proposeTrial, readyUntil } from '../backtest/sweep/propose.ts'
import type { KnownTrial, SweepMethod } from '../backtest/sweep/propose.ts'
import { appendTrial, openResults } from '../backtest/sweep/results-file.ts'
import type { SweepHead, SweepResults } from '../backtest/sweep/results-file.ts'
import { gridCount } from '../backtest/sweep/space.ts'
import type { Dimension, Settings } from '../backtest/sweep/space.ts'
import { sweepPage } from '../backtest/sweep/report.ts'
import { toMicroUsd } from '../config/amounts.ts'
import type { Config, EffectiveConfig } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import { readVenue } from '../config/venue-definitions.ts'
import { packageVersion } from '../config/locate.ts'
import { startProgress } from './data-progress.ts'
import type { Progress } from './data-progress.ts'
import { exitCodes } from './exit-codes.ts'
import { scenarioAt } from './scenario.ts'
import { openSweepPool } from './sweep-pool.ts'
import type { SweepPool } from './sweep-pool.ts'
import { readSpace } from './sweep-space.ts'
import { sweepText } from './sweep-text.ts'
import { writeWholeText } from '../journal/out-file.ts'

export interface SweepCommand {
  /** The configuration of the command line with further `key=value` on top. */
  readonly configOf: (assignments: readonly string[]) => EffectiveConfig
  /** File of the space. */
  readonly space: string
  /** Beside the configuration as it is; null: the whole grid. */
  readonly trials: number | null
  readonly workers: number
  readonly method: SweepMethod
  readonly objective: Objective
  /** Seed of the search, and of the first window of a scenario. */
  readonly seed: number
  readonly windows: number
  readonly heldOut: number
  readonly minutes: number | null
  readonly tape: string | null
  readonly queue: string | null
  readonly latency: string | null
  /** The venue's limits on requests hold. */
  readonly rateLimits: boolean
  /** File of the results; an earlier sweep in it goes on. */
  readonly out: string
  readonly report: string | null
  readonly json: boolean
}

const TRIALS_DEFAULT = 64

/** @throws ConfigError, SimulationError for what cannot be swept */
export async function sweep(command: SweepCommand): Promise<number> {
  const space = readSpace(command.space)
  const total = trialCount(command, space)
  if (command.heldOut >= command.windows) {
    const message = `--held-out ${command.heldOut}: some of the ${command.windows} windows must be left to search on; write less, or more --windows`
    throw new ConfigError('BAD_VALUE', message)
  }
  const head = headOf(command, space)
  // Before anything is written: results of a market that cannot be played would stand in the way of the next sweep.
  checkPlayable(command.configOf([]).values, head.market)
  const results = openResults(command.out, head)
  const doneBefore = results.trials.length
  const progress = startProgress('sweep', total + 1, 'trials')
  progress.at(doneBefore)
  const pool = openSweepPool(command.workers)
  try {
    await runTrials({ command, space, results, pool, progress, total })
  } finally {
    progress.end()
    await pool.end()
  }
  const findings = findingsOf(results.trials, command.objective, command.heldOut)
  if (command.report !== null) writeWholeText(command.report, await sweepPage(results, findings))
  process.stdout.write(
    command.json
      ? `${JSON.stringify({ kind: 'sweep', results: command.out, resumedFrom: doneBefore, head: results.head, ...findings })}\n`
      : sweepText(results, findings, { path: command.out, doneBefore, report: command.report }),
  )
  return exitCodes.ok
}

/** @throws SimulationError for an unknown market or scenario, or a tape that cannot be played there */
function checkPlayable({ exchange }: Config, market: SweepHead['market']): void {
  const { tape, queue: _, ...stage } = market
  openStage({
    ...stage,
    spec: readVenue(exchange.markets),
    ...(tape === null ? {} : { tape: openData(tape) }),
  })
}

function trialCount({ method, trials }: SweepCommand, space: readonly Dimension[]): number {
  if (method !== 'grid') return trials ?? TRIALS_DEFAULT
  const points = gridCount(space)
  if (trials !== null && trials < points) {
    const message = `--trials ${trials}: the grid has ${points} points; write at least so many, fewer steps, or another --method`
    throw new ConfigError('BAD_VALUE', message)
  }
  return points
}

function headOf(command: SweepCommand, space: readonly Dimension[]): SweepHead {
  const base = command.configOf([])
  const { dex, asset, reference } = base.values.market
  const { scenario, blockMs, depositUsd } = base.values.exchange
  const { method, objective, heldOut, tape, seed, minutes } = command
  return {
    kind: 'sweep',
    format: 1,
    build: packageVersion(),
    configHash: base.hash,
    space,
    method,
    objective,
    heldOut,
    market: {
      coin: dex === '' || asset.includes(':') ? asset : `${dex}:${asset}`,
      reference,
      scenario: scenarioAt(scenario),
      tape,
      queue: tape === null && command.queue === null ? null : queueOf(command),
      latency: latencyOf(command),
      seed,
      windowCount: command.windows,
      minutes,
      blockMs,
      depositMicroUsd: toMicroUsd(depositUsd),
      // Left out where it says nothing new: results of before go on.
      ...(command.rateLimits ? { rateLimits: true } : {}),
    },
  }
}

interface Running {
  readonly command: SweepCommand
  readonly space: readonly Dimension[]
  readonly results: SweepResults
  readonly pool: SweepPool
  readonly progress: Progress
  /** Proposed trials; trial 0 is the configuration as it is. */
  readonly total: number
}

/** Started before the one that is waited for is finished: enough to keep every worker busy behind a slow trial. */
const AHEAD_PER_WORKER = 4

/** Starts trials as far as they can be proposed, and writes each when all before it are written. */
async function runTrials(running: Running): Promise<void> {
  const { command, results, progress, total } = running
  checkDone(running)
  const pending: Promise<Trial>[] = []
  while (results.trials.length <= total) {
    // Trial 0 stands outside of the search, so that the first proposals run beside it.
    const until = readyUntil(command.method, Math.max(results.trials.length - 1, 0), total)
    for (;;) {
      const next = results.trials.length + pending.length
      if (next > until || pending.length >= command.workers * AHEAD_PER_WORKER) break
      const started = startTrial(running, next)
      // A rejected one is met below, in its turn; until then it must not count as unhandled.
      started.catch(() => undefined)
      pending.push(started)
    }
    const first = pending.shift()
    assert(first !== undefined, 'there is a trial to wait for while some are left')
    const trial = await first
    appendTrial(command.out, trial)
    results.trials.push(trial)
    progress.at(results.trials.length)
  }
}

function settingsOf({ command, space, results }: Running, trial: number): Settings {
  if (trial === 0) return []
  const known: KnownTrial[] = results.trials.slice(1).map((one) => ({
    settings: one.settings,
    score: scoreOf(command.objective, searchedOf(one, command.heldOut)),
  }))
  return proposeTrial(command.method, space, command.seed, trial - 1, known)
}

async function startTrial(running: Running, trial: number): Promise<Trial> {
  const { command, space, results, pool } = running
  const settings = settingsOf(running, trial)
  const config = configOrRefusal(command, space, settings)
  if (typeof config === 'string') {
    return { trial, settings, configHash: null, runHash: null, refused: config, windows: [], limits: null }
  }
  const { runHash, windows, limits } = await pool.run({ market: results.head.market, values: config.values })
  return { trial, settings, configHash: config.hash, runHash, refused: null, windows, limits }
}

/** Values that do not go together are a trial that cannot run, and say so in the results. */
function configOrRefusal(
  command: SweepCommand,
  space: readonly Dimension[],
  settings: Settings,
): EffectiveConfig | string {
  try {
    return command.configOf(assignmentsOf(space, settings))
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}

export function assignmentsOf(space: readonly Dimension[], settings: Settings): string[] {
  return settings.map((value, index) => {
    const dimension = space[index]
    assert(dimension !== undefined, 'settings have the dimensions of their space')
    return `${dimension.key}=${String(value)}`
  })
}

/** What an earlier sweep wrote must be what this one would have tried: the same places and the same configurations. */
function checkDone(running: Running): void {
  const { command, space, results } = running
  for (const { trial, settings, configHash } of results.trials) {
    const expected = settingsOf(running, trial)
    const config = configOrRefusal(command, space, expected)
    const hash = typeof config === 'string' ? null : config.hash
    if (JSON.stringify(settings) !== JSON.stringify(expected) || hash !== configHash) {
      const message = `${command.out}: trial ${trial} is of another configuration than this sweep would try; choose another --out, or delete it`
      throw new ConfigError('BAD_VALUE', message)
    }
  }
}
