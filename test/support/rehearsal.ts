/**
 * Plays a fault script with the shipped maker: embedded exchange, real wire, real adapter, engine, loop, outbox and journal, as
 * `hypermake run --faults` joins them, then the orderly way down. What is left over is compared with the exchange's own figures.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../../src/compose/embedded.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { readFaultData } from '../../src/compose/fault-script.ts'
import { startSession } from '../../src/compose/session.ts'
import { TEST_PRIVATE_KEY } from '../../src/compose/test-account.ts'
import { readVenueFigures, type SessionFigures } from '../../src/compose/venue-figures.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createEngine } from '../../src/core/engine.ts'
import type { Input } from '../../src/core/input.ts'
import { isAllDone } from '../../src/core/upkeep.ts'
import type { MakerView } from '../../src/core/view.ts'
import { viewOf } from '../../src/core/view-of.ts'
import { FORMAT_VERSION } from '../../src/journal/format.ts'
import { openJournal } from '../../src/journal/writer.ts'
import { createLog } from '../../src/ops/log.ts'
import { startClock } from '../../src/runtime/clock.ts'
import { openLatch } from '../../src/runtime/latch-keeper.ts'
import type { Fault } from '../../src/server/faults/script.ts'
import { walletOf } from '../../src/signing/wallet.ts'
import { openHyperliquid } from '../../src/venues/hyperliquid/adapter.ts'
import { repositoryRoot } from './sources.ts'

/** The `[rehearsal]` table of a script. */
export interface Rehearsal {
  /** Until the way down begins. */
  readonly seconds: number
  readonly scenario?: string
  readonly seed?: number
  /** Without a book for this long the maker renews its subscription; default `BOOK_SILENCE_MS`. */
  readonly book_silence_ms?: number
  /** `key=value` of the configuration, on top of those below. */
  readonly set?: readonly string[]
  /** What must hold at the end beside the laws that hold for all. */
  readonly expect: {
    /** Of the maker when the way down begins. */
    readonly states: readonly string[]
    /** Inputs of these kinds came at least so often. */
    readonly inputs?: Readonly<Record<string, number>>
    /** Connections that were made again: exactly so many. */
    readonly reconnects?: number
    readonly refusals_min?: number
    readonly bad_frames_min?: number
  }
}

export interface Outcome {
  readonly rehearsal: Rehearsal
  readonly view: MakerView
  readonly inputCounts: ReadonlyMap<string, number>
  readonly reconnectCount: number
  readonly badFrameCount: number
  /** Each fault with the number of times it struck. */
  readonly strikes: readonly (readonly [Fault, number])[]
  readonly uncertainCount: number
  readonly restingAfterStop: number
  readonly hasEnded: boolean
  readonly figures: SessionFigures
}

/** Quick where the defaults are patient, so that seconds suffice; every other key is as shipped. */
const QUICK: readonly string[] = [
  'market.dex=',
  'execution.resync_interval_ms=1500',
  'venue.reconnect_min_ms=100',
  'venue.reconnect_max_ms=400',
  'venue.submit_expiry_ms=2000',
  'risk.min_spread_floor_bps=1',
  'risk.maker_fee_rate_bps=0',
  // Orders move all the time: whatever second a fault picks, some are on their way.
  'execution.max_bps_diff=0.3',
  'execution.min_order_age_ms=200',
  'log.level=silent',
]
const BOOK_SILENCE_MS = 1_000
/** The exchange alone decides what has happened; this is how long the maker may take to agree, real ms. */
const STOP_MS_MAX = 8_000

