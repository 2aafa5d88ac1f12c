/**
 * `hypermake run`: joins config, embedded exchange or network, adapter, journal, engine and the HTTP server, runs until
 * something ends it, and takes it down in order. The way down is the important half, so the file is long.
 */
import { healthOf } from '../ops/health.ts'
import { startHttp } from '../ops/http.ts'
import {
  formatStatus,
  STATUS_PERIOD_PLAIN_MS,
  STATUS_PERIOD_TERMINAL_MS,
  statusRecord,
} from '../ops/status.ts'
import { formatBanner, bannerRecord } from '../ops/banner.ts'
import type { Banner } from '../ops/banner.ts'
import { createLog } from '../ops/log.ts'
import type { Log } from '../ops/log.ts'
import { formatSummary, summarise, summaryRecord } from '../ops/summary.ts'
import type { RunOptions } from '../config/options.ts'
import { createEngine, engineHash } from '../core/engine.ts'
import type { Engine } from '../core/engine.ts'
import { isAllDone } from '../core/upkeep.ts'
import type { MakerView } from '../core/view.ts'
import { viewOf } from '../core/view-of.ts'
import { openJournal } from '../journal/writer.ts'
import type { JournalWriter } from '../journal/writer.ts'
import { createRunDir, nextEpoch } from '../journal/run-dir.ts'
import { FORMAT_VERSION } from '../journal/format.ts'
import { startClock } from '../runtime/clock.ts'
import type { Clock } from '../runtime/clock.ts'
import { clearLatch, latchPath, readLatch, writeLatch } from '../runtime/latch.ts'
import type { VenuePort } from '../venues/port.ts'
import { openHyperliquid } from '../venues/hyperliquid/adapter.ts'
import { accountOf, checkLive } from './account.ts'
import { startEmbedded } from './embedded.ts'
import type { Embedded } from './embedded.ts'
import { enginePartsOf } from './engine-parts.ts'
import { endpointsOf } from './endpoints.ts'
import { startSession } from './session.ts'
import type { Session } from './session.ts'
import { readVenueFigures } from './venue-figures.ts'
import { exitCodes } from './exit-codes.ts'

/** Everything that was started, so that it can be stopped in the opposite order. */
type Cleanup = () => Promise<void> | void

/** Own orders are given this long to end after a stop before the venue's list is worked through, real ms. */
const STOP_PATIENCE_MS = 3_000
/** Fills may be on their way for this long after the last cancel, real ms. */
const SETTLE_PATIENCE_MS = 5_000

/** Why a run ended. */
type Ending =
  | { readonly kind: 'signal' | 'duration' | 'tapeEnded' }
  | { readonly kind: 'killed' }
  | { readonly kind: 'failed'; readonly error: unknown }

interface Running {
  readonly options: RunOptions
  readonly log: Log
  readonly clock: Clock
  readonly engine: Engine
  readonly venue: VenuePort
  readonly journal: JournalWriter
  readonly journalDir: string
  readonly session: Session
  readonly embedded: Embedded | null
  readonly apiUrl: string
}

/**
 * @returns the exit code (0 done, 1 failed, 3 refused, 4 kill switch, 130 left in a hurry)
 * @throws ConfigError, VenueError, OpsError, JournalError when it cannot start; nothing is left running then
 */
