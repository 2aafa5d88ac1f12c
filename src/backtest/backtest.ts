/**
 * One backtest: the shipped maker in a simulated or recorded market on virtual time, as fast as the processor allows, and what
 * came of it. The same options give the same hashes.
 */
import type { Approved } from '../core/command.ts'
import { hashToHex, initHash, mixText } from '../core/math/state-hash.ts'
import type { MarketSpec } from '../core/market.ts'
import { fullStateHash } from '../exchange/hash.ts'
import type { TapeSource } from '../simulation/tape.ts'
import { isFinished } from '../simulation/world.ts'
import { runClosedWorld } from './closed-world.ts'
import { initDelays, runDelayedWorld } from './delayed-world.ts'
import type { LatencyDraws } from './latency.ts'
import { limitedVenue } from './limited-venue.ts'
import type { LimitFigures } from './limited-venue.ts'
import { startRecorder } from './recorder.ts'
import type { Recording } from './recording.ts'
import { figuresOf } from './result.ts'
import type { BacktestFigures } from './result.ts'
import { openStage } from './stage.ts'
import type { EngineMaker, StageOptions } from './stage.ts'

export interface BacktestOptions extends StageOptions {
  /** Virtual minutes; null: to the end of the tape. */
  readonly minutes: number | null
  readonly engineOf: EngineMaker
  /** How long data and orders travel; left out: data arrives at once, and commands join the next block. */
  readonly latency?: LatencyDraws
  /** The venue's limits on requests hold; left out: they do not. */
  readonly rateLimits?: boolean
  /** Called about once per second of virtual time with the milliseconds played. */
  readonly onProgress?: (playedMs: number) => void
}

export interface BacktestRun {
  readonly figures: BacktestFigures
  readonly hashes: RunHashes
  readonly counts: RunCounts
  readonly recording: Recording
  readonly market: MarketSpec
  /** What was used of the venue's limits; null when they did not hold. */
  readonly limits: LimitFigures | null
  /** What the tape's reader had to say; null for a scenario. */
  readonly tape: TapeSource | null
}

export interface RunHashes {
  /** Everything the maker decided. */
  readonly engine: string
  /** The whole state of the exchange at the end. */
  readonly exchange: string
  /** Of both. */
  readonly run: string
}

export interface RunCounts {
  /** Inputs that the maker took. */
  readonly inputs: number
  /** Commands that the exchange applied. */
  readonly exchangeCommands: number
  readonly blocks: number
}

const MS_PER_MINUTE = 60_000
const SLICE_MS = 1_000

/** @throws SimulationError for an unknown market or scenario, or a tape of another coin */
export function runBacktest(options: BacktestOptions): BacktestRun {
  const stage = openStage(options)
  const { world, startTsMs } = stage
  const limited = options.rateLimits === true ? limitedVenue(stage.venue, world) : null
  const venue = limited ?? stage.venue
  const engine = options.engineOf(venue.market, venue.capital)
  const recorder = startRecorder(world, venue, engine)
  const endTsMs = options.minutes === null ? Infinity : startTsMs + options.minutes * MS_PER_MINUTE
  const delays = options.latency === undefined ? null : initDelays(options.latency)
  let engineHash = ''
  // In slices, because a tape may end before the time does; a run in slices takes the same steps as one in a piece.
  while (world.nowTsMs < endTsMs && !isFinished(world)) {
    const slice = {
      engine,
      venue,
      world,
      untilTsMs: Math.min(world.nowTsMs + SLICE_MS, endTsMs),
      onStep: (_: unknown, commands: readonly Approved[]) => recorder.onCommands(commands),
    }
    engineHash = delays === null ? runClosedWorld(slice) : runDelayedWorld(slice, delays)
    options.onProgress?.(world.nowTsMs - startTsMs)
  }
  recorder.stop()
  const exchangeHash = fullStateHash(world.exchange)
  const runHash = initHash()
  mixText(runHash, engineHash)
  mixText(runHash, exchangeHash)
  return {
    figures: figuresOf(recorder.recording),
    hashes: { engine: engineHash, exchange: exchangeHash, run: hashToHex(runHash) },
    counts: {
      inputs: engine.state.counters.steps,
      exchangeCommands: world.counters.commands,
      blocks: world.counters.blocks,
    },
    recording: recorder.recording,
    market: venue.market,
    limits: limited?.figures() ?? null,
    tape: options.tape ?? null,
  }
}
