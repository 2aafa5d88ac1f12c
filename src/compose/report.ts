/**
 * `hypermake report DIR`: what a run earned and how, live, on paper or rehearsed, with the figures, plots and files of a backtest.
 * The journal is replayed on the way, so a report is also a proof: where the maker of this build decides otherwise than it did
 * then, there is no report.
 */
import { writeCsvFiles } from '../backtest/csv.ts'
import { recordJournal } from '../backtest/journal-recording.ts'
import type { JournalRecorder, JournalRecording } from '../backtest/journal-recording.ts'
import { reportPage } from '../backtest/report/page.ts'
import type { ReportFacts } from '../backtest/report/page.ts'
import { figuresOf } from '../backtest/result.ts'
import type { ReportedRun } from '../backtest/result.ts'
import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import type { MarketSpec } from '../core/market.ts'
import type { JournalHeader } from '../journal/format.ts'
import { replayJournal } from '../journal/replay.ts'
import type { ReplayReport } from '../journal/replay.ts'
import { journalStats } from '../journal/stats.ts'
import { readHeader } from '../journal/walk.ts'
import { durationText, usdText } from '../ops/format.ts'
import { startProgress } from './data-progress.ts'
import { exitCodes } from './exit-codes.ts'
import { figureLines } from './figures-text.ts'
import { makerConfigOf } from './journal-config.ts'
import { machineOf } from './replay.ts'
import { modeOf } from './run-mode.ts'
import type { RunMode } from './run-mode.ts'
import { writeWholeText } from '../journal/out-file.ts'

export interface ReportCommand {
  /** Journal of a maker's run. */
  readonly dir: string
  /** File for the page, folder for CSV files; null: none. */
  readonly out: string | null
  readonly csv: string | null
  readonly json: boolean
}

/** One run as its journal tells it. */
interface Told {
  readonly mode: RunMode
  readonly header: JournalHeader
  readonly config: Config
  readonly run: ReportedRun
  readonly venue: JournalRecording['venue']
  readonly replay: ReplayReport
}

/**
 * @returns 0; 5 when this build decides otherwise than the run did
 * @throws JournalError when the journal cannot be read or is another build's, ConfigError when it is no maker's or says too little
 */
export async function report(command: ReportCommand): Promise<number> {
  const replayed = replayOf(command.dir)
  if (replayed.replay.difference !== null) return sayDiverged(command, replayed)
  const told = tell(command.dir, replayed)
  if (command.csv !== null) writeCsvFiles(told.run.recording, command.csv)
  if (command.out !== null) writeWholeText(command.out, await reportPage(told.run, factsOf(told)))
  process.stdout.write(command.json ? jsonOf(told, command) : textOf(told, command))
  return exitCodes.ok
}

function sayDiverged({ dir, json }: ReportCommand, { header, replay }: Replayed): number {
  const { difference } = replay
  const lines = [
    `no report: this build decides otherwise from input ${difference?.seq} on (${difference?.what})`,
    `the run was made by build ${header.build}: report it with that one; hypermake replay ${dir} shows the difference`,
  ]
  process.stdout.write(
    `${json ? JSON.stringify({ kind: 'report', dir, diverged: true, difference }) : lines.join('\n')}\n`,
  )
  return exitCodes.diverged
}

interface Replayed extends Pick<Told, 'header' | 'config' | 'replay'> {
  readonly market: MarketSpec | null
  readonly recorder: JournalRecorder
}

function replayOf(dir: string): Replayed {
  const header = readHeader(dir)
  if (header.machine !== undefined) {
    const whose = header.machine === 'exchange' ? 'an exchange' : 'a recorder'
    const message = `${dir}: is the journal of ${whose}, and there is nothing earned in it; give the folder of a live, paper or rehearsed run`
    throw new ConfigError('BAD_VALUE', message)
  }
  const config = makerConfigOf(header)
  const { firstTsMs, lastTsMs, inputCount } = journalStats(dir)
  const progress = startProgress('report', inputCount, 'inputs')
  const recorder = recordJournal({ spanMs: (lastTsMs ?? 0) - (firstTsMs ?? 0) })
  let market: MarketSpec | null = null
  const replay = replayJournal(dir, () =>
    machineOf(header, {
      before: (engine, input) => recorder.before(engine, input),
      after(engine, input, commands) {
        recorder.after(engine, input, commands)
        market ??= engine.state.market
        progress.at(input.seq)
      },
    }),
  )
  progress.end()
  return { header, config, replay, recorder, market }
}