export async function runMaker(options: RunOptions): Promise<number> {
  const cleanups: Cleanup[] = []
  try {
    return await run(options, cleanups)
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
}

async function run(options: RunOptions, cleanups: Cleanup[]): Promise<number> {
  const { config } = options
  const values = config.values
  const log = createLog(values.log)
  for (const warning of config.warnings) log.warn(warning)
  const live = checkLive(options)
  if (live !== null) {
    log.error(live)
    return exitCodes.refused
  }

  // The port is taken first: when it is not free, nothing else has been started.
  const shown: { view: (() => MakerView) | null; engine: Engine | null; venue: VenuePort | null } = {
    view: null,
    engine: null,
    venue: null,
  }
  const http =
    values.metrics.port === 0
      ? null
      : await startHttp({
          ...values.metrics,
          view: () => shown.view?.() ?? null,
          requestCounts: () => shown.venue?.requestCounts ?? {},
          health: () => healthOf(shown.view?.() ?? null, shown.engine?.state.isConnected ?? false),
        })
  if (http !== null) cleanups.push(() => http.close())

  const clock = startClock(options.speed)
  const { wallet, account } = accountOf(options)
  const isEmbedded = values.venue.network === 'local' && values.venue.apiUrl === ''
  const embedded = isEmbedded
    ? await startEmbedded({ ...options, values, clock, log, host: '127.0.0.1', port: 0 })
    : null
  if (embedded !== null) cleanups.push(() => embedded.close())
  const { apiUrl, wsUrl } = endpointsOf(values.venue, embedded)

  const venue = await openHyperliquid({
    network: values.venue.network,
    apiUrl,
    wsUrl,
    isTestnet: values.venue.network !== 'mainnet',
    dex: values.market.dex,
    asset: values.market.asset,
    wallet,
    account,
    nowMs: () => clock.nowMs(),
    initialIsolatedMarginUsd: values.market.initialIsolatedMargin,
    forceIsolated: values.market.forceIsolated,
    reconnectDelayMsMin: values.venue.reconnectMinMs,
    reconnectDelayMsMax: values.venue.reconnectMaxMs,
    submitExpiryMs: values.venue.submitExpiryMs,
    log: (level, message, fields) => log[level](message, fields),
  })
  cleanups.push(() => venue.close())

  const { journal, journalDir, epoch } = await startJournal(options, venue, clock, (error) => end.fail(error))
  cleanups.push(() => journal.close())
  const engine = createEngine(enginePartsOf(values, venue.market))
  const end = endings(options, clock, embedded)
  cleanups.push(() => end.stopListening())
  const session = startSession({
    engine,
    venue,
    journal,
    clock,
    configHash: config.hash,
    epoch,
    timerMs: values.execution.timerMs,
    checkpointEvery: values.journal.checkpointEvery,
    onFailure: (error) => end.fail(error),
    onStep: () => {
      if (engine.state.killedBecause !== null) end.killed()
    },
  })
  cleanups.push(() => session.close())
  shown.view = () => viewOf(engine)
  shown.engine = engine
  shown.venue = venue

  const running: Running = {
    options,
    log,
    clock,
    engine,
    venue,
    journal,
    journalDir,
    session,
    embedded,
    apiUrl,
  }
  say(options, formatBanner, bannerRecord, bannerOf(running, http?.url ?? null))
  applyLatch(running)

  await venue.connect((input) => session.loop.push(input))
  const status = setInterval(
    () => say(options, formatStatus, statusRecord, viewOf(engine)),
    process.stdout.isTTY && !options.json ? STATUS_PERIOD_TERMINAL_MS : STATUS_PERIOD_PLAIN_MS,
  )
  cleanups.push(() => clearInterval(status))
  const ending = await end.wait()
  clearInterval(status)
  return takeDown(running, ending, end.hurry)
}

/** Prints for people or for pipes. */
function say<T>(
  options: RunOptions,
  text: (value: T) => string,
  record: (value: T) => object,
  value: T,
): void {
  process.stdout.write(`${options.json ? JSON.stringify(record(value)) : text(value)}\n`)
}

function bannerOf(running: Running, metricsUrl: string | null): Banner {
  const { options, venue, embedded } = running
  return {
    version: options.version,
    network: venue.market.network,
    coin: venue.market.coin,
    assetId: venue.market.assetId,
    account: venue.account,
    exchangeUrl: running.apiUrl,
    metricsUrl: metricsUrl === null ? null : `${metricsUrl}/metrics`,
    journalDir: running.journalDir,
    seed: options.seed,
    configHash: options.config.hash,
    source: embedded?.source ?? null,
  }
}

async function startJournal(
  options: RunOptions,
  venue: VenuePort,
  clock: Clock,
  onFailure: (error: unknown) => void,
): Promise<{ readonly journal: JournalWriter; readonly journalDir: string; readonly epoch: number }> {
  const { config, version, seed } = options
  const root = config.values.journal.dir
  const nowMs = clock.nowMs()
  const epoch = nextEpoch(root, nowMs)
  const journalDir = options.journalDir ?? createRunDir(root, { coin: venue.market.coin, tsMs: nowMs })
  const journal = await openJournal({
    dir: journalDir,
    sync: config.values.journal.sync,
    onFailure,
    header: {
      formatVersion: FORMAT_VERSION,
      build: version,
      network: venue.market.network,
      dex: venue.market.dex,
      coin: venue.market.coin,
      account: venue.account,
      configHash: config.hash,
      config: config.values,
      seed,
      epoch,
      createdTsMs: nowMs,
    },
  })
  return { journal, journalDir, epoch }
}

/** A kill switch that an earlier run set holds in this one, unless the operator resets it; both are journalled. */
function applyLatch(running: Running): void {
  const { options, venue, session, log } = running
  const path = latchPathOf(running)
  const latch = readLatch(path)
  if (latch === null) return
  session.loop.push({ kind: 'operator', action: 'kill', reason: latch.because })
  if (options.resetKill === null) {
    log.error(`the kill switch of ${venue.market.coin} is set: ${latch.because}`)
    return
  }
  session.loop.push({ kind: 'operator', action: 'resetKill', reason: options.resetKill })
  clearLatch(path)
  log.warn(`the kill switch was reset: ${options.resetKill}`)
}

function latchPathOf(running: Running): string {
  const { network, coin } = running.venue.market
  return latchPath({ root: running.options.config.values.journal.dir, network, coin })
}

/** Waits for whatever ends a run first; a second signal asks to leave at once. */
function endings(
  options: RunOptions,
  clock: Clock,
  embedded: Embedded | null,
): {
  wait(): Promise<Ending>
  fail(error: unknown): void
  killed(): void
  stopListening(): void
  /** Resolves at the second signal. */
  readonly hurry: Promise<void>
} {
  let settle: (ending: Ending) => void = () => undefined
  const ended = new Promise<Ending>((resolve) => {
    settle = resolve
  })
  let leaveAtOnce: () => void = () => undefined
  const hurry = new Promise<void>((resolve) => {
    leaveAtOnce = resolve
  })
  let signalCount = 0
  const onSignal = (): void => {
    signalCount += 1
    if (signalCount === 1) settle({ kind: 'signal' })
    else leaveAtOnce()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const timer =
    options.durationMs === null
      ? null
      : setTimeout(() => settle({ kind: 'duration' }), options.durationMs / clock.speed)
  embedded?.onFinished(() => settle({ kind: 'tapeEnded' }))
  return {
    wait: () => ended,
    fail: (error) => settle({ kind: 'failed', error }),
    killed: () => settle({ kind: 'killed' }),
    stopListening() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
      if (timer !== null) clearTimeout(timer)
    },
    hurry,
  }
}

/** Stop quoting, cancel all, confirm with the exchange that nothing rests, compare, say how it was. */
async function takeDown(running: Running, ending: Ending, hurry: Promise<void>): Promise<number> {
  const { log, venue, session, engine, options } = running
  if (ending.kind === 'failed') {
    log.error('stopping: a part of the maker failed', { error: errorText(ending.error) })
    const resting = await venue.cancelAll()
    if (resting > 0) log.error(`${resting} orders still rest at the exchange`)
    return exitCodes.failed
  }
  if (ending.kind === 'killed' && engine.state.killedBecause !== null) {
    writeLatch(latchPathOf(running), { because: engine.state.killedBecause, tsMs: engine.state.tsMs })
    log.error(`kill switch: ${engine.state.killedBecause}`)
  }
  const inHurry = hurry.then(() => 'hurry' as const)
  const orderly = stopInOrder(running).then((resting) => ({ resting }))
  const outcome = await Promise.race([inHurry, orderly])
  if (outcome === 'hurry') {
    const resting = await venue.cancelAll()
    log.warn(`left at the second signal with ${resting} orders resting`)
    return exitCodes.interrupted
  }
  if (outcome.resting > 0) log.error(`${outcome.resting} orders still rest at the exchange`)
  const view = viewOf(engine)
  const figures = await readVenueFigures(venue, engine, running.apiUrl).catch((error: unknown) => {
    log.error('the exchange could not be asked for its figures', { error: errorText(error) })
    return null
  })
  await session.close()
  const { journal } = running
  journal.append({ kind: 'checkpoint', seq: engine.state.seq, stateHash: engineHash(engine) })
  await journal.close()
  const summary = summarise({
    view,
    ours: figures?.ours ?? {
      positionLots: view.positionLots,
      openOrderCount: view.openOrderCount,
      feesMicroUsd: engine.state.ledger.feesMicroUsd,
      pnlMicroUsd: view.pnl.totalMicroUsd,
    },
    durationMs: running.engine.state.tsMs - engine.state.epoch,
    requestCounts: venue.requestCounts,
    seed: options.seed,
    configHash: options.config.hash,
    journal: { dir: running.journalDir, hash: running.journal.headHash },
    venue: figures?.venue ?? null,
  })
  say(options, formatSummary, summaryRecord, summary)
  if (ending.kind === 'killed') return exitCodes.killed
  return outcome.resting > 0 ? exitCodes.failed : exitCodes.ok
}

/** @returns how many orders still rest according to the exchange */
async function stopInOrder(running: Running): Promise<number> {
  const { session, engine, venue, log } = running
  session.loop.push({ kind: 'operator', action: 'stop', reason: 'the run ends' })
  const hasEnded = await session.until(() => isAllDone(engine.state), STOP_PATIENCE_MS)
  if (!hasEnded) log.warn('some orders have not ended yet: working through the list of the exchange')
  const resting = await venue.cancelAll()
  // The last fills and the final account state are still wanted in the journal.
  const seen = engine.state.accountTsMs
  session.loop.push({ kind: 'operator', action: 'stop', reason: 'all orders were cancelled' })
  await session.until(() => engine.state.accountTsMs > seen, SETTLE_PATIENCE_MS)
  return resting
}

function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