export async function rehearse(path: string): Promise<Outcome> {
  // The table is of these tests alone: what is wrong in it fails the one that plays it.
  const { rehearsal } = (await readFaultData(path)) as { readonly rehearsal: Rehearsal }
  const { values, hash } = loadConfig({
    directory: join(repositoryRoot, 'config'),
    profile: null,
    files: [],
    environment: {},
    assignments: [...QUICK, ...(rehearsal.set ?? [])],
    flags: [],
  })
  const seed = rehearsal.seed ?? 1
  const clock = startClock()
  const log = createLog(values.log)
  const embedded = await startEmbedded({
    values,
    seed,
    tape: null,
    scenario: rehearsal.scenario ?? null,
    clock,
    host: '127.0.0.1',
    port: 0,
    log,
    faults: path,
  })
  const wallet = walletOf(TEST_PRIVATE_KEY)
  const venue = await openHyperliquid({
    network: 'local',
    apiUrl: embedded.apiUrl,
    wsUrl: embedded.wsUrl,
    isTestnet: true,
    dex: values.market.dex,
    asset: values.market.asset,
    wallet,
    account: wallet.address,
    nowMs: () => clock.nowMs(),
    initialIsolatedMarginUsd: values.market.initialIsolatedMargin,
    forceIsolated: values.market.forceIsolated,
    reconnectDelayMsMin: values.venue.reconnectMinMs,
    reconnectDelayMsMax: values.venue.reconnectMaxMs,
    submitExpiryMs: values.venue.submitExpiryMs,
    requestTimeoutMs: 1_500,
    bookSilenceMsMax: rehearsal.book_silence_ms ?? BOOK_SILENCE_MS,
    log: (level, message, fields) => log[level](message, fields),
  })
  const dir = mkdtempSync(join(tmpdir(), 'rehearsal-'))
  const failures: unknown[] = []
  const onFailure = (error: unknown): void => void failures.push(error)
  const epoch = clock.nowMs()
  const journal = await openJournal({
    dir,
    sync: 'never',
    onFailure,
    header: {
      formatVersion: FORMAT_VERSION,
      build: 'test',
      network: 'local',
      dex: values.market.dex,
      coin: venue.market.coin,
      account: wallet.address,
      configHash: hash,
      config: values,
      seed,
      epoch,
      createdTsMs: epoch,
    },
  })
  const engine = createEngine(enginePartsOf(values, venue.market))
  const latch = openLatch(join(dir, 'kill.json'))
  const inputCounts = new Map<string, number>()
  const session = startSession({
    engine,
    venue,
    journal,
    latch,
    clock,
    configHash: hash,
    epoch,
    timerMs: values.execution.timerMs,
    checkpointEvery: values.journal.checkpointEvery,
    onFailure,
    onStep: (input: Input) => void inputCounts.set(input.kind, (inputCounts.get(input.kind) ?? 0) + 1),
  })
  try {
    await venue.connect((input) => session.loop.push(input))
    // The script is about time: this waits for its end, on the clock that its times are in.
    const endTsMs = clock.nowMs() + rehearsal.seconds * 1_000
    await session.until(() => clock.nowMs() >= endTsMs, rehearsal.seconds * 1_000 + STOP_MS_MAX)
    // Between two answers the maker may for a moment have no quotes; it has to come back by itself.
    const { states, inputs } = rehearsal.expect
    const isSettled = (): boolean => {
      const now = viewOf(engine)
      const hasCome = Object.entries(inputs ?? {}).every(([kind, min]) => (inputCounts.get(kind) ?? 0) >= min)
      return states.includes(now.state) && now.uncertainOrderCount === 0 && hasCome
    }
    await session.until(isSettled, STOP_MS_MAX)
    const view = viewOf(engine)
    session.loop.push({ kind: 'operator', action: 'stop', reason: 'the rehearsal ends' })
    const hasEnded = await session.until(() => isAllDone(engine.state), STOP_MS_MAX)
    const restingAfterStop = await venue.cancelAll()
    const seen = engine.state.accountTsMs
    session.loop.push({ kind: 'operator', action: 'stop', reason: 'all orders were cancelled' })
    await session.until(() => engine.state.accountTsMs > seen, STOP_MS_MAX)
    const figures = await readVenueFigures(venue, engine, embedded.apiUrl)
    const strikes = (embedded.faultPlan?.script.fault ?? []).map(
      (fault, index) => [fault, embedded.faultPlan?.strikeCounts[index] ?? 0] as const,
    )
    if (failures.length > 0) throw failures[0]
    return {
      rehearsal,
      view,
      inputCounts,
      reconnectCount: venue.stats.reconnectCount,
      badFrameCount: venue.stats.badFrameCount,
      strikes,
      uncertainCount: view.uncertainOrderCount,
      restingAfterStop,
      hasEnded,
      figures,
    }
  } finally {
    await session.close()
    await venue.close()
    await latch.close()
    await journal.close()
    await embedded.close()
    rmSync(dir, { recursive: true, force: true })
  }
}
