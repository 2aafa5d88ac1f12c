/**
 * `hypermake run`: joins config, embedded exchange or network, adapter, journal, engine and the HTTP server, and runs until
 * something ends it. What was started is stopped in the opposite order, whatever happens.
 * All the joining, and the order of it, in one place: the file is long.
 */
import type { RunOptions } from '../config/options.ts'
import { createEngine } from '../core/engine.ts'
import { viewOf } from '../core/view-of.ts'
import { bannerRecord, formatBanner } from '../ops/banner.ts'
import type { Banner } from '../ops/banner.ts'
import { healthOf } from '../ops/health.ts'
import { startHttp } from '../ops/http.ts'
import type { OpsServer } from '../ops/http.ts'
import { createLog } from '../ops/log.ts'
import type { Log } from '../ops/log.ts'
import {
  formatStatus,
  STATUS_PERIOD_PLAIN_MS,
  STATUS_PERIOD_TERMINAL_MS,
  statusRecord,
} from '../ops/status.ts'
import { releaseLock } from '../journal/lock.ts'
import { startClock } from '../runtime/clock.ts'
import type { Clock } from '../runtime/clock.ts'
import { createKillTimer } from '../runtime/kill-timer.ts'
import type { KillTimer } from '../runtime/kill-timer.ts'
import { heartbeatPath, startHeartbeat } from '../runtime/heartbeat.ts'
import type { Heartbeat } from '../runtime/heartbeat.ts'
import { openLatch } from '../runtime/latch-keeper.ts'
import { watchLoopLag } from '../runtime/loop-lag.ts'
import { openHyperliquid } from '../venues/hyperliquid/adapter.ts'
import type { HyperliquidVenue } from '../venues/hyperliquid/adapter.ts'
import { accountOf, checkLive } from './account.ts'
import { startEmbedded } from './embedded.ts'
import type { Embedded } from './embedded.ts'
import { listenForEnd } from './ending.ts'
import type { Endings } from './ending.ts'
import { connectionOf, endpointsOf } from './endpoints.ts'
import { enginePartsOf } from './engine-parts.ts'
import { createExchangeJournal } from './exchange-journal.ts'
import { exitCodes } from './exit-codes.ts'
import { makeControlToken, removeControlToken } from './control-token.ts'
import { watchKillTriggers } from './kill-triggers.ts'
import { endExchange, journalExchange } from './rehearsal-journal.ts'
import { isPaper, paperTermsOf, paperText, paperVenueOn, publicAccess, stateRootOf } from './paper.ts'
import type { PaperTerms } from './paper.ts'
import { startJournal } from './run-journal.ts'
import { applyLatch, latchPathOf } from './run-latch.ts'
import { noncesOf } from './nonces.ts'
import { keepPosition } from './run-position.ts'
import { say } from './running.ts'
import type { Running } from './running.ts'
import { startSession } from './session.ts'
import { checkStart, sizeStart } from './start-check.ts'
import { takeDown } from './take-down.ts'

const MS_PER_SEC = 1_000

/** How to stop what was started, in the order of starting. */
type Cleanups = (() => Promise<void> | void)[]

/** The run that the HTTP server shows; null until the maker knows its market. */
interface Shown {
  venue: HyperliquidVenue | null
  running: Running | null
  /** What `POST /kill` asks for. */
  token: string | null
  kill: (because: string, atMs: number) => void
}

/**
 * @returns the exit code (0 done, 1 failed, 3 refused, 4 kill switch, 130 left in a hurry)
 * @throws ConfigError, VenueError, OpsError, JournalError when it cannot start; nothing is left running then
 */
