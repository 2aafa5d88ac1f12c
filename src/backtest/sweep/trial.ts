/** One trial: a configuration in all windows. Scenarios give one market per window, a tape is cut into even stretches. */
import { hashToHex, initHash, mixText } from '../../core/math/state-hash.ts'
import type { QueueModel } from '../../core/queue/queue-models.ts'
import type { VenueSpec } from '../../exchange/instrument.ts'
import type { ScenarioChoice } from '../../simulation/scenarios.ts'
import { openData } from '../open-data.ts'
import { runBacktest } from '../backtest.ts'
import { drawsOf } from '../latency.ts'
import type { LatencyModel } from '../latency.ts'
import { sumLimits } from '../limited-venue.ts'
import type { LimitFigures } from '../limited-venue.ts'
import { intervalOf } from '../result.ts'
import { windowFigures } from './objective.ts'
import type { WindowFigures } from './objective.ts'
import type { EngineMaker } from '../stage.ts'

/** The markets that every trial meets; plain data, so that it travels to other threads. */
export interface TrialMarket {
  readonly coin: string
  /** Market whose mid the maker sees besides; '' or left out: none. */
  readonly reference?: string
  /** A shipped name, or all that a file says, so that results of another file are told apart. */
  readonly scenario: ScenarioChoice
  readonly tape: string | null
  readonly queue: QueueModel | null
  readonly latency: LatencyModel | null
  readonly seed: number
  readonly windowCount: number
  /** Of each window of a scenario; of the whole tape, null: to its end. */
  readonly minutes: number | null
  readonly blockMs: number
  readonly depositMicroUsd: number
  /** The venue's limits on requests hold; left out: they do not. */
  readonly rateLimits?: boolean
}

export interface TrialResult {
  readonly runHash: string
  readonly windows: readonly WindowFigures[]
  /** Over all windows; null when no limits held. */
  readonly limits: LimitFigures | null
}

const MS_PER_MINUTE = 60_000

/** @throws SimulationError for an unknown market or scenario, or a tape that cannot be read */
export function runTrial(market: TrialMarket, spec: VenueSpec, engineOf: EngineMaker): TrialResult {
  return market.tape === null
    ? overSeeds(market, spec, engineOf)
    : overTape(market, market.tape, spec, engineOf)
}

function overSeeds(market: TrialMarket, spec: VenueSpec, engineOf: EngineMaker): TrialResult {
  const intervalMs = intervalOf((market.minutes ?? 0) * MS_PER_MINUTE)
  const { coin, reference = '', scenario, blockMs, depositMicroUsd, minutes, latency } = market
  const rateLimits = market.rateLimits === true
  const limited: LimitFigures[] = []
  const hash = initHash()
  const windows = Array.from({ length: market.windowCount }, (_, index) => {
    const seed = market.seed + index
    const draws = latency === null ? {} : { latency: drawsOf(latency, seed) }
    const stage = { spec, coin, reference, scenario, seed, blockMs, depositMicroUsd }
    const { recording, hashes, limits } = runBacktest({ ...stage, minutes, engineOf, rateLimits, ...draws })
    if (limits !== null) limited.push(limits)
    mixText(hash, hashes.run)
    return windowFigures(recording, 0, recording.samples.length - 1, intervalMs)
  })
  return { runHash: hashToHex(hash), windows, limits: rateLimits ? sumLimits(limited) : null }
}

function overTape(market: TrialMarket, path: string, spec: VenueSpec, engineOf: EngineMaker): TrialResult {
  const {
    coin,
    reference = '',
    scenario,
    blockMs,
    depositMicroUsd,
    minutes,
    latency,
    queue,
    seed,
    windowCount,
  } = market
  const draws = latency === null ? {} : { latency: drawsOf(latency, seed) }
  const model = queue === null ? {} : { queue }
  const stage = { spec, coin, reference, scenario, seed, blockMs, depositMicroUsd, tape: openData(path) }
  const rateLimits = market.rateLimits === true
  const run = runBacktest({ ...stage, minutes, engineOf, rateLimits, ...model, ...draws })
  const { recording, hashes, limits } = run
  const last = recording.samples.length - 1
  const rowAt = (window: number): number => Math.floor((last * window) / windowCount)
  const intervalMs = intervalOf((last * recording.blockMs) / windowCount)
  const windows = Array.from({ length: windowCount }, (_, window) =>
    windowFigures(recording, rowAt(window), rowAt(window + 1), intervalMs),
  )
  return { runHash: hashes.run, windows, limits }
}