function tell(dir: string, { header, config, replay, recorder, market }: Replayed): Told {
  const found = recorder.finish()
  if (market === null || found === null) {
    const message = `${dir}: the run never had both an account and a book with two sides, so there is nothing to report; give the folder of a run that quoted`
    throw new ConfigError('BAD_VALUE', message)
  }
  const { recording, venue } = found
  return {
    mode: modeOf(header),
    header,
    config,
    run: { figures: figuresOf(recording), recording, market },
    venue,
    replay,
  }
}

const TITLES: Readonly<Record<RunMode, string>> = {
  paper: 'Paper run',
  live: 'Live run',
  rehearsal: 'Rehearsal',
}

function moneyOf({ mode, header }: Told): string {
  if (header.paper !== undefined) {
    const { queue, latency } = header.paper
    return `paper money: no order was sent; our fills by the queue model ${queue}, latency ${latency}`
  }
  return mode === 'live'
    ? 'real orders; fills, fees and funding as the venue told them'
    : 'simulated money; our orders rested in the embedded exchange’s own book'
}

function factsOf(told: Told): ReportFacts {
  const { header, config, replay } = told
  return {
    what: TITLES[told.mode],
    source: `${header.network}${header.seed === null || told.mode === 'live' ? '' : `, seed ${header.seed}`}`,
    money: moneyOf(told),
    strategy: config.strategy.name,
    configHash: header.configHash,
    version: header.build,
    hashes: [
      ['state', replay.finalStateHash],
      ['journal', replay.headHash],
    ],
    proof: `Every one of ${replay.commandCount} commands and ${replay.checkpointCount} state hashes came out again as recorded.`,
  }
}

function jsonOf(told: Told, { dir }: ReportCommand): string {
  const { mode, header, config, run, venue, replay } = told
  const of = { dir, mode, coin: run.market.coin, network: header.network, strategy: config.strategy.name }
  const { finalStateHash, headHash, inputCount, commandCount, isClosed } = replay
  const record = {
    kind: 'report',
    ...{ ...of, configHash: header.configHash, build: header.build, paper: header.paper ?? null },
    ...run.figures,
    venue,
    hashes: { engine: finalStateHash, journal: headHash },
    counts: { inputs: inputCount, commands: commandCount },
    isClosed,
  }
  return `${JSON.stringify(record)}\n`
}

function textOf(told: Told, command: ReportCommand): string {
  const { run, header, config, venue, replay } = told
  const { figures } = run
  const lines = [
    `${TITLES[told.mode].toLowerCase()} of ${config.strategy.name} on ${run.market.coin}, ${header.network}, ${durationText(figures.endTsMs - figures.startTsMs)}`,
    moneyOf(told),
    ...figureLines(run),
  ]
  if (venue !== null) {
    lines.push(
      `by the venue's account at ${new Date(venue.tsMs).toISOString()}: ${usdText(venue.changeMicroUsd, 6)} USD, by our books then ${usdText(venue.oursMicroUsd, 6)}`,
    )
  }
  lines.push(
    `state ${replay.finalStateHash}, journal ${replay.headHash}: ${replay.commandCount} commands and ${replay.checkpointCount} state hashes came out as recorded`,
  )
  if (!replay.isClosed) lines.push('the journal was not closed: the run was cut off, or still writes')
  if (command.csv !== null) lines.push(`CSV files in ${command.csv}`)
  if (command.out !== null) lines.push(`report in ${command.out}`)
  return `${lines.join('\n')}\n`
}
