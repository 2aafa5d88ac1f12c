/**
 * The embedded exchange with its participants, served on loopback: the venue of `hypermake run` without a network, and of
 * `hypermake exchange`. The world's virtual clock is driven from here by the session's clock.
 */
import type { Config } from '../config/config.ts'
import type { Deposit, VenueOptions } from '../config/options.ts'
import { readVenue } from '../config/venue-definitions.ts'
import { openData } from '../backtest/open-data.ts'
import { checkReference } from '../backtest/stage.ts'
import { assert } from '../core/assert.ts'
import { MICRO_USD_PER_USD } from '../core/units.ts'
import type { ExchangeCommand } from '../exchange/command.ts'
import type { VenueSpec } from '../exchange/instrument.ts'
import { listenError } from '../ops/errors.ts'
import type { Log } from '../ops/log.ts'
import type { Clock } from '../runtime/clock.ts'
import { type FaultPlan, isWithin } from '../server/faults/plan.ts'
import type { Fault, FaultScript } from '../server/faults/script.ts'
import { startServer } from '../server/server.ts'
import { walletOf } from '../signing/wallet.ts'
import { buildWorld } from '../simulation/default-market.ts'
import type { ScenarioPlan } from '../simulation/scenario-plan.ts'
import { planOf, scenarioNameOf } from '../simulation/scenarios.ts'
import type { TapeSource } from '../simulation/tape.ts'
import type { PriceGap } from '../simulation/price-process.ts'
import { advance, isFinished, submit } from '../simulation/world.ts'
import type { ParticipantFilter, World } from '../simulation/world.ts'
import { accountsIn } from './deposits.ts'
import type { ExchangeJournal } from './exchange-journal.ts'
import { readFaultScript } from './fault-script.ts'
import { scenarioAt } from './scenario.ts'
import { TEST_PRIVATE_KEY } from './test-account.ts'

export interface EmbeddedOptions extends Partial<VenueOptions> {
  readonly values: Config
  readonly seed: number
  /** Path of a recorded market, or null for the scenario. */
  readonly tape: string | null
  /** Null: the configured one. */
  readonly scenario: string | null
  readonly clock: Clock
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  readonly log: Log
  /** Sees every command that is applied; of an oracle price also how long it travelled, ms. */
  readonly onCommand?: (command: ExchangeCommand, travelledMs: number | null) => void
  /** Keeps every command; opening and closing it is the caller's. */
  readonly journal?: ExchangeJournal
  /** How long the making of a block took, microseconds of the process. */
  readonly onTook?: (micros: number) => void
}

export interface Embedded {
  readonly apiUrl: string
  readonly wsUrl: string
  readonly world: World
  readonly spec: VenueSpec
  /** What fails on purpose; null: nothing. */
  readonly faultPlan: FaultPlan | null
  /** What the market is made of, for people. */
  readonly source: string
  /** Who trades; null with a tape. */
  readonly scenario: ScenarioPlan | null
  /** Calls once when the tape has been played to its end; never without a tape. */
  onFinished(listener: () => void): void
  close(): Promise<void>
}

/** The world is advanced this many times a block, so that a block is late by a fraction of itself at most. */
const PUMPS_PER_BLOCK = 4
/** Signatures of both networks are taken: clients differ in which they sign for when the address is a local one. */
const SIGNING_NETWORK = 'any'