export async function runMaker(options: RunOptions): Promise<number> {
  const terms = paperTermsOf(options)
  const log = createLog(options.config.values.log, process.stderr, terms === null ? null : { mode: 'paper' })
  for (const warning of options.config.warnings) log.warn(warning)
  const refusal = checkLive(options)
  if (refusal !== null) {
    log.error(refusal)
    return exitCodes.refused
  }
  const cleanups: Cleanups = []
  try {
    return await run(options, terms, log, cleanups)
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
}

async function run(
  given: RunOptions,
  terms: PaperTerms | null,
  log: Log,
  cleanups: Cleanups,
): Promise<number> {
  // The port is taken first: when it is not free, nothing else has been started.
  const killTimer = createKillTimer()
  const shown: Shown = { running: null, venue: null, token: null, kill: () => undefined }
  const http = await startOps(given, shown)
  if (http !== null) cleanups.push(() => http.close())

  const clock = startClock(given.speed)
  const { values } = given.config
  const isEmbedded = values.venue.network === 'local' && values.venue.apiUrl === ''
  const exchangeJournal = createExchangeJournal()
  const embedded = isEmbedded
    ? await startEmbedded({
        ...{ ...given, values, clock, log, host: '127.0.0.1', port: 0 },
        journal: exchangeJournal,
      })
    : null
  if (embedded !== null) cleanups.push(() => endExchange(given, embedded, exchangeJournal))
  const source = await openVenue({ options: given, clock, embedded, log, killTimer })
  const paper =
    terms === null
      ? null
      : {
          terms,
          venue: paperVenueOn(source, {
            terms,
            seed: given.seed,
            nowMs: () => clock.nowMs(),
            speed: clock.speed,
          }),
        }
  const venue = paper?.venue ?? source
  cleanups.push(() => venue.close())
  shown.venue = venue

  const end = listenForEnd(given.durationMs, clock, embedded)
  cleanups.push(() => end.stopListening())
  const { apiUrl } = endpointsOf(values.venue, embedded)
  const options = await sizeStart(given, { venue, apiUrl, terms })
  const adoptBecause =
    paper === null ? await checkStart({ options, venue, apiUrl, log, isOwnWorld: isEmbedded }) : null
  const running = await startRun({ options, log, clock, venue, embedded, killTimer, paper }, end, cleanups)
  shown.running = running
  if (adoptBecause !== null) {
    running.session.loop.push({ kind: 'operator', action: 'adopt', reason: adoptBecause })
  }
  if (embedded !== null) await journalExchange(running, embedded, exchangeJournal, end)
  say(options, formatBanner, bannerRecord, bannerOf(running, http?.url ?? null))
  await applyLatch(running)
  listenForKill(running, shown, cleanups)

  const lag = watchLoopLag((loopLagMs) => running.session.loop.push({ kind: 'load', loopLagMs }))
  cleanups.push(() => lag.stop())
  const heartbeat = beat(running)
  cleanups.push(() => heartbeat.stop())
  await venue.connect((input) => running.session.loop.push(input))
  const status = setInterval(
    () => sayStatus(running),
    process.stdout.isTTY && !options.json ? STATUS_PERIOD_TERMINAL_MS : STATUS_PERIOD_PLAIN_MS,
  )
  cleanups.push(() => clearInterval(status))
  const ending = await end.wait()
  clearInterval(status)
  const { exitCode, restingCount } = await takeDown(running, ending, end.hurry)
  // What still rests is left to the watchdog: without a last word from here it sees the heartbeat stop.
  if (restingCount === 0) heartbeat.end()
  return exitCode
}

function sayStatus({ options, engine, paper }: Running): void {
  const view = viewOf(engine)
  if (paper === null) say(options, formatStatus, statusRecord, view)
  else
    say(
      options,
      (shown) => `PAPER ${formatStatus(shown)}`,
      (shown) => ({ ...statusRecord(shown), mode: 'paper' }),
      view,
    )
}

function beat({ options, venue, engine, log }: Running): Heartbeat {
  const { network, coin } = venue.market
  return startHeartbeat({
    path: heartbeatPath({ root: stateRootOf(options), network, coin }),
    epoch: engine.state.epoch,
    onFailure: (error) => log.warn('the heartbeat could not be written', { because: String(error) }),
  })
}

async function startOps(options: RunOptions, shown: Shown): Promise<OpsServer | null> {
  const { metrics } = options.config.values
  if (metrics.port === 0) return null
  const view = (): ReturnType<typeof viewOf> | null =>
    shown.running === null ? null : viewOf(shown.running.engine)
  return startHttp({
    ...metrics,
    view,
    ...(isPaper(options) ? { mode: 'paper' as const } : {}),
    requestCounts: () => shown.running?.venue.requestCounts ?? {},
    eventsWritten: () => shown.running?.journal.recordCount ?? 0,
    deadMan: () => shown.venue?.stats.deadMan ?? 'off',
    killTookMs: () => shown.running?.killTimer.tookMs ?? null,
    control: {
      token: () => shown.token,
      kill: (reason) => shown.kill(reason, performance.now()),
    },
    health: () => healthOf(view(), shown.running?.engine.state.isConnected ?? false),
  })
}

/** From here on a signal, the latch file and, with the token, HTTP trip the kill switch. */
function listenForKill(running: Running, shown: Shown, cleanups: Cleanups): void {
  const { log, engine, session, killTimer, options, venue } = running
  const trip = (because: string, atMs: number): void => {
    if (engine.state.killedBecause !== null) return
    killTimer.trigger(atMs)
    session.loop.push({ kind: 'operator', action: 'kill', reason: because })
  }
  const triggers = watchKillTriggers({ path: latchPathOf(running), trip, log })
  cleanups.push(() => triggers.stop())
  const { metrics } = options.config.values
  if (metrics.port === 0) return
  const { network, coin } = venue.market
  const control = makeControlToken({ root: stateRootOf(options), network, coin })
  cleanups.push(() => removeControlToken(control))
  shown.token = control.token
  shown.kill = trip
  log.info('POST /kill asks for the token of this run', { file: control.path })
}

function openVenue(of: {
  readonly options: RunOptions
  readonly clock: Clock
  readonly embedded: Embedded | null
  readonly log: Log
  readonly killTimer: KillTimer
}): Promise<HyperliquidVenue> {
  const { options, clock, embedded, log, killTimer } = of
  const { venue, market, margin } = options.config.values
  const root = options.config.values.journal.dir
  const access = isPaper(options) ? publicAccess() : accountOf(options)
  return openHyperliquid({
    ...endpointsOf(venue, embedded),
    ...access,
    ...(embedded !== null || access.wallet === null
      ? {}
      : { nonces: noncesOf({ root, signer: access.wallet.address, log }) }),
    ...connectionOf(options.config.values, clock, log),
    initialIsolatedMarginUsd: market.initialIsolatedMargin,
    forceIsolated: market.forceIsolated,
    leverage: margin.leverage,
    ...(margin.collateralSource === 'off' ? {} : { collateralSource: margin.collateralSource }),
    deadManLeadMs: venue.deadManSec * MS_PER_SEC,
    onSent: (type) => {
      if (type.startsWith('cancel')) killTimer.cancelSent(performance.now())
    },
  })
}

/** Journal, engine and session of the run. */
async function startRun(
  of: Pick<Running, 'options' | 'log' | 'clock' | 'venue' | 'embedded' | 'killTimer' | 'paper'>,
  end: Endings,
  cleanups: Cleanups,
): Promise<Running> {
  const { options, venue, clock } = of
  const { config } = options
  const onFailure = (error: unknown): void => end.fail(error)
  const { journal, journalDir, epoch, lock } = await startJournal(
    options,
    venue,
    clock,
    of.paper?.terms ?? null,
    onFailure,
  )
  cleanups.push(() => releaseLock(lock))
  cleanups.push(() => journal.close())
  const engine = createEngine(enginePartsOf(config.values, venue.market))
  const latch = openLatch(latchPathOf(of))
  cleanups.push(() => latch.close())
  const session = startSession({
    engine,
    venue,
    journal,
    // The run ends only with the switch on disk.
    latch: { keep: (record) => latch.keep(record).then(() => end.killed()) },
    clock,
    configHash: config.hash,
    epoch,
    timerMs: config.values.execution.timerMs,
    checkpointEvery: config.values.journal.checkpointEvery,
    onFailure,
    onStep: (input, _, startedMs) => {
      if (engine.state.killedBecause !== null) of.killTimer.trigger(startedMs)
      if (input.kind === 'account' && of.embedded === null && of.paper === null) keepPosition(running)
    },
  })
  cleanups.push(() => session.close())
  const { apiUrl } = endpointsOf(config.values.venue, of.embedded)
  const running: Running = { ...of, engine, journal, journalDir, session, apiUrl }
  return running
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
    ...(running.paper === null ? {} : { paper: paperText(running.paper.terms) }),
  }
}
