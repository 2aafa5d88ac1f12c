/** `hypermake record`: what a venue shows of one market, kept as a journal of gzipped segments until something ends it. */
import { join } from 'node:path'
import type { EffectiveConfig } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import type { RawInput } from '../core/input.ts'
import { gzipSegments } from '../journal/compress.ts'
import { FORMAT_VERSION } from '../journal/format.ts'
import { createRunDir } from '../journal/run-dir.ts'
import { openJournal } from '../journal/writer.ts'
import type { JournalWriter } from '../journal/writer.ts'
import { durationText } from '../ops/format.ts'
import { createLog } from '../ops/log.ts'
import type { Log } from '../ops/log.ts'
import { startClock } from '../runtime/clock.ts'
import type { Clock } from '../runtime/clock.ts'
import { openHyperliquid } from '../venues/hyperliquid/adapter.ts'
import type { HyperliquidVenue } from '../venues/hyperliquid/adapter.ts'
import { isMarketInput } from '../venues/paper/paper-exchange.ts'
import { listenForEnd } from './ending.ts'
import { connectionOf, endpointsOf } from './endpoints.ts'
import { exitCodes } from './exit-codes.ts'
import { publicAccess } from './paper.ts'

export interface RecordOptions {
  readonly config: EffectiveConfig
  /** Null: until interrupted. */
  readonly durationMs: number | null
  /** Folder, new or empty; null: a new one below `recordings/` in the journal's folder. */
  readonly out: string | null
  readonly json: boolean
  readonly version: string
}

/** What was kept so far. */
interface Counts {
  book: number
  touch: number
  trade: number
  context: number
  /** Mids of the reference market. */
  reference: number
  /** Connections that were lost: gaps. */
  lost: number
}

const SEGMENT_BYTES = 16 * 1024 * 1024
const PROGRESS_TERMINAL_MS = 1_000
const PROGRESS_PLAIN_MS = 30_000

/**
 * @returns the exit code: 0, or 1 when the recording had to end
 * @throws ConfigError, VenueError, JournalError when it cannot start
 */
export async function record(options: RecordOptions): Promise<number> {
  const { values } = options.config
  if (values.venue.network === 'local' && values.venue.apiUrl === '') {
    throw new ConfigError(
      'BAD_VALUE',
      '--network local: there is nothing to record yet; start hypermake exchange and give its address with --api-url, choose testnet or mainnet, or make a recording with hypermake data gen',
    )
  }
  const log = createLog(values.log)
  const clock = startClock()
  const venue = await openSource(options, clock, log)
  const dir =
    options.out ??
    createRunDir(join(values.journal.dir, 'recordings'), { coin: venue.market.coin, tsMs: clock.nowMs() })
  const end = listenForEnd(options.durationMs, clock, null)
  const startTsMs = clock.nowMs()
  const journal = await openRecording(options, venue, dir, startTsMs, (error) => end.fail(error))
  const counts: Counts = { book: 0, touch: 0, trade: 0, context: 0, reference: 0, lost: 0 }
  const keep = keeperOf(journal, clock, counts)
  const { market, account } = venue
  const configHash = options.config.hash
  keep({ kind: 'sessionStarted', market, account, epoch: startTsMs, configHash })
  let gzipped = 0
  const isTerminal = process.stderr.isTTY
  const progress = setInterval(
    () => {
      gzipped = gzipSegments(dir, { isClosed: false, done: gzipped })
      showProgress(isTerminal, progressText(market.coin, counts, journal, clock.nowMs() - startTsMs))
    },
    isTerminal ? PROGRESS_TERMINAL_MS : PROGRESS_PLAIN_MS,
  )
  try {
    await venue.connect((input) => {
      try {
        keep(input)
      } catch (error) {
        end.fail(error)
      }
    })
    const ending = await end.wait()
    if (ending.kind === 'failed') throw ending.error
  } finally {
    clearInterval(progress)
    end.stopListening()
    await venue.close()
    await journal.close()
  }
  gzipSegments(dir, { isClosed: true, done: gzipped })
  const durationMs = clock.nowMs() - startTsMs
  if (isTerminal) process.stderr.write('\n')
  const summary = {
    kind: 'recording',
    dir,
    coin: market.coin,
    network: market.network,
    durationMs,
    ...counts,
  }
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ...summary, hash: journal.headHash })}\n`
      : `${progressText(market.coin, counts, journal, durationMs)} in ${dir}\n`,
  )
  return exitCodes.ok
}

function openSource({ config }: RecordOptions, clock: Clock, log: Log): Promise<HyperliquidVenue> {
  return openHyperliquid({
    ...endpointsOf(config.values.venue, null),
    ...publicAccess(),
    ...connectionOf(config.values, clock, log),
    initialIsolatedMarginUsd: 0,
    forceIsolated: false,
  })
}

function openRecording(
  { config, version }: RecordOptions,
  { market, account }: HyperliquidVenue,
  dir: string,
  createdTsMs: number,
  onFailure: (error: unknown) => void,
): Promise<JournalWriter> {
  const { network, dex, coin } = market
  return openJournal({
    dir,
    sync: config.values.journal.sync,
    segmentBytesMax: SEGMENT_BYTES,
    onFailure,
    header: {
      ...{ formatVersion: FORMAT_VERSION, build: version, network, dex, coin, account },
      ...{ configHash: config.hash, config: config.values, seed: null, epoch: createdTsMs, createdTsMs },
      machine: 'recorder',
    },
  })
}

/** Stamps as the maker's loop does: numbers from 1, time that never goes back. */
function keeperOf(journal: JournalWriter, clock: Clock, counts: Counts): (input: RawInput) => void {
  let seq = 0
  return (input) => {
    if (isMarketInput(input) || input.kind === 'reference') counts[input.kind] += 1
    else if (input.kind === 'connection' && !input.up) counts.lost += 1
    seq += 1
    journal.append({ kind: 'input', input: { ...input, seq, tsMs: clock.nowMs() } })
  }
}

function progressText(coin: string, counts: Counts, journal: JournalWriter, durationMs: number): string {
  const { book, touch, trade, context, reference, lost } = counts
  const megabytes = (journal.byteCount / 1e6).toFixed(2)
  return (
    `${coin} ${durationText(durationMs)}: ${book} books, ${touch} best prices, ${trade} trades, ${context} contexts, ` +
    (reference === 0 ? '' : `${reference} mids of the reference, `) +
    `${lost} interruptions, ${megabytes} MB before gzip`
  )
}

function showProgress(isTerminal: boolean, text: string): void {
  process.stderr.write(isTerminal ? `\r\x1b[K${text}` : `${text}\n`)
}