/**
 * @throws SimulationError for an unknown scenario or market, or a tape that cannot be read or is of another coin;
 *   ConfigError for a TOML file that cannot be read or a deposit or protection that is none; FaultScriptError for a bad script;
 *   OpsError PORT_TAKEN, CANNOT_LISTEN
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { values, clock, log } = options
  const spec = readVenue(values.exchange.markets)
  const tape = options.tape === null ? null : openData(options.tape)
  const { asset, dex, reference } = values.market
  checkReference(dex === '' ? asset : `${dex}:${asset}`, reference, tape ?? undefined)
  const blockMs = options.blockMs || values.exchange.blockMs
  const script = await scriptOf(options)
  const scenario = scenarioAt(options.scenario ?? values.exchange.scenario)
  const accounts = options.accounts ? accountsIn(options.accounts, spec) : { deposits: [], protections: [] }
  const deposits = [
    { address: walletOf(TEST_PRIVATE_KEY).address, usd: values.exchange.depositUsd },
    ...(options.deposits ?? []),
    ...accounts.deposits,
  ]
  const startTsMs = clock.nowMs()
  const marketFaults = script === null ? null : marketFaultsOf(script, startTsMs)
  const oracleSentTsMs = new Map<number, number>()
  const world: World = buildWorld({
    spec,
    seed: options.seed,
    blockMs,
    isImmediate: options.blockMs === 0,
    ...(options.scheduleCancelUsd === undefined || options.scheduleCancelUsd === null
      ? {}
      : { rules: { scheduleCancelVolumeGateMicroUsd: options.scheduleCancelUsd * MICRO_USD_PER_USD } }),
    startTsMs,
    // With a tape, a reference market shows what was recorded of it and not the tape itself.
    markets: (options.markets ?? aliveMarkets(spec, values, tape)).filter(
      (coin) => tape === null || coin !== reference,
    ),
    ...(tape === null ? { scenario } : { tape, ...(reference === '' ? {} : { tapeReference: reference }) }),
    ...marketFaults,
    lets: (command, tsMs) => {
      const isLet = marketFaults?.lets(command, tsMs) ?? true
      if (isLet && command.kind === 'oracle') oracleSentTsMs.set(command.assetId, tsMs)
      return isLet
    },
    onCommand: (command, exchange) => {
      options.journal?.note(command, exchange)
      const sentTsMs = command.kind === 'oracle' ? oracleSentTsMs.get(command.assetId) : undefined
      options.onCommand?.(command, sentTsMs === undefined ? null : world.nowTsMs - sentTsMs)
    },
  })
  const server = await startServer({
    world,
    spec,
    host: options.host,
    port: options.port,
    network: SIGNING_NETWORK,
    ...(options.rateLimits ? { rateLimits: options.rateLimits } : {}),
    speed: clock.speed,
    ...(script === null ? {} : { faults: script }),
    log: (level, message, fields) => log[level](message, fields),
  }).catch((cause: unknown) => {
    throw toListenError(cause, options)
  })
  // The server listens already: what comes in stands in the ledger of its account.
  for (const deposit of deposits) credit(world, spec, deposit)
  for (const protection of accounts.protections) {
    submit(world, protection, (answer) =>
      assert(answer.kind === 'done', `the protection of ${protection.account} is taken`),
    )
  }
  advance(world, world.nowTsMs + blockMs)
  const finishedListeners = new Set<() => void>()
  const pump = setInterval(
    () => {
      const blocks = world.counters.blocks
      const startedAt = performance.now()
      advance(world, clock.nowMs())
      const ranCount = world.counters.blocks - blocks
      if (ranCount > 0) options.onTook?.(((performance.now() - startedAt) * 1_000) / ranCount)
      if (tape === null || !isFinished(world)) return
      for (const listener of finishedListeners) listener()
      finishedListeners.clear()
    },
    Math.max(1, blockMs / PUMPS_PER_BLOCK / clock.speed),
  )
  return {
    apiUrl: server.url,
    wsUrl: server.wsUrl,
    world,
    spec,
    faultPlan: server.faults,
    scenario: tape === null ? planOf(scenario) : null,
    source:
      tape === null ? `scenario ${scenarioNameOf(scenario)}` : `tape ${tape.path}${speedText(clock.speed)}`,
    onFinished: (listener) => finishedListeners.add(listener),
    async close() {
      clearInterval(pump)
      await server.close()
    },
  }
}

/** A port that cannot be had is told with its remedy; any other failure as it is. */
function toListenError(cause: unknown, { host, port }: EmbeddedOptions): unknown {
  // A host that is a name is looked up first.
  const isListen =
    cause instanceof Error &&
    'syscall' in cause &&
    (cause.syscall === 'listen' || cause.syscall === 'getaddrinfo')
  return isListen
    ? listenError(cause, { host, port, remedy: 'choose another with --port, or 0 for any free one' })
    : cause
}

/** The market to be quoted and its main-DEX sibling; a name the venue does not have is the adapter's to refuse. */
function aliveMarkets(spec: VenueSpec, values: Config, tape: TapeSource | null): string[] {
  const base = values.market.asset.slice(values.market.asset.indexOf(':') + 1)
  const quoted = values.market.dex === '' ? [base] : [`${values.market.dex}:${base}`, base]
  const wanted = [...new Set([...quoted, values.market.reference])]
  const known = wanted.filter((coin) => spec.instruments.some((instrument) => instrument.coin === coin))
  if (known.length > 0 || tape === null) return known
  return spec.instruments.map(({ coin }) => coin).filter((coin) => coin === tape.coin)
}

/** Play money comes on every DEX, in the first block. */
function credit(world: World, spec: VenueSpec, { address, usd }: Deposit): void {
  for (const dex of spec.dexs) {
    const amountMicroUsd = Math.round(usd * MICRO_USD_PER_USD)
    submit(world, { kind: 'deposit', account: address, dexIndex: dex.index, amountMicroUsd }, (answer) =>
      assert(answer.kind === 'done', `the deposit of ${address} is taken`),
    )
  }
}

/** The fault script and the latency, which is a fault that always strikes, in one. */
async function scriptOf({ faults, latency }: EmbeddedOptions): Promise<FaultScript | null> {
  const script = faults ? await readFaultScript(faults) : null
  const delays: Fault[] = []
  const always = { at_sec: 0, share: 1 } as const
  if (latency?.actionsMs) {
    const [from, to] = latency.actionsMs
    delays.push({ kind: 'delay-request', ...always, requests: ['*'], ms: [from, to] })
  }
  if (latency?.feedsMs) {
    const [from, to] = latency.feedsMs
    delays.push({ kind: 'delay', ...always, channels: ['*'], ms: [from, to] })
  }
  if (script === null && delays.length === 0) return null
  return { about: '', seed: 1, ...script, fault: [...(script?.fault ?? []), ...delays] }
}

/** Faults of the market itself: part of the world, not of the wire. */
function marketFaultsOf(
  script: FaultScript,
  startTsMs: number,
): { readonly gaps: readonly PriceGap[]; readonly lets: ParticipantFilter } {
  const oracleGaps = script.fault.filter((fault) => fault.kind === 'oracle-gap')
  return {
    gaps: script.fault.flatMap((fault) =>
      fault.kind === 'price-jump' ? [{ atSec: fault.at_sec, bps: fault.bps }] : [],
    ),
    lets: (command, tsMs) =>
      command.kind !== 'oracle' || !oracleGaps.some((gap) => isWithin(gap, (tsMs - startTsMs) / 1_000)),
  }
}

function speedText(speed: number): string {
  return speed === 1 ? '' : `, ${speed} × real time`
}
